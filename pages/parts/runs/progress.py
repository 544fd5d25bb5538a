"""A run in progress: how far it is, how fast, how to stop it, and how to resume it."""

import streamlit as st

from core.audits import AUDITS
from core.errors import ParallaxError
from core.providers import get_provider
from core.providers.hosted.keys import using_keys
from core.runs import RunProgress, job_of, start_in_background
from core.runs.jobs import Job
from core.store import RunInfo
from core.text import plain
from pages.parts.runs.cap import show_cap
from pages.parts.runs.data import active_job, duration, say, status_of
from pages.parts.shared import resources
from pages.parts.shared.names import run_title
from pages.parts.shared.problems import problem_text
from pages.parts.shared.resources import bank
from pages.parts.shared.session_models import key_ring
from pages.parts.shared.texts import number, percent, t, term

POLL_SECONDS = 1.0
WATCHED = "watched_job"
"""The session key of the job whose end the session waits for."""
RESUMABLE = ("planned", "cancelled", "failed", "interrupted")


def start(run_id: str) -> None:
    """Start or resume a run; a problem is kept for the page to show."""
    try:
        with using_keys(key_ring()):
            start_in_background(resources.jobs(), resources.store(), run_id, bank(), get_provider)
    except ParallaxError as error:
        say(error)


def show_progress(info: RunInfo) -> None:
    """Progress and a button to stop while the run is made here; else how it ended and a button to resume."""
    job = active_job(info.run_id)
    if job is not None:
        _watch(job)
        return
    _show_end(job_of(resources.jobs(), info.run_id), plain(run_title(info.run_id, info.title, info.kind)))
    store = resources.store()
    path = store.path(info.run_id)
    shipped = bool(store.runs().set_index("run_id").loc[info.run_id, "shipped"])
    status = status_of(info.run_id, info.kind, info.status, path)
    if status == "running" and info.kind in AUDITS:
        st.info(t("runs.elsewhere"), icon=":material/sync:")
    elif status in RESUMABLE and info.kind in AUDITS and not shipped:
        show_cap(info)
        st.button(
            t("runs.start") if status == "planned" else t("runs.resume"),
            key="run_resume",
            icon=":material/play_arrow:",
            on_click=start,
            args=(info.run_id,),
            help=t("runs.resume_help"),
        )


def _watch(job: Job) -> None:
    st.session_state[WATCHED] = job.id

    @st.fragment(run_every=POLL_SECONDS)
    def view() -> None:
        if job.finished:
            st.rerun()
        done, total = job.progress
        if total:
            # The tab shows the progress, for a reader who has switched to another tab.
            st.set_page_config(page_title=f"{percent(min(1.0, done / total))} · {t('app.name')}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(1.0, done / total) if total else 0.0, text=_words(job))
            st.button(
                t("job.cancel"),
                key="run_cancel",
                icon=":material/stop_circle:",
                disabled=job.is_set(),
                on_click=job.cancel,
            )

    view()


def _words(job: Job) -> str:
    if job.is_set():
        return t("runs.stopping")
    told = job.reported
    if job.stage != "ask" or not isinstance(told, RunProgress):
        return term("stage", job.stage or "queued")
    counts = {name: number(getattr(told, name)) for name in ("done", "total", "cached", "errors")}
    if told.rate is None or told.seconds_left is None:
        return t("runs.progress_first", **counts)
    return t("runs.progress", **counts, rate=number(told.rate, 1), left=duration(told.seconds_left))


def _show_end(job: Job | None, title: str) -> None:
    if job is None:
        return
    if st.session_state.get(WATCHED) == job.id:
        del st.session_state[WATCHED]
        _tell_end(job, title)
    if job.error is not None:
        st.error(problem_text(job.error), icon=":material/error:")
    elif job.state == "cancelled":
        st.warning(t("runs.cancelled"), icon=":material/stop_circle:")
    if job.notice is not None:
        st.warning(problem_text(job.notice), icon=":material/save:")


def _tell_end(job: Job, title: str) -> None:
    """Say in the tab and in a corner of the page that a run for which this session was waiting has ended."""
    if job.error is not None:
        words = t("runs.ended_failed", run=title)
    elif job.state == "cancelled":
        words = t("runs.ended_cancelled", run=title)
    else:
        words = t("runs.ended", run=title)
    st.set_page_config(page_title=words)
    st.toast(words, icon=":material/notifications:", duration="infinite")
