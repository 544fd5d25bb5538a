"""A list of persons as a CSV, which replaces the persons chosen in the form."""

import tempfile
from pathlib import Path

import streamlit as st

from core.errors import ParallaxError
from core.surveys.persona_table import read_personas
from core.types import Persona
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import t

MOST_MEGABYTES = 5


def persona_list() -> list[Persona]:
    """The persons of the uploaded list; empty without a list or where it cannot be read, which the page then says."""
    with st.expander(t("runs.people_list"), icon=":material/groups:"):
        st.caption(t("runs.people_list_help"))
        given = st.file_uploader(t("runs.people_list_file"), "csv", key="new_people", max_upload_size=MOST_MEGABYTES)
        if given is None:
            return []
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / Path(given.name).name
            path.write_bytes(given.getbuffer())
            try:
                found = list(read_personas(path))
            except ParallaxError as error:
                st.error(problem_text(error), icon=":material/error:")
                return []
        st.caption(t("runs.people_list_read", n=len(found)))
        return found
