"""Who asks in a public demonstration: their address, and whether they are still here."""

import threading
import time
from typing import TYPE_CHECKING

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.public import Addresses, Visitors
from core.settings import settings

if TYPE_CHECKING:
    from core.runs.ask import Turn
    from core.runs.jobs import Job

_EVERY_S = 5.0


def _is_here(session: str) -> bool:
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


@st.cache_resource(show_spinner=False)
def addresses() -> Addresses:
    """The asks of each address, of the whole process."""
    return Addresses()


@st.cache_resource(show_spinner=False)
def visitors() -> Visitors:
    """Whose jobs are under way; a thread stops those of visitors who left."""
    known = Visitors(_is_here)

    def watch() -> None:
        while True:
            time.sleep(_EVERY_S)
            known.sweep()

    threading.Thread(target=watch, name="parallax-visitors", daemon=True).start()
    return known


def turn_of_visitor(cost: float) -> "Turn":
    """The turn of this session in a public demonstration; elsewhere all work is of one owner."""
    from core.runs.ask import NOBODYS, Turn

    context = get_script_run_ctx()
    return Turn(context.session_id, cost) if settings().public and context is not None else NOBODYS


def stop_when_left(job: "Job") -> "Job":
    """``job``, which in a public demonstration ends when the visitor of this session has left."""
    context = get_script_run_ctx()
    if settings().public and context is not None and not job.finished:
        visitors().began(context.session_id, job)
    return job
