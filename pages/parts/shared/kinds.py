"""The switch of kinds of item: which questions the figures of a page rest on."""

from typing import cast

import streamlit as st

from core.surveys.questions import among_kinds
from core.types import DEFAULT_KINDS, KINDS, QuestionKind
from pages.parts.shared import links, resources
from pages.parts.shared.texts import listed, t, term

KIND = "kd"
"""The widget, in the session and in the URL."""
Kinds = tuple[QuestionKind, ...]
DEFAULTS: dict[str, str | list[str] | None] = {KIND: list(DEFAULT_KINDS)}
"""For :func:`links.save`."""


def pick_kinds() -> Kinds:
    """The widget, what it leaves out, and the kinds that count; values and attitudes where nothing is chosen."""
    links.restore_many(KIND, KINDS, DEFAULT_KINDS)
    st.pills(
        t("kinds.label"),
        KINDS,
        selection_mode="multi",
        format_func=lambda kind: term("question_kind", kind),
        key=KIND,
        help=t("kinds.help"),
    )
    picked = st.session_state[KIND] or DEFAULT_KINDS
    kinds = tuple(cast(QuestionKind, kind) for kind in KINDS if kind in picked)
    bank = resources.questions()
    if lost := len(bank) - len(among_kinds(bank, kinds)):
        names = listed(term("question_kind", kind) for kind in KINDS if kind not in kinds)
        st.caption(t("kinds.left_out", n=lost, names=names))
    return kinds


def kind_words(kinds: Kinds) -> str:
    """Which kinds of item a brief rests on, as a sentence."""
    return t("kinds.used", names=listed(term("question_kind", kind) for kind in kinds))
