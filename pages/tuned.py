"""Can it learn whose answers?: models that were tuned here, before and after, and what the audits find in them."""

import streamlit as st

from core.findings.tuned import MEASURES
from core.providers.local.tuned import read_cards
from core.text import plain
from pages.parts.app.frame import inside_app
from pages.parts.shared import links
from pages.parts.shared.fold import show_how
from pages.parts.shared.names import model_name
from pages.parts.shared.problems import problem_text
from pages.parts.shared.readings import store_state
from pages.parts.shared.texts import t, ui_language
from pages.parts.tuned import data
from pages.parts.tuned.planted import show_planted
from pages.parts.tuned.view import show_quadrants, show_training

inside_app()

st.title(t("tuned.title"), anchor=False)
st.markdown(t("tuned.intro"))
known, problems = read_cards()
for problem in problems:
    st.warning(problem_text(problem), icon=":material/error:")
if not known:
    st.info(t("tuned.empty"), icon=":material/school:")
    st.code("python -m core tune tune-smollm2-all", language="bash")
else:
    state = store_state()
    names = data.listed(known)
    links.restore_one("tn", names, names[0])
    if st.session_state["tn"] not in names:
        st.session_state["tn"] = names[0]
    links.restore_one("tm", MEASURES, MEASURES[0])
    name = st.selectbox(t("chart.model"), names, format_func=model_name, key="tn")
    card = known[name]
    st.caption(plain(card.note.get(ui_language())))
    if name in data.told_country(known):
        st.header(t("tuned.quadrants_title"), anchor=False, divider="gray")
        show_quadrants(state, card, known)
    st.header(t("tuned.training_title"), anchor=False, divider="gray")
    show_training(card)
    st.header(t("tuned.planted_title"), anchor=False, divider="gray")
    st.markdown(t("tuned.planted_intro"))
    show_planted(state, known)
    st.header(t("tuned.class_title"), anchor=False, divider="gray")
    st.markdown(t("tuned.class"))
    links.save({"tn": None, "tm": MEASURES[0]})
show_how("tuned", t("tuned.how_title"), t("tuned.how"))
