"""Traces for the page: those just being made, and those that lie in run folders."""

from collections.abc import Hashable
from datetime import datetime
from functools import partial
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core import i18n
from core.audits.traces.audit import prompts_of
from core.audits.traces.faithfulness import Move, moves
from core.audits.traces.gain import against_people
from core.audits.traces.live import LiveStep, trace_in_background
from core.audits.traces.runs import LiveBook
from core.audits.traces.store import load_trace, load_traces, stored_traces
from core.audits.traces.types import Options, Trace, Unit
from core.errors import DataError
from core.providers import get_provider
from core.runs.jobs import Job
from pages.parts.shared import resources

MOST = 2_000
"""Most stored traces that are read for one table."""


@st.cache_resource(show_spinner=False)
def live_book() -> LiveBook:
    """The run of this process for traces made on the page."""
    return LiveBook(resources.store(), i18n.texts()("traces.run_title"), Options())


def make(units: list[Unit], fresh: bool = False) -> Job:
    """Make traces in the background."""
    title = units[0].question.id
    begin = partial(
        trace_in_background, resources.jobs(), lambda: live_book().book(), get_provider, units, title, fresh=fresh
    )
    return resources.let_through(sum(prompts_of(units)), title, begin)


def known_traces() -> pd.DataFrame:
    """Stored traces of models in the catalogue, newest last."""
    resources.store().refresh()
    found = stored_traces(resources.store())
    return found[found["model_id"].isin(list(resources.models()))]


def _load(row: pd.Series) -> Trace | None:
    """The trace of a row, or ``None`` where it does not fit: runs can be mailed, and questions can leave the bank."""
    try:
        return load_trace(resources.store(), row, resources.models()[row["model_id"]], resources.questions())
    except DataError:
        return None


def stored_exactly(unit: Unit, known: pd.DataFrame) -> Trace | None:
    """The newest stored trace of exactly this unit, its settings included, or ``None``."""
    hits = known[known["cell_id"] == unit.id]
    return None if hits.empty else _load(hits.iloc[-1])


def stored(unit: Unit, known: pd.DataFrame) -> Trace | None:
    """The newest stored trace of this model, person, question, language and intervention, or ``None``.

    One with exactly these settings comes before one with others.
    """
    hits = known[
        (known["model_id"] == unit.model.id)
        & (known["persona"] == unit.persona.key)
        & (known["question_id"] == unit.question.id)
        & (known["language"] == unit.language)
        & (known["intervention"] == unit.options.intervention)
    ]
    if hits.empty:
        return None
    exact = hits[hits["cell_id"] == unit.id]
    return _load((exact if len(exact) else hits).iloc[-1])


class Gathered(NamedTuple):
    """What all stored traces say together. The traces themselves, prompts and all, are not kept in memory.

    ``stamp`` tells two gatherings apart; ``gains`` is the frame of :func:`core.audits.traces.gain.against_people`.
    """

    stamp: tuple[Hashable, ...]
    moves: list[Move]
    gains: pd.DataFrame


def gathered(known: pd.DataFrame) -> Gathered:
    """Every stored trace, the newest ``MOST``, each unit once."""
    latest = known.drop_duplicates("cell_id", keep="last")[-MOST:]
    return _gathered(tuple(zip(latest["run_id"], latest["cell_id"], latest["created"], strict=True)), latest)


@st.cache_resource(show_spinner=False, max_entries=2)
def _gathered(stamp: tuple[tuple[str, str, datetime], ...], _latest: pd.DataFrame) -> Gathered:
    traces = load_traces(resources.store(), _latest, resources.models(), resources.questions())
    return Gathered(stamp, moves(traces), against_people(traces, resources.survey()))


def runs_of(known: pd.DataFrame) -> list[str]:
    """Runs that the page's traces and tables are read from."""
    return list(dict.fromkeys(known.drop_duplicates("cell_id", keep="last")["run_id"]))


def from_job(job: Job | None, unit: Unit) -> Trace | None:
    """What a job has found of this trace so far, or ``None``."""
    if job is None:
        return None
    results = job.results()
    done = next((r for r in results if isinstance(r, Trace) and r.unit.id == unit.id), None)
    if done is not None:
        return done
    steps = tuple(r.step for r in results if isinstance(r, LiveStep) and r.unit_id == unit.id)
    return Trace(unit=unit, steps=steps) if steps else None
