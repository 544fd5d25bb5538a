"""What the parts of the Runs page share: loaded once per process, and the words for a run."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.audit_runs import job_of
from core.audits.base import Bank
from core.bank import load_bank
from core.errors import ParallaxError
from core.i18n import catalogue
from core.jobs import Job
from core.store import is_held
from core.store.sql import Sandbox
from pages.components import resources
from pages.components.texts import t, term

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
UNFINISHED = ("planned", "running")


@st.cache_resource(show_spinner=False)
def bank() -> Bank:
    """Questions and models that an audit may draw on."""
    return load_bank()


@st.cache_resource(show_spinner=False, on_release=lambda box: box.close())
def sandbox() -> Sandbox:
    """Where the reader's own SQL runs."""
    return Sandbox(resources.store())


def active_job(run_id: str) -> Job | None:
    """The job of this process that works on the run now."""
    job = job_of(resources.jobs(), run_id)
    return job if job is not None and not job.finished else None


def status_of(run_id: str, stored: str, path: Path | None) -> str:
    """The stored status, or ``queued``, or ``interrupted`` where a run says running and nobody writes it."""
    if stored not in UNFINISHED:
        return stored
    if path is not None and is_held(path):
        return "running"
    if active_job(run_id) is not None:
        return "queued"
    return "interrupted" if stored == "running" else stored


def all_runs() -> pd.DataFrame:
    """Every run, newest first, with the status a reader should see and its models as one text."""
    store = resources.store()
    store.refresh()
    frame = store.runs()
    frame["status"] = [
        status_of(run, stored, store.path(run)) if stored in UNFINISHED else stored
        for run, stored in zip(frame["run_id"], frame["status"], strict=True)
    ]
    return frame


def word(family: str, value: str) -> str:
    """The word for ``value``, or the value itself where an extension has brought its own."""
    return term(family, value) if f"{family}.{value}" in catalogue() else value.replace("_", " ")


def kind_word(kind: str) -> str:
    """Name of a kind of run."""
    return word("run_kind", kind)


def run_label(row: pd.Series) -> str:
    """One line for a run in a list to choose from."""
    title = row["title"] or kind_word(row["kind"])
    return f"{title} — {row['created']:%Y-%m-%d %H:%M} ({row['run_id']})"


def duration(seconds: float | None) -> str:
    """A length of time in words; a phrase for one that is not known."""
    if seconds is None:
        return t("runs.time_unknown")
    if seconds < 90:
        return t("runs.seconds", n=max(1, round(seconds)))
    if seconds < 5400:
        return t("runs.minutes", n=round(seconds / 60))
    return t("runs.hours", n=f"{seconds / 3600:.1f}")


def say(error: ParallaxError) -> None:
    """Keep a problem of a callback for the next run of the page."""
    st.session_state[PROBLEM] = f"**{error.message}** {error.hint}"


def show_problem() -> None:
    """Show what a callback has kept, once."""
    message = st.session_state.pop(PROBLEM, None)
    if message:
        st.error(message, icon=":material/error:")
