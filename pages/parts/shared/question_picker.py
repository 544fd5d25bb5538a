"""Choose a question of the bank, type one's own, or type a free prompt."""

from typing import Literal

import streamlit as st

from core.runs.runner import check_prompt_length
from core.settings import settings
from core.surveys.own import own_question
from core.surveys.questions import topics
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
    """Which of the three ways to ask."""
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
    """A question of the bank, by topic and by words; ``default`` is its id where the link names none."""
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


def type_question() -> Question:
    """A question of the user's own. Raises :class:`InputError` with what is missing."""
    limit = settings().max_prompt_chars
    stem = st.text_area(t("ask.own_stem"), key="own_stem", height=90, placeholder=t("ask.own_stem_example"))
    left, right = st.columns([2, 1])
    typed = left.text_area(
        t("ask.own_options"), key="own_options", height=140, placeholder=t("ask.own_options_example")
    )
    ordered = right.toggle(t("ask.own_ordinal"), key="own_ordinal", help=t("ask.own_ordinal_help"))
    stem = check_prompt_length(stem or "", limit)
    options = [line.strip() for line in check_prompt_length(typed or "", limit).splitlines() if line.strip()]
    return own_question(stem, options, ordered, t("ask.own_short"))


def type_prompt() -> str:
    """A free prompt. Raises :class:`InputError` where it is empty or too long."""
    text = st.text_area(t("ask.free"), key="free_prompt", height=120, placeholder=t("ask.free_example"))
    return check_prompt_length(text or "", settings().max_prompt_chars)
