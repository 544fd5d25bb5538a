"""Traces in run folders: written as trace steps beside the rows that they use, and read back without a model.

A trace's own row is a response with the tag ``mark-1:vote:<intervention>`` whose mass is the vote; its steps carry the
same cell id. ``run.json`` holds the settings under ``spec.options``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import pandas as pd
from pydantic import ValidationError

from core.audits.traces.types import PROBLEMS, STAGES, Options, Step, Trace, Unit
from core.errors import DataError, said
from core.prompts.render import version_of, wording_of
from core.prompts.traces import VERSION
from core.store import Store, TraceStep
from core.store.index.question_key import QUESTION_KEY
from core.store.index.scopes import ALL, condition
from core.types import Model, Persona, Question, Response, Variant, canonical_json, digest

VOTE_TAG = f"{VERSION}:vote:"
"""The beginning of the tag of a trace's own row; the intervention follows."""

_PROBLEM = "problem:"


def to_steps(trace: Trace, run_id: str) -> list[TraceStep]:
    """The stored form of a trace. A problem is a row of its own after its step; its text is the kind of problem."""
    rows = []
    for step in trace.steps:
        row = TraceStep(
            run_id=run_id,
            cell_id=trace.unit.id,
            created=step.created,
            stage=step.stage,
            step=step.step,
            decision=step.decision,
            options=step.options,
            probabilities=tuple(min(m, 1.0) for m in step.mass),
            text=step.text,
            prompt=step.prompt,
            cache_key=step.cache_key,
            latency_s=step.latency_s,
        )
        rows.append(row)
        if step.problem:
            blank = {"decision": None, "options": (), "probabilities": (), "prompt": "", "cache_key": None}
            rows.append(row.model_copy(update={"step": f"{_PROBLEM}{step.step}", "text": step.problem, **blank}))
    return rows


_OVER_OPTIONS = (("synthesis", "vote"), ("synthesis", "conclusion"), ("direct", "direct"))


def _aligned(unit: Unit, rows: Sequence[TraceStep]) -> bool:
    """Whether the values that are read by place have the right number of places."""
    for row in rows:
        if row.probabilities and len(row.probabilities) != len(row.options):
            return False
        wanted = len(unit.question.codes) if (row.stage, row.step) in _OVER_OPTIONS else len(row.probabilities)
        if row.probabilities and len(row.probabilities) != wanted:
            return False
        if (row.stage, row.step) == ("personality", "stack") and row.text and row.text.count(",") != 3:
            return False
    return True


def from_steps(unit: Unit, rows: Sequence[TraceStep]) -> Trace:
    """Inverse of :func:`to_steps`. Raises :class:`DataError` for a stage or problem that is not known."""
    if not _aligned(unit, rows):
        raise DataError(said("trace_stages"))
    problems = {(r.stage, r.step.removeprefix(_PROBLEM)): r.text for r in rows if r.step.startswith(_PROBLEM)}
    if any(r.stage not in STAGES for r in rows) or set(problems.values()) - set(PROBLEMS):
        raise DataError(said("trace_stages"))
    steps = [
        Step.model_validate(
            {
                "stage": row.stage,
                "step": row.step,
                "decision": row.decision,
                "options": row.options,
                "mass": row.probabilities,
                "text": row.text,
                "problem": problems.get((row.stage, row.step)),
                "prompt": row.prompt,
                "cache_key": row.cache_key,
                "cached": True,
                "created": row.created,
                "latency_s": row.latency_s or 0.0,
            }
        )
        for row in rows
        if not row.step.startswith(_PROBLEM)
    ]
    return Trace(unit=unit, steps=tuple(steps))


def intervention_of(tag: str) -> str:
    """The intervention that the tag of a trace's own row names."""
    return tag.removeprefix(VOTE_TAG)


