"""Import a survey file of one's own as a private reference."""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from core.runs.jobs import Job
from core.runs.survey_import import KINDS, Imported, Upload, import_in_background, imports
from core.settings import settings
from core.surveys.private import forget_private, private_names
from pages.parts.shared import resources
from pages.parts.shared.job_view import show_job
from pages.parts.shared.names import country
from pages.parts.shared.texts import listed, number, t, term

JOB = "import_job"
MOST_MEGABYTES = 600
"""Room for the official file: about 100,000 respondents and 600 columns."""


def show_import() -> None:
    """An expander with the upload, the import that runs or ran last, and the private references in use."""
    if settings().public:
        st.caption(f":material/public: {t('public.survey_file')}")
        return
    known = imports(resources.jobs())
    if known:
        st.session_state.setdefault(JOB, known[0].id)
    running = any(not job.finished for job in known)
    with st.expander(t("representation.import_title"), icon=":material/upload_file:", expanded=running):
        st.markdown(t("representation.import_text"))
        kind = st.radio(
            t("representation.import_kind"),
            KINDS,
            format_func=lambda name: term("import_kind", name),
            key="import_kind",
            horizontal=True,
        )
        place = year = None
        if kind == "tidy":
            left, right = st.columns(2)
            places = sorted(resources.survey().countries(), key=country)
            place = left.selectbox(
                t("representation.import_country"), places, format_func=country, key="import_country"
            )
            this_year = datetime.now(UTC).year
            year = right.number_input(t("representation.import_year"), 1980, this_year, this_year, key="import_year")
        file = st.file_uploader(
            t("representation.import_file"), type=["csv"], key="import_file", max_upload_size=MOST_MEGABYTES
        )
        begun = st.button(t("representation.import_go"), key="import_go", disabled=file is None)
        if begun and file is not None:
            upload = Upload(kind=kind, name=file.name, country=place, year=year)
            job = import_in_background(resources.jobs(), _put_down(file), upload, resources.questions())
            st.session_state[JOB] = job.id
        show_job(JOB, _show_done, seen_running=begun)
        _show_names()


def _put_down(file) -> Path:
    """The upload as a file for the job, which removes it."""
    with tempfile.NamedTemporaryFile(prefix="parallax-upload-", suffix=".csv", delete=False) as out:
        shutil.copyfileobj(file, out, 1 << 20)
    return Path(out.name)


def _show_done(job: Job) -> None:
    for found in job.results():
        if isinstance(found, Imported):
            st.success(
                t(
                    "representation.import_done",
                    rows=number(found.shares),
                    questions=found.questions,
                    countries=found.countries,
                    name=found.name,
                ),
                icon=":material/check:",
            )


def _show_names() -> None:
    names = private_names()
    if not names:
        return
    st.caption(t("representation.import_known", names=listed(names)))
    with st.container(horizontal=True):
        for name in names:
            if st.button(t("representation.import_forget", name=name), key=f"forget_{name}", icon=":material/delete:"):
                forget_private(name)
                st.rerun()
