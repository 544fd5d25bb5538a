"""The worksheet of the lesson, in each language of the interface."""

from functools import partial

import streamlit as st

from core import i18n
from core.brief.worksheet import Task, worksheet_html
from core.findings.lesson import OUTCOMES, STEPS
from core.types import Language
from pages.parts.shared.texts import in_language, t, term


def offer_worksheets() -> None:
    """A button for the worksheet in each language; a class may read another one than its teacher."""
    for language in i18n.languages():
        st.download_button(
            t("worksheet.button", language=term("ui_language", language)),
            partial(_written, language),
            f"parallax-worksheet-{language}.html",
            "text/html",
            key=f"worksheet_{language}",
            icon=":material/print:",
            on_click="ignore",
        )


def _written(language: Language) -> bytes:
    return worksheet_html(in_language(_tasks, language)(), language).encode("utf-8")


def _tasks() -> list[Task]:
    return [
        Task(
            term("learn_title", step),
            term("learn_ask", step),
            tuple(term(f"learn_{step}", value) for value in OUTCOMES.get(step, ())),
        )
        for step in STEPS
    ]
