"""Scores of reasoning traces: how far interventions move them, and whether the stages bring them nearer to people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from core.audits.base import Bank
from core.audits.traces.cells import tag
from core.audits.traces.faithfulness import Effect, Move, effects, moves
from core.audits.traces.gain import GROUPINGS, against_people, gains
from core.audits.traces.replay import closed_step
from core.audits.traces.store import VOTE_TAG, intervention_of
from core.audits.traces.types import Options, Step, Trace, Unit
from core.surveys import Survey, every_survey
from core.types import Question, Response


class Gathered(NamedTuple):
    """The results of many traces: the move of every intervention, and rows of :func:`.gain.against_people`."""

    moves: list[Move]
    gains: pd.DataFrame

    def effects_of(self, model_id: str) -> list[Effect]:
        """The effect of each intervention on the traces of one model."""
        return effects([one for one in self.moves if one.model_id == model_id])


def gather(traces: Sequence[Trace], survey: Survey) -> Gathered:
    """The results of ``traces``, compared with the people of ``survey``."""
    return Gathered(moves(traces), against_people(traces, survey))


def frames(found: Gathered) -> dict[str, pd.DataFrame]:
    """The results as the named frames of the audit.

    ``moves``: one row per intervention on a trace, columns of :class:`.faithfulness.Move`. ``effects``: one per model
    and intervention, columns of :class:`.faithfulness.Effect`, ``distance`` as ``mean``, ``low``, ``high``. ``people``:
    rows of :func:`.gain.against_people`. ``gains``: rows of :func:`.gain.gains` for each of :data:`.gain.GROUPINGS`,
    named in the column ``by``.
    """
    models = dict.fromkeys(one.model_id for one in found.moves)
    told = [{"model_id": model, **_flat(effect)} for model in models for effect in found.effects_of(model)]
    grouped = [gains(found.gains, by).assign(by=by) for by in GROUPINGS if len(found.gains)]
    kept = [frame for frame in grouped if len(frame)]
    return {
        "moves": pd.DataFrame([one.model_dump() for one in found.moves], columns=list(Move.model_fields)),
        "effects": pd.DataFrame(told),
        "people": found.gains,
        "gains": pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(),
    }


def scored(answers: Sequence[Response], bank: Bank, survey: Survey | None = None) -> dict[str, pd.DataFrame]:
    """The frames of :func:`frames`, made from the rows of runs alone."""
    return frames(gather(list(traces_of(answers, bank)), survey or every_survey()))


def traces_of(answers: Sequence[Response], bank: Bank) -> list[Trace]:
    """The votes among ``answers``, each with the direct answer that it is compared with, if there is one.

    Rows of models and questions that ``bank`` does not have are left out.
    """
    direct: dict[tuple[str, str, str, str], list[Response]] = defaultdict(list)
    for row in answers:
        if row.tag == tag("direct", "direct"):
            direct[_place(row)].append(row)
    found = []
    for row in answers:
        if not row.tag.startswith(VOTE_TAG) or not row.mass or row.model_id not in bank.models:
            continue
        question = bank.questions.get(row.question_key) or _own(row)
        if question is not None:
            unit = Unit.model_validate(
                {
                    "model": bank.models[row.model_id],
                    "persona": row.persona,
                    "question": question,
                    "language": row.language,
                    "options": Options(intervention=intervention_of(row.tag)),
                }
            )
            found.append(Trace(unit=unit, steps=_steps(row, question, direct.get(_place(row), []))))
    return found


def _place(row: Response) -> tuple[str, str, str, str]:
    return row.model_id, row.persona.key, row.question_key, row.language


def _own(row: Response) -> Question | None:
    return Question.model_validate_json(row.question_json) if row.question_json else None


def _steps(vote: Response, question: Question, direct: Sequence[Response]) -> tuple[Step, ...]:
    codes = tuple(str(code) for code in vote.codes)
    voted = Step(stage="synthesis", step="vote", options=codes, mass=vote.mass, created=vote.created)
    if len(direct) != len(question.options):
        return (voted,)
    return closed_step("direct", "direct", question, codes, list(direct)), voted


def _flat(effect: Effect) -> Mapping[str, object]:
    plain = {name: value for name, value in effect if name != "distance"}
    return plain | {"mean": effect.distance.mean, "low": effect.distance.low, "high": effect.distance.high}
