"""Makes readings from stored rows, and from readings the pairs of variants that an axis compares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.stats.agreement import sampling_variance
from core.store import Store
from core.surveys.dilemmas import Dilemma
from core.types import LITTLE_MASS

_ORDERS = ("a", "b")
FACTS = ("domain", "ambiguity", "worse", "value_a", "value_b")
KEY = ["model_id", "dilemma", "language", "first"]
COLUMNS = [*KEY, "axis", "step", "variant", "p", "valid_mass", "n", "method", "run_id", "cell_id", *FACTS]
BASE = "base"
RE_ASKING = ("paraphrase", "language")
"""Axes that, once both printed orders are averaged, change nothing that should matter for the choice."""
UNIT = ["model_id", "dilemma", "language"]


_STORED = """
SELECT run_id, cell_id, created, kind, model_id, model_revision, question_id, question_json, language, paraphrase, tag,
    codes, mass, n, method, outcome, copied_from, served_model, served_fingerprint
FROM responses
WHERE (question_json IS NOT NULL OR question_id IN (SELECT unnest(?::VARCHAR[])))
    AND (?::VARCHAR[] IS NULL OR run_id IN (SELECT unnest(?::VARCHAR[])))
    AND (?::VARCHAR[] IS NULL OR model_id IN (SELECT unnest(?::VARCHAR[])))
    AND (?::VARCHAR IS NULL OR language = ?)
