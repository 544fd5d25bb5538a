"""What to know of a question before its answers are compared: uneven steps, a middle that is no opinion, its kind."""

import streamlit as st

from core.types import DEFAULT_KINDS, Question
from pages.parts.shared.texts import t, term


def question_notes(question: Question) -> list[str]:
    """Sentences on ``question``, empty for a value or attitude on an even scale."""
    notes = []
    if question.steps == "uneven":
        notes.append(t("question_note.uneven"))
    if question.middle == "hard_to_say":
        notes.append(t("question_note.hard_to_say"))
    if question.kind is not None and question.kind not in DEFAULT_KINDS:
        notes.append(t("question_note.kind", kind=term("question_kind", question.kind)))
    return notes


def show_notes(question: Question) -> None:
    """The notes in one caption."""
    if notes := question_notes(question):
        st.caption(" ".join(notes))
