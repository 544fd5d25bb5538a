"""The dilemmas: the shipped ones and those of the user."""

from collections.abc import Mapping

import streamlit as st

from core.errors import DataError
from core.settings import settings
from core.surveys.dilemmas import Dilemma, load_dilemmas
from pages.parts.shared.texts import ui_language


@st.cache_resource(show_spinner=False)
def corpus() -> tuple[dict[str, Dilemma], DataError | None]:
    """All dilemmas by id, and the error of the user's own file where it could not be read."""
    try:
        return load_dilemmas(settings().dilemmas), None
    except DataError as error:
        if settings().dilemmas is None:
            raise
        return load_dilemmas(), error


def title_of(dilemma: str, known: Mapping[str, Dilemma]) -> str:
    """The title of a dilemma in the reader's language; its id where the dilemma is unknown."""
    return known[dilemma].title.get(ui_language()) if dilemma in known else dilemma