ORDER BY created
"""


def stored_rows(
    store: Store,
    dilemmas: Mapping[str, Dilemma],
    run_ids: Sequence[str] | None = None,
    model_ids: Sequence[str] | None = None,
    language: str | None = None,
) -> pd.DataFrame:
    """Stored responses to dilemmas, oldest first, with the columns that this audit reads; None does not restrict.

    They include typed questions, because a dilemma of the user's own is a typed question.
    """
    runs = None if run_ids is None else list(run_ids)
    models = None if model_ids is None else list(model_ids)
    return store.frame(_STORED, [list(dilemmas), runs, runs, models, models, language, language])


def readings(frame: pd.DataFrame, dilemmas: Mapping[str, Dilemma]) -> pd.DataFrame:
    """One row per model, dilemma, language, printed order and variant: :data:`COLUMNS`.

    ``frame`` has the columns of stored responses. ``first`` is the action printed first, ``p`` the probability of a
    among the answers that choose (NaN where none does), ``n`` the number of choosing answers, NaN where probabilities
    were read directly. ``axis`` is ``base``, ``paraphrase``, ``consequence``, ``escalation`` or ``escalation_alone``;
    ``step`` is its number or word. Rows of other questions, errors and written answers are left out.
    """
    lines = [_line(row, dilemmas) for row in _records(frame, "options")]
    found = pd.DataFrame([line for line in lines if line is not None], columns=COLUMNS)
    return found.drop_duplicates([*KEY, "variant", "run_id"], keep="last").reset_index(drop=True)


def _records(frame: pd.DataFrame, kind: str) -> Iterable[dict[str, Any]]:
    if frame.empty:
        return []
    kept = frame[(frame["kind"] == kind) & (frame["outcome"] != "error")]
    return [{str(name): value for name, value in row.items()} for row in kept.to_dict("records")]


def _facts(row: Mapping[str, Any], dilemmas: Mapping[str, Dilemma]) -> dict[str, str] | None:
    known = dilemmas.get(row["question_id"])
    if known is not None:
        return {name: str(getattr(known, name)) for name in FACTS}
    if not row.get("question_json"):
        return None
    question = json.loads(row["question_json"])
    try:
        facts = json.loads(question.get("note") or "{}")
        return {name: str(facts[name]) for name in FACTS}
    except (AttributeError, KeyError, TypeError, ValueError):
        return None  # a typed question, not a dilemma


def _line(row: Mapping[str, Any], dilemmas: Mapping[str, Dilemma]) -> list[Any] | None:
    facts = _facts(row, dilemmas)
    if facts is None or sorted(row["codes"]) != [1, 2]:
        return None
    mass = dict(zip(row["codes"], row["mass"], strict=True))
    total = mass[1] + mass[2]
    answers = row["n"] if row["n"] is not None and not pd.isna(row["n"]) else np.nan
    axis, _, step = str(row["tag"]).partition(":")
    if not axis:
        axis, step = ("paraphrase", str(row["paraphrase"])) if row["paraphrase"] else (BASE, "")
    return [
        row["model_id"],
        row["question_id"],
        row["language"],
        "a" if row["codes"][0] == 1 else "b",
        axis,
        step,
        f"{axis}:{step}" if step else axis,
        mass[1] / total if total > 0 else np.nan,
        total,
        np.round(answers * total),
        row["method"],
        row["run_id"],
        row["cell_id"],
        *facts.values(),
    ]


def chosen(found: pd.DataFrame) -> pd.DataFrame:
    """The readings that mostly chose an action: valid mass of :data:`LITTLE_MASS` or more."""
    return found[(found["valid_mass"] >= LITTLE_MASS) & found["p"].notna()]


def over_orders(found: pd.DataFrame) -> pd.DataFrame:
    """One row per model, dilemma, language and variant: ``p`` is the mean over both printed orders.

    A model that prefers a place in the list does so to different degrees in different languages and wordings. If the
    orders were compared one by one, this preference would look like a change of mind. ``v`` is the sampling variance
    of ``p``, 0 where probabilities were read directly. The last reading of each prompt counts. A variant with an order
    that is missing or has little mass (:func:`chosen`) is left out.
    """
    kept = chosen(found).drop_duplicates([*KEY, "variant"], keep="last")
    kept = kept.assign(v=sampling_variance(kept["p"].to_numpy(float), kept["n"].to_numpy(float)))
    keys = [*UNIT, "variant"]
    groups = kept.groupby(keys, sort=False, dropna=False)
    mean = groups.agg(p=("p", "mean"), orders=("first", "nunique"))
    # The variance of a mean of two; it is unknown where the variance of either order is unknown.
    mean["v"] = groups["v"].sum(min_count=len(_ORDERS)) / len(_ORDERS) ** 2
    facts = kept.drop_duplicates(keys).set_index(keys)[["axis", "step", "valid_mass", "method", *FACTS]]
    whole = mean[mean["orders"] == len(_ORDERS)].drop(columns="orders")
    return whole.join(facts).reset_index()


def pairs(found: pd.DataFrame, axis: str) -> pd.DataFrame:
    """The two sides that ``axis`` compares, one pair per row: p, v, q, w beside the columns of the first side.

    ``p`` and ``q`` are probabilities of action a, ``v`` and ``w`` their sampling variances. Both sides are means over
    the printed orders (:func:`over_orders`); only ``order`` compares one order with the other. ``repeat`` pairs a
    reading with itself.
    """
    if axis == "order":
        base = chosen(found[found["axis"] == BASE]).drop_duplicates([*KEY, "variant"], keep="last")
        base = base.assign(v=sampling_variance(base["p"].to_numpy(float), base["n"].to_numpy(float)))
        left, right, on = base[base["first"] == "a"], base[base["first"] == "b"], UNIT
        return _merged(left, right, on)
    rows = over_orders(found)
    base = rows[rows["axis"] == BASE]
    if axis == "repeat":
        return _merged(base, base, UNIT)
    if axis == "language":
        on = ["model_id", "dilemma"]
        return _merged(base[base["language"] == "en"], base[base["language"] == "zh"], on)
    names = ("escalation", "escalation_alone") if axis == "escalation" else (axis,)
    return _merged(base, rows[rows["axis"].isin(names)], UNIT)


def _merged(left: pd.DataFrame, right: pd.DataFrame, on: Sequence[str]) -> pd.DataFrame:
    other = right[[*on, "p", "v", "variant"]].rename(columns={"p": "q", "v": "w", "variant": "other"})
    return left.merge(other, on=list(on))


def counts(found: pd.DataFrame, axis: str) -> pd.DataFrame:
    """How many variants of ``axis`` choose a and b in each unit, the base reading included; ties count for neither.

    Both printed orders are averaged, except for the axis ``order``.
    """
    rows = chosen(found) if axis == "order" else over_orders(found)
    wanted = (BASE,) if axis in ("order", "language") else (BASE, axis, f"{axis}_alone")
    rows = rows[rows["axis"].isin(wanted)]
    unit = [key for key in UNIT if key != {"language": "language"}.get(axis)]
    a = (rows["p"] > 0.5 + 1e-9).rename("a")
    b = (rows["p"] < 0.5 - 1e-9).rename("b")
    both = pd.concat([rows[[*unit, "ambiguity", "domain"]], a, b], axis=1)
    return both.groupby([*unit, "ambiguity", "domain"], as_index=False)[["a", "b"]].sum()
