"""Traces for the page: those that are being made, and those in run folders."""

from functools import partial
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core import i18n
from core.audits.base import Answers
from core.audits.traces.faithfulness import Effect, Move
from core.audits.traces.scores import Gathered as Said
from core.audits.traces.scores import gather
from core.audits.traces.store import load_trace, load_traces
from core.audits.traces.types import Trace, Unit
from core.audits.traces.walk import trace_stages, walk
from core.errors import DataError
from core.providers import get_provider
from core.runs import DayRun
from core.runs.ask import ask_stages_in_background
from core.runs.jobs import Job
from core.runs.prompt_length import question_length
from core.store.files.kinds import OPEN_KINDS, SINGLE_TRACES
from core.store.index.scopes import is_of_tuned
from core.types import Response, cell_id, digest
from pages.parts.shared import resources
from pages.parts.shared.readings import known_traces
from pages.parts.shared.scope import usual_of

MOST = 2_000
"""Most stored traces that are read for one table."""


@st.cache_resource(show_spinner=False)
def day_run() -> DayRun:
    """The run folder for traces made on the page: one per day and process."""
    return DayRun(resources.store(), SINGLE_TRACES, i18n.texts()("traces.run_title"))


def make(units: list[Unit], fresh: bool = False) -> Job:
    """Make traces in the background."""
    title = units[0].question.id
    stages = list(trace_stages(units))
    begin = partial(ask_stages_in_background, resources.jobs(), day_run, get_provider, stages, title, fresh=fresh)
    prompts = sum(stage.most_prompts for stage in stages)
    return resources.let_through(prompts, prompts * question_length(units[0].question), title, begin)


KINDS = ("traces", SINGLE_TRACES)
"""Kinds of runs that contain traces."""


def trace_extras() -> list[str]:
    """The traces besides those of audits by real models: ``single`` (made one by one), ``mock``, ``tuned``."""
    known, runs, models = known_traces(), resources.store().runs().set_index("run_id"), resources.models()
    kinds = set(runs.loc[list(set(known["run_id"])), "kind"])
    made_up = any(models[name].provider == "mock" for name in set(known["model_id"]))
    tuned = any(map(is_of_tuned, {*known["run_id"], *known["model_id"]}))
    there = {"single": kinds & {*OPEN_KINDS}, "mock": made_up, "tuned": tuned}
    return [name for name, some in there.items() if some]


def usual_traces() -> str:
    """The scope of the traces that count before the user chooses."""
    return usual_of(trace_extras())


def _load(row: pd.Series) -> Trace | None:
    """The trace of a row, or ``None`` if it is not valid: runs can be mailed, and questions can leave the bank."""
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

    A trace with exactly these settings takes precedence over others.
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
    """The results of all stored traces together; ``stamp`` distinguishes two gatherings.

    The traces themselves, prompts and all, are not kept in memory.
    """

    stamp: str
    said: Said

    @property
    def moves(self) -> list[Move]:
        """Every intervention on a stored trace."""
        return self.said.moves

    @property
    def gains(self) -> pd.DataFrame:
        """Rows of :func:`core.audits.traces.gain.against_people`."""
        return self.said.gains

    def effects_of(self, model_id: str) -> list[Effect]:
        """The effect of each intervention on the traces of one model."""
        return self.said.effects_of(model_id)


def gathered(known: pd.DataFrame) -> Gathered:
    """Every stored trace, the newest ``MOST``, each unit once."""
    latest = known.drop_duplicates("cell_id", keep="last")[-MOST:]
    stamp = digest([latest["run_id"].tolist(), latest["cell_id"].tolist(), latest["created"].astype(str).tolist()])
    return _gathered(stamp, latest)


@st.cache_resource(show_spinner=False, max_entries=2)
def _gathered(stamp: str, _latest: pd.DataFrame) -> Gathered:
    traces = load_traces(resources.store(), _latest, resources.models(), resources.questions())
    return Gathered(stamp, gather(traces, resources.survey()))


def runs_of(known: pd.DataFrame) -> list[str]:
    """Runs from which the traces and tables of the page are read."""
    return list(dict.fromkeys(known.drop_duplicates("cell_id", keep="last")["run_id"]))


def from_job(job: Job | None, unit: Unit) -> Trace | None:
    """The part of this trace that a job has made so far, or ``None``."""
    if job is None:
        return None
    answers = Answers({row.cell_id: row for row in job.results() if isinstance(row, Response)})
    found = walk(unit, answers).trace
    return found if found.steps else None


def being_written(job: Job) -> dict[str, str]:
    """Texts that are being written now, by the name of their step."""
    written = {row.cell_id for row in job.results() if isinstance(row, Response)}
    return {cell.tag.rsplit(":", 1)[-1]: text for cell, text in job.live().items() if cell_id(cell) not in written}
