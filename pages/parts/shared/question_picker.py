"""Widgets to choose a question of the bank, to type a question, or to type a free prompt."""

from typing import Literal

import streamlit as st

from core.runs.runner import check_prompt_length
from core.settings import settings
from core.surveys.own import own_question
from core.surveys.questions import topics
from core.text import visible
from core.types import Question
from pages.parts.shared import links, resources
from pages.parts.shared.names import survey_name, word
from pages.parts.shared.question_notes import show_notes
from pages.parts.shared.texts import t, term, ui_language

MODES = ("bank", "own", "free")
DEFAULT_QUESTION = "Q164"
ANY_TOPIC = "any"
Mode = Literal["bank", "own", "free"]


def pick_mode() -> Mode:
    """The widget for these three ways, and the way that is chosen."""
    links.restore_one("mode", MODES, MODES[0])
    chosen = st.segmented_control(
        t("ask.mode"),
        MODES,
        format_func=lambda mode: term("ask_mode", mode),
        key="mode",
        required=True,
        label_visibility="collapsed",
    )
    return chosen or "bank"


def pick_from_bank(default: str = DEFAULT_QUESTION) -> Question:
    """A question of the bank, found by topic and by words. ``default`` is its id where the link has none."""
    bank = resources.questions()
    links.restore_one("topic", (ANY_TOPIC, *topics(bank)), ANY_TOPIC)
    left, right = st.columns([1, 3])
    topic = left.selectbox(
        t("ask.topic"), (ANY_TOPIC, *topics(bank)), format_func=lambda name: word("topic", name), key="topic"
    )
    ids = [q.id for q in bank.values() if topic in (ANY_TOPIC, q.topic)]
    links.restore_one("q", bank, default)
    if st.session_state["q"] not in ids:
        st.session_state["q"] = ids[0]
    language = ui_language()
    chosen = right.selectbox(
        t("ask.question"),
        ids,
        format_func=lambda name: f"{bank[name].short.get(language)} — {bank[name].stem.get(language)}",
        key="q",
        help=t("ask.question_help"),
    )
    question = bank[chosen]
    st.markdown(f"> **{question.stem.get(language)}**")
    topic_word = word("topic", question.topic)
    st.caption(t("ask.question_source", survey=survey_name(question.survey or ""), item=question.id, topic=topic_word))
    show_notes(question)
    return question


OWN: dict[str, str | list[str] | None] = {"oq": None, "oo": None, "os": None}
"""A question of the reader's own in a link, once the reader has agreed: its words, its options, whether they scale."""


def type_question(share: bool = False) -> Question:
    """A question of the user's own. Raises :class:`InputError` with what is missing.

    With ``share`` one can agree to put it into the link (:data:`OWN`), and a link that has one fills the form.
    """
    limit = settings().max_prompt_chars
    if share:
        _fill_from_link(limit)
    stem = st.text_area(t("ask.own_stem"), key="own_stem", height=90, placeholder=t("ask.own_stem_example"))
    left, right = st.columns([2, 1])
    typed = left.text_area(
        t("ask.own_options"), key="own_options", height=140, placeholder=t("ask.own_options_example")
    )
    ordered = right.toggle(t("ask.own_ordinal"), key="own_ordinal", help=t("ask.own_ordinal_help"))
    agreed = share and right.checkbox(t("ask.own_share"), key="own_shared", help=t("ask.own_share_help"))
    for key in OWN:
        st.session_state.pop(key, None)
    stem = check_prompt_length(stem or "", limit)
    options = [line.strip() for line in check_prompt_length(typed or "", limit).splitlines() if line.strip()]
    question = own_question(stem, options, ordered, t("ask.own_short"))
    if agreed:
        st.session_state.update({"oq": stem, "oo": options, "os": str(int(ordered))})
    return question


def _fill_from_link(limit: int) -> None:
    """Put the question of a link into the empty form; whoever opens such a link goes on sharing it."""
    given = st.query_params.get("oq")
    if given and "own_stem" not in st.session_state:
        st.session_state["own_stem"] = visible(given)[:limit]
        st.session_state["own_options"] = "\n".join(map(visible, st.query_params.get_all("oo")))[:limit]
        st.session_state["own_ordinal"] = st.query_params.get("os") == "1"
        st.session_state["own_shared"] = True


def type_prompt() -> str:
    """A free prompt that the user types. Raises :class:`InputError` where it is empty or too long."""
    text = st.text_area(t("ask.free"), key="free_prompt", height=120, placeholder=t("ask.free_example"))
    return check_prompt_length(text or "", settings().max_prompt_chars)
