"""Stored answers one after the other: which of a run a reader wants to see, and what was printed beside each."""

# Only fixed names are put into SQL texts; what comes from outside is always a parameter.
# ruff: noqa: S608

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from core.store.index.database import Store
from core.store.index.question_key import QUESTION_KEY
from core.store.index.scopes import condition
from core.store.index.selection import Selection
from core.store.index.tallies import counted
from core.types import LITTLE_MASS

Mass = Literal["under_half", "from_half"]
MASSES: tuple[Mass, ...] = ("under_half", "from_half")
"""How much of the probability of a reading lay on the options: less than half of it, or half and more."""

PERSONA = "concat_ws('|', coalesce(country, ''), coalesce(age, ''), coalesce(sex, ''), coalesce(education, ''))"
"""The persona of a stored row in SQL, in the form of ``Persona.key``."""
_READ = "kind = 'options' AND outcome NOT IN ('error', 'refusal')"
_MASS: dict[Mass, str] = {
    "under_half": f"({_READ} AND valid_mass < {LITTLE_MASS})",
    "from_half": f"({_READ} AND valid_mass >= {LITTLE_MASS})",
}
_ORDER = f"model_id, {QUESTION_KEY}, {PERSONA}, language, paraphrase, tag, kind, prompt_version, codes, sample, cell_id"
_SAME = ("model_id", "survey", "question_id", "country", "age", "sex", "education", "language", "paraphrase", "tag")


class AnswerFilter(Selection):
    """Which answers of a run. What is None does not restrict.

    ``questions`` are keys of questions, ``personas`` are keys of personas (``country|age|sex|education``), ``outcomes``
    are those of :data:`core.types.cells.Outcome`, and ``mass`` is one of :data:`MASSES`, which leaves out what is no
    reading. ``cells`` are ids of cells.
    """

    questions: tuple[str, ...] | None = None
    personas: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    outcomes: tuple[str, ...] | None = None
    mass: Mass | None = None
    cells: tuple[str, ...] | None = None

    def where(self) -> tuple[str, list[Any]]:
        """An SQL condition and its parameters."""
        first, values = super().where()
        parts = [first]
        for column, wanted in (
            (QUESTION_KEY, self.questions),
            (PERSONA, self.personas),
            ("language", self.languages),
            ("outcome", self.outcomes),
            ("cell_id", self.cells),
        ):
            if wanted is not None:
                parts.append(f"({column}) IN (SELECT unnest(?::VARCHAR[]))")
                values.append(list(wanted))
        if self.mass is not None:
            parts.append(_MASS[self.mass])
        return " AND ".join(parts), values


def answer_places(store: Store, chosen: AnswerFilter) -> pd.DataFrame:
    """``cell_id`` and ``sample`` of every answer that is chosen, in the order in which they are read.

    Answers to one question by one persona stand together, whatever the order in which they were asked.
    """
    where, values = chosen.where()
    sql = f"SELECT cell_id, sample FROM responses WHERE {where} ORDER BY {_ORDER}"
    return store.frame(sql, values, rows_of=chosen.run_ids or ())


def answers(store: Store, chosen: AnswerFilter) -> pd.DataFrame:
    """The chosen answers, one row each in reading order, with the question's key and the persona's key.

    Columns: cell_id, sample, model_id, question_id (a key), persona, language, paraphrase, prompt_version, tag, kind,
    codes (as printed), mass, valid_mass (0..1), outcome, error_kind, parsed_code, text.
    """
    where, values = chosen.where()
    return store.frame(
        f"""SELECT cell_id, sample, model_id, {QUESTION_KEY} AS question_id, {PERSONA} AS persona, language, paraphrase,
        prompt_version, tag, kind, codes, mass, valid_mass, outcome, error_kind, parsed_code, text
        FROM responses WHERE {where} ORDER BY {_ORDER}""",
        values,
        rows_of=chosen.run_ids or (),
    )


def how_many(store: Store, chosen: AnswerFilter) -> int:
    """The number of answers that are chosen."""
    where, values = chosen.where()
    found = store.frame(f"SELECT count(*) AS n FROM responses WHERE {where}", values, rows_of=chosen.run_ids or ())
    return int(found["n"].iloc[0])


def choices(store: Store, run_id: str) -> dict[str, list[str]]:
    """What the answers of a run can be filtered by: the values of model_id, question_id (keys), persona, language and
    outcome, in order.
    """
    columns = {
        "model_id": "model_id",
        "question_id": QUESTION_KEY,
        "persona": PERSONA,
        "language": "language",
        "outcome": "outcome",
    }
    lists = ", ".join(f"coalesce(list_sort(list(DISTINCT {sql})), []) AS {name}" for name, sql in columns.items())
    found = store.frame(f"SELECT {lists} FROM responses WHERE run_id = ?", [run_id], rows_of=[run_id])
    return {name: [str(value) for value in found[name].iloc[0]] for name in columns}


def printed_beside(store: Store, run_id: str, cell_id: str, most: int = 24) -> list[str]:
    """Ids of the cells that put the same question to the same model as the same person, printed in any way.

    The cell itself is among them; at most ``most`` are named, options before written answers.
    """
    same = " AND ".join(f"r.{name} IS NOT DISTINCT FROM one.{name}" for name in _SAME)
    found = store.frame(
        f"""SELECT DISTINCT r.cell_id, r.kind, r.prompt_version, r.codes FROM responses AS r, (
            SELECT {", ".join(_SAME)} FROM responses WHERE run_id = ? AND cell_id = ? LIMIT 1
        ) AS one WHERE r.run_id = ? AND {same} ORDER BY r.kind, r.prompt_version, r.codes, r.cell_id LIMIT ?""",
        [run_id, cell_id, run_id, most],
        rows_of=[run_id],
    )
    return list(found["cell_id"])


def under_half(store: Store, run_id: str) -> int:
    """How many readings of a run have less than half of the probability on the options."""
    sql = f"SELECT {counted()} AS n FROM tallies WHERE run_id = ? AND beside"
    return int(store.frame(sql, [run_id])["n"].iloc[0])


def runs_in(store: Store, scope: str) -> set[str]:
    """Ids of the runs that hold an answer of ``scope`` (:mod:`core.store.index.scopes`)."""
    where, values = condition(scope)
    return set(store.frame(f"SELECT DISTINCT run_id FROM tallies WHERE {where}", values)["run_id"])