def to_row(trace: Trace, run_id: str, revision: str | None) -> Response:
    """The vote as a response of the model version ``revision``; ``invalid`` where there was none."""
    unit, voted = trace.unit, trace.vote
    question = unit.question
    persona = unit.persona.model_dump()
    return Response(
        run_id=run_id,
        cell_id=unit.id,
        cache_key=digest(["trace", unit.id, [step.cache_key for step in trace.steps]]),
        created=max((step.created for step in trace.steps), default=datetime.now(UTC)),
        kind="options",
        provider=unit.model.provider,
        model_id=unit.model.id,
        model_revision=revision,
        survey=question.survey,
        question_id=question.id,
        question_json=None if question.survey else canonical_json(question.model_dump(mode="json")),
        **persona,
        language=unit.language,
        paraphrase=0,
        prompt_version=version_of(VERSION, question, Variant()),
        tag=f"{VOTE_TAG}{unit.options.intervention}",
        sample=0,
        codes=question.codes,
        mass=voted or (),
        valid_mass=1.0 if voted else None,
        method=unit.model.capabilities.method,
        n=None,
        text=None,
        parsed_code=None,
        outcome="option" if voted else "invalid",
        error_kind=None,
        error_text=None,
        top_tokens="[]",
        rendered_prompt="",
        latency_s=sum(step.latency_s for step in trace.steps),
        tokens_in=None,
        tokens_out=None,
        cost_usd=None,
    )


def stored_traces(store: Store, scope: str = ALL) -> pd.DataFrame:
    """One row per stored trace with a vote, newest last: run_id, cell_id, model, persona key, question, language, how.

    ``scope`` restricts the runs (:mod:`core.store.index.scopes`).
    """
    where, values = condition(scope)
    # QUESTION_KEY is a fixed text; values from outside are parameters.
    sql = f"""
        SELECT r.run_id, r.cell_id, r.created, r.model_id, {QUESTION_KEY} AS question_id, r.question_json, r.language,
            concat_ws('|', coalesce(country, ''), coalesce(age, ''), coalesce(sex, ''), coalesce(education, ''))
                AS persona,
            r.prompt_version, split_part(r.tag, ':', 3) AS intervention, all_runs.shipped, all_runs.spec
        FROM responses AS r JOIN all_runs USING (run_id)
        WHERE r.tag LIKE ? AND r.outcome = 'option' AND {where} ORDER BY r.created, r.cell_id
        """  # noqa: S608
    return store.frame(sql, [f"{VOTE_TAG}%", *values])


def load_trace(store: Store, row: pd.Series, model: Model, questions: dict[str, Question]) -> Trace:
    """The stored trace of one row of :func:`stored_traces`. Raises :class:`DataError` where it cannot be read."""
    return from_steps(_unit(row, model, questions), store.steps(row["run_id"], row["cell_id"]))


def load_traces(
    store: Store, rows: pd.DataFrame, models: Mapping[str, Model], questions: dict[str, Question]
) -> list[Trace]:
    """The stored traces of many rows of :func:`stored_traces`, in their order; each run is read once.

    Those that cannot be read are left out. Raises ``KeyError`` for a model that ``models`` does not know.
    """
    steps = {run: store.steps_of(str(run), list(part["cell_id"])) for run, part in rows.groupby("run_id", sort=False)}
    found = []
    for _, row in rows.iterrows():
        model = models[row["model_id"]]
        with suppress(DataError):  # runs can be mailed, and questions can leave the bank
            found.append(from_steps(_unit(row, model, questions), steps[row["run_id"]][row["cell_id"]]))
    return found


def _unit(row: pd.Series, model: Model, questions: dict[str, Question]) -> Unit:
    try:
        return _unit_of(row, model, questions)
    except (ValidationError, TypeError) as error:
        raise DataError(said("trace_stages")) from error


def _unit_of(row: pd.Series, model: Model, questions: dict[str, Question]) -> Unit:
    question = questions.get(row["question_id"])
    if question is None and row["question_json"]:
        question = Question.model_validate_json(row["question_json"])
    if question is None:
        raise DataError(said("trace_question", question=row["question_id"]))
    spec = json.loads(row["spec"]) if row["spec"] else None
    given = spec.get("options") if isinstance(spec, dict) else None
    return Unit(
        model=model,
        persona=Persona.from_key(row["persona"]),
        question=question.at(wording_of(row["prompt_version"])),
        language=row["language"],
        options=Options.model_validate({**(given or {}), "intervention": row["intervention"]}),
    )
