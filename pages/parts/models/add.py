"""The form that adds an endpoint to this session."""

import streamlit as st

from core.errors import InputError
from pages.parts.shared.problems import problem_text
from pages.parts.shared.session_models import add_endpoint
from pages.parts.shared.texts import t, term

ORIGINS = ("unknown", "China", "West", "other")


def show_add_form() -> None:
    """Draw the form. When it is sent, the model is added and chosen on this page."""
    st.markdown(t("endpoint.intro"))
    if st.session_state.pop("endpoint_sent", False):
        st.session_state["endpoint_key"] = ""  # the session's key ring has it now, and no page does
    with st.form("endpoint_form", clear_on_submit=False):
        left, right = st.columns(2)
        name = left.text_input(t("endpoint.name"), key="endpoint_name", placeholder=t("endpoint.name_example"))
        address = right.text_input(
            t("endpoint.address"), key="endpoint_address", placeholder=t("endpoint.address_example")
        )
        remote = left.text_input(t("endpoint.id"), key="endpoint_id", placeholder=t("endpoint.id_example"))
        key = right.text_input(t("endpoint.key"), key="endpoint_key", type="password", autocomplete="off")
        developer = left.text_input(t("endpoint.developer"), key="endpoint_developer")
        origin = right.selectbox(
            t("endpoint.origin"), ORIGINS, format_func=lambda v: term("origin_choice", v), key="endpoint_origin"
        )
        sent = st.form_submit_button(t("endpoint.add"), type="primary", icon=":material/add:")
    if not sent:
        return
    try:
        model = add_endpoint(name, address, remote, key, origin or "unknown", developer)
    except InputError as error:
        st.error(problem_text(error), icon=":material/error:")
        return
    st.session_state["added_endpoint"] = model.id
    st.session_state["endpoint_sent"] = True
    st.rerun()
