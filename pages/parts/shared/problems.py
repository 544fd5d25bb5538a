"""The text of an error in the reader's language. Every page shows errors through this module."""

import streamlit as st

from core.errors import ParallaxError, Said
from core.text import plain
from pages.parts.shared import resources
from pages.parts.shared.texts import t, ui_language


def problem_text(error: ParallaxError | Said) -> str:
    """The error as Markdown: what happened in bold, then what to do.

    Words from outside are escaped, so they are shown as they are.
    """
    if isinstance(error, Said):
        error = ParallaxError(error)
    message, hint = error.text(ui_language(), plain)
    return f"**{message}** {hint}".rstrip()


def show_catalogue_problems() -> None:
    """Show the errors in the user's own file of models, a box for each."""
    for problem in resources.catalogue().problems:
        st.warning(f"{t('models_page.problem')} {problem_text(problem)}", icon=":material/warning:")
