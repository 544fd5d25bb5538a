"""The reveal of each step: the finding as a title, the chart, the pupil's prediction, and points to discuss."""

import streamlit as st

from core.findings.lesson import DILEMMA, GROUPS_OF, ORDER_QUESTION, PUBLICS, WAVES, Lesson
from core.findings.tuned.taught import MODEL as TAUGHT
from pages.parts.learn.blocks import block_of
from pages.parts.learn.steps import measured, said, verdict, words
from pages.parts.shared.chart_block import show_chart, show_table
from pages.parts.shared.texts import t, term

BOX = {"right": (st.success, "check_circle"), "partly": (st.info, "contrast"), "wrong": (st.warning, "cancel")}
ON = {
    "order": ("pages/probe.py", {"q": ORDER_QUESTION}),
    "persona": ("pages/probe.py", {"q": "Q72", "country": list(PUBLICS)}),
    "publics": ("pages/china_west.py", {}),
    "dilemmas": ("pages/stability.py", {"run": WAVES[0], "d": DILEMMA}),
    "groups": ("pages/representation.py", {"rc": GROUPS_OF, "g": "sex:female"}),
    "taught": ("pages/tuned.py", {"tn": TAUGHT}),
}
"""The page to which each step links, with its selection."""


def show_reveal(step: str, found: Lesson) -> None:
    """The pupil's prediction, the finding, the chart, and a link to the next step."""
    what = verdict(step, found)
    box, icon = BOX[what]
    told = {
        "said": words(step, said()[step], found),
        "data": words(step, measured(step, found), found),
        "verdict": term("learn_verdict", what),
    }
    box(t("learn.compared", **told), icon=f":material/{icon}:")
    block = block_of(step, found)
    st.subheader(block.title, anchor=False)
    show_chart(block)
    show_table(lambda: block.frame, block.key, note=block.source)
    with st.container(border=True):
        st.markdown(f"**:material/forum: {t('learn.discuss')}** {term('learn_discuss', step)}")
    page, query = ON[step]
    st.page_link(page, label=term("learn_on", step), icon=":material/arrow_forward:", query_params=query)
