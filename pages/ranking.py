"""Ranking: all models in one list, with how sure each place is and what needs no model among them."""

import streamlit as st

from core.findings.world import BASIS
from core.types import LANGUAGES
from pages.parts.app.frame import inside_app
from pages.parts.ranking import data
from pages.parts.ranking.data import ANY, EVERYWHERE
from pages.parts.ranking.view import place_words, show_ranking
from pages.parts.shared import links
from pages.parts.shared.fold import show_how
from pages.parts.shared.names import country, word
from pages.parts.shared.readings import languages_of, store_state
from pages.parts.shared.texts import t, term

inside_app()

st.title(t("ranking.title"), anchor=False)
st.markdown(t("ranking.intro"))
state = store_state()
languages = languages_of(state) or [*LANGUAGES]
links.restore_one("kb", BASIS, BASIS[0])
links.restore_one("kl", languages, languages[0])
if st.session_state["kl"] not in languages:
    st.session_state["kl"] = languages[0]
with st.container(border=True):
    st.segmented_control(
        t("world.basis"), BASIS, format_func=lambda v: term("world_basis", v), key="kb", required=True, wrap=True
    )
    basis, language = st.session_state["kb"], st.session_state["kl"]
    with st.spinner(t("ranking.working"), show_time=False):
        places = [EVERYWHERE, *sorted(data.places(state, basis, language), key=country)]
        topics = [ANY, *data.topics_of(state, basis, language)]
    for key, allowed in (("kc", places), ("kt", topics)):
        links.restore_one(key, allowed, allowed[0])
        if st.session_state[key] not in allowed:
            st.session_state[key] = allowed[0]
    left, middle, right = st.columns(3)
    place = left.selectbox(t("world.country"), places, format_func=place_words, key="kc")
    topic = middle.selectbox(t("ask.topic"), topics, format_func=lambda name: word("topic", name), key="kt")
    if len(languages) > 1:
        right.segmented_control(
            t("ask.languages"), languages, format_func=lambda v: term("language", v), key="kl", required=True
        )
found = data.ranking(state, basis, language, place, topic)
if found.table.empty:
    st.info(t("ranking.none"), icon=":material/help_center:")
else:
    show_ranking(found, place, (state, basis, language, place, topic))
    if found.batteries < 3:
        st.caption(t("ranking.few", questions=found.questions, batteries=found.batteries))
selection = links.save({"kb": BASIS[0], "kl": languages[0], "kc": EVERYWHERE, "kt": ANY})
with st.popover(t("ask.link"), icon=":material/link:"):
    st.code(links.address(selection), language=None, wrap_lines=True)
show_how("ranking", t("ranking.how_title"), t("ranking.how"))
