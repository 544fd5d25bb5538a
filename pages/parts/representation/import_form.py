"""Imports the user's own survey file as a private reference."""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from core.errors import ParallaxError
from core.runs.survey_import import Upload, import_in_background, imports
from core.settings import settings
from core.surveys.importing import Options
from core.surveys.importing.sources import SUFFIXES, open_source
from pages.parts.representation.columns import confirm_columns
from pages.parts.representation.imported import show_done, show_names
from pages.parts.shared import resources
from pages.parts.shared.job_view import show_job
from pages.parts.shared.names import country
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import t

JOB = "import_job"
MOST_MEGABYTES = 600
"""Room for the official file: about 100,000 respondents and 600 columns."""


def show_import() -> None:
    """An expander with the upload, the current or last import, and the private references in use."""
    if settings().public:
        st.caption(f":material/public: {t('public.survey_file')}")
        return
    known = imports(resources.jobs())
    if known:
        st.session_state.setdefault(JOB, known[0].id)
    running = any(not job.finished for job in known)
    with st.expander(t("representation.import_title"), icon=":material/upload_file:", expanded=running):
        st.markdown(t("representation.import_text"))
        file = st.file_uploader(
            t("representation.import_file"), type=list(SUFFIXES), key="import_file", max_upload_size=MOST_MEGABYTES
        )
        left, right = st.columns(2)
        places = sorted(resources.survey().countries(), key=country)
        place = left.selectbox(
            t("representation.import_country"),
            places,
            index=None,
            format_func=country,
            placeholder=t("representation.import_in_file"),
            key="import_country",
        )
        this_year = datetime.now(UTC).year
        year = right.number_input(
            t("representation.import_year"),
            1900,
            this_year,
            None,
            placeholder=t("representation.import_in_file"),
            key="import_year",
        )
        columns = (
            _columns(file)
            if file is not None and st.toggle(t("representation.import_columns"), key="import_columns")
            else {}
        )
        rest = st.checkbox(t("representation.import_rest"), key="import_rest")
        begun = st.button(t("representation.import_go"), key="import_go", disabled=file is None)
        if begun and file is not None:
            options = Options(country=place, year=None if year is None else int(year), columns=columns)
            upload = Upload(name=file.name, options=options, rest=rest)
            job = import_in_background(resources.jobs(), _put_down(file), upload, resources.questions())
            st.session_state[JOB] = job.id
        show_job(JOB, show_done, seen_running=begun)
        show_names()


def _put_down(file) -> Path:
    """The upload as a file for the job, which removes it."""
    suffix = Path(file.name).suffix
    with tempfile.NamedTemporaryFile(prefix="parallax-upload-", suffix=suffix, delete=False) as out:
        file.seek(0)
        shutil.copyfileobj(file, out, 1 << 20)
    return Path(out.name)


def _head(file) -> tuple[list[str], dict[str, str]]:
    """Names and labels of the columns of the upload, read once per file. Raises :class:`ParallaxError`."""
    known = st.session_state.get("import_columns_of")
    if known is None or known[0] != file.file_id:
        path = _put_down(file)
        try:
            with open_source(path, file.name) as source:
                known = file.file_id, [name for name in source.names if name], dict(source.titles)
        finally:
            path.unlink(missing_ok=True)
        st.session_state["import_columns_of"] = known
    return known[1], known[2]


def _columns(file) -> dict[str, str]:
    """Which column of the upload is what, as the reader confirms it; empty where the file cannot be read."""
    try:
        names, titles = _head(file)
    except ParallaxError as error:
        st.error(problem_text(error), icon=":material/error:")
        return {}
    return confirm_columns(names, titles)
