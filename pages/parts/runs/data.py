"""Data that the parts of the Runs page share, loaded once per process, and the words for a run."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.errors import ParallaxError
from core.runs import job_of
from core.runs.jobs import Job
from core.settings import settings
from core.store.files.status import UNFINISHED, status_now
from core.store.index.run_order import reading_order
from core.store.sandbox.sql import Sandbox
from pages.parts.shared import resources
from pages.parts.shared.names import run_title, word
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import moment, number, t

PROBLEM = "runs_problem"
ICON_OF = {
    "planned": ":material/schedule:",
    "queued": ":material/hourglass_empty:",
    "running": ":material/play_arrow:",
    "done": ":material/check:",
    "cancelled": ":material/stop:",
    "failed": ":material/error:",
    "interrupted": ":material/power_off:",
}


@st.cache_resource(show_spinner=False, on_release=lambda box: box.close())
def sandbox() -> Sandbox:
    """The sandbox that runs the reader's own SQL."""
    return Sandbox(resources.store())


def active_job(run_id: str) -> Job | None:
    """The job of this process that is working on the run."""
    job = job_of(resources.jobs(), run_id)
    return job if job is not None and not job.finished else None


def status_of(run_id: str, kind: str, stored: str, path: Path | None) -> str:
    """The current status, or ``queued`` where a job of this process is about to write the run."""
    seen = status_now(kind, stored, path)
    return "queued" if seen in ("planned", "interrupted") and active_job(run_id) is not None else seen


def all_runs() -> pd.DataFrame:
    """Every run in :func:`reading_order`, with the status a reader should see and its models as one text."""
    store = resources.store()
    store.refresh()
    frame = reading_order(store.runs(), resources.base_models())
    if settings().public:
        # The questions of visitors are private.
        frame = frame[frame["shipped"]]
    frame = frame.reset_index(drop=True)
    frame["status"] = [
        status_of(run, kind, stored, store.path(run)) if stored in UNFINISHED else stored
        for run, kind, stored in zip(frame["run_id"], frame["kind"], frame["status"], strict=True)
    ]
    return frame


def kind_word(kind: str) -> str:
    """Name of a kind of run."""
    return word("run_kind", kind)


def run_label(row: pd.Series) -> str:
    """One line for a run in a list to choose from."""
    title = run_title(row["run_id"], row["title"], row["kind"])
    return f"{title} — {moment(row['created'])} ({row['run_id']})"


def duration(seconds: float | None) -> str:
    """A length of time in words; a phrase where it is not known."""
    if seconds is None:
        return t("runs.time_unknown")
    if seconds < 90:
        return t("runs.seconds", n=max(1, round(seconds)))
    if seconds < 5400:
        return t("runs.minutes", n=round(seconds / 60))
    return t("runs.hours", n=number(seconds / 3600, 1))


def say(error: ParallaxError) -> None:
    """Keep a problem of a callback for the next run of the page."""
    st.session_state[PROBLEM] = problem_text(error)


def show_problem() -> None:
    """Show the problem that a callback has kept, once."""
    message = st.session_state.pop(PROBLEM, None)
    if message:
        st.error(message, icon=":material/error:")
