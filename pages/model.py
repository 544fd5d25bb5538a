"""One model: its card, with what was measured of it, what moves its answers, and what its figures cannot tell."""

import streamlit as st

from core.text import plain
from pages.parts.app.frame import inside_app
from pages.parts.model import data
from pages.parts.model.view import show_facts, show_limits, show_measured, show_nearness, show_parts
from pages.parts.shared import links, resources
from pages.parts.shared.fold import show_how
from pages.parts.shared.glossary import explain
from pages.parts.shared.moves import show_left_out
from pages.parts.shared.readings import languages_of, store_state
from pages.parts.shared.texts import t

inside_app()

st.title(t("card.title"), anchor=False)
st.markdown(t("card.intro"))
state = store_state()
names = data.names(state)
links.restore_one("mc", names, next(iter(names)))
if st.session_state["mc"] not in names:
    st.session_state["mc"] = next(iter(names))
with st.container(horizontal=True, vertical_alignment="bottom"):
    model_id = st.selectbox(t("chart.model"), list(names), format_func=lambda name: names[name], key="mc", width=420)
    link_place = st.container(width="content")
st.header(plain(names[model_id]), anchor=False, divider="gray")
show_facts(resources.model(model_id), model_id)
with st.spinner(t("card.working"), show_time=False):
    found = data.card(state, model_id)

st.subheader(t("card.parts_title"), anchor=False, help=explain("interval"))
show_parts(found, model_id, names[model_id])
show_left_out()
left, right = st.columns([3, 2], gap="large")
with left:
    st.subheader(t("card.measured_title"), anchor=False)
    show_measured(found)
with right:
    st.subheader(t("card.limits_title"), anchor=False)
    show_limits(found)
st.subheader(t("card.nearness_title"), anchor=False)
show_nearness(data.nearness(state, model_id, (languages_of(state) or ["en"])[0]), model_id)
selection = links.save({"mc": next(iter(names))})
with link_place, st.popover(t("ask.link"), icon=":material/link:"):
    st.code(links.address(selection), language=None, wrap_lines=True)
show_how("model", t("card.how_title"), t("card.how"))
