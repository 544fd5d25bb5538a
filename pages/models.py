"""Models: which there are, what each can tell, and how to reach one more."""

import streamlit as st

from core.settings import settings
from core.text import plain
from pages.parts.app.frame import inside_app
from pages.parts.models.add import show_add_form
from pages.parts.models.details import show_model
from pages.parts.models.table import is_ready, pick_filters, show_table
from pages.parts.shared import resources
from pages.parts.shared.names import model_name
from pages.parts.shared.problems import show_catalogue_problems
from pages.parts.shared.readings import known_readings, store_state
from pages.parts.shared.texts import t

inside_app()

st.title(t("models_page.title"), anchor=False)
st.markdown(t("models_page.intro"))
show_catalogue_problems()

known = resources.models()
cards = set(known_readings(store_state())["model_id"])
added = st.session_state.pop("added_endpoint", None)
if added in known:
    st.session_state["model"] = added
    st.session_state["just_added"] = added

shown = pick_filters(known.values())
if shown:
    ready = sum(is_ready(model) for model in shown)
    st.caption(t("models_page.summary", shown=len(shown), total=len(known), ready=ready))
    show_table(shown, cards)
else:
    st.info(f"{t('models_page.none')} {t('models_page.none_hint')}", icon=":material/filter_alt_off:")

st.header(t("model_details.title"), anchor=False)
if st.session_state.get("model") not in known:
    st.session_state.pop("model", None)
names = {name: model_name(name) for name in known}
chosen = st.selectbox(t("model_details.pick"), list(known), format_func=names.__getitem__, key="model", width=480)
if st.session_state.get("just_added") == chosen and chosen in known:
    st.success(t("endpoint.added", name=plain(model_name(chosen))), icon=":material/check_circle:")
if chosen:
    show_model(known[chosen])
    if chosen in cards:
        st.page_link(
            "pages/model.py", label=t("card.from_models"), icon=":material/badge:", query_params={"mc": chosen}
        )
    st.page_link("pages/probe.py", label=t("model_details.ask"), icon=":material/quiz:", query_params={"m": [chosen]})
    st.page_link(
        "pages/runs.py",
        label=t("model_details.run"),
        icon=":material/inventory_2:",
        query_params={"view": "new", "m": [chosen]},
    )

if settings().public:
    st.info(t("public.models"), icon=":material/public:")
else:
    with st.expander(t("endpoint.title"), icon=":material/add_link:"):
        show_add_form()
