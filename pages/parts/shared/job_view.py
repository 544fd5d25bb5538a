"""Shows a background job: its progress, a button to stop it, how it ended, and its results so far."""

from collections.abc import Callable

import streamlit as st

from core.runs.jobs import Job
from pages.parts.shared import resources
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import t, term

POLL_SECONDS = 0.5


def current_job(key: str) -> Job | None:
    """The job that this session started under ``key``; ``None`` where there is none."""
    return resources.jobs().get(st.session_state.get(key))


def job_is_running(key: str) -> bool:
    """Whether that job is queued or running."""
    job = current_job(key)
    return job is not None and not job.finished


def _progress(job: Job, key: str) -> None:
    if job.finished:
        if job.error is not None:
            st.error(problem_text(job.error), icon=":material/error:")
        elif job.state == "cancelled":
            st.warning(t("job.cancelled") if job.results() else t("job.cancelled_empty"), icon=":material/stop_circle:")
        if job.notice is not None:
            st.warning(problem_text(job.notice), icon=":material/save:")
        return
    done, total = job.progress
    words = term("stage", job.stage or "queued")
    if job.stage == "ask":
        words = t("job.asking", done=done, total=total)
    elif job.stage == "fetch":
        words = t("job.fetching", done=round(done / 1e6), total=round(total / 1e6))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(done / total if total else 0.0, text=words)
        if st.button(t("job.cancel"), key=f"{key}_cancel", icon=":material/stop_circle:", disabled=job.is_set()):
            job.cancel()


def show_job(key: str, draw: Callable[[Job], None], *, seen_running: bool, live: bool = True) -> None:
    """Show the job of ``key`` and let ``draw`` show its results, again and again until it has ended.

    ``seen_running`` says whether the page above was drawn for a running job. Where the job has ended since, the page is
    drawn again; otherwise its button would stay disabled.

    With ``live`` the results are drawn at every look, for texts that grow. Without it they are drawn only when there
    are new ones, so that drawing charts does not slow the model that is still answering.
    """
    job = current_job(key)
    if job is None:
        return
    watched = seen_running or not job.finished
    known = len(job.results())

    @st.fragment(run_every=POLL_SECONDS if watched else None)
    def view() -> None:
        _progress(job, key)
        if live:
            draw(job)
        if watched and (job.finished or (not live and len(job.results()) != known)):
            st.rerun()

    view()
    if not live:
        draw(job)
