"""Does the reasoning help? Compares the vote of a trace and the direct answer with the answers of real people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.audits.traces.types import Trace
from core.stats import benjamini_hochberg, clear_sign, mean_interval, noise_floor, sign_flip_p
from core.stats.distances import emd_ordinal, jsd
from core.surveys import Survey
from core.surveys.batteries import battery_of
from core.types import Reference

MEASURES = ("jsd", "emd", "miss")
"""Distances, smaller is better: JSD, EMD on ordinal questions, and 1 where the most likely option is not people's."""
GROUPINGS = ("model_id", "country", "language", "sex", "age", "education")
FLOOR_DRAWS = 500
LEAST: dict[str, float] = {"jsd": 0.01, "emd": 0.01, "miss": 0.05}
"""Smallest change of each measure that is called nearer or farther."""


def against_people(traces: Sequence[Trace], survey: Survey, seed: int = 0) -> pd.DataFrame:
    """One row per plain trace that has a vote, a direct answer and a human reference.

    For each of ``jsd`` and ``emd`` (NaN on nominal questions): ``mark_*``, ``direct_*``, ``uniform_*``, ``others_*``
    (mean of the other countries), and ``floor_jsd``, the 95 % point of the score of as many people as were asked.
    Also ``mark_miss`` and ``direct_miss``, 0 or 1.
    """
    return pd.DataFrame(
        [
            row
            for trace in traces
            if trace.unit.options.intervention == "none" and (row := _row(trace, survey, seed)) is not None
        ]
    )


def _row(trace: Trace, survey: Survey, seed: int) -> dict[str, object] | None:
    unit = trace.unit
    if trace.vote is None or trace.direct is None or not unit.question.survey or not unit.persona.country:
        return None
    people = survey.reference(unit.question.id, unit.persona)
    if not isinstance(people, Reference):
        return None
    human = np.asarray(people.shares)
    others = survey.mean_of_others(unit.question.id, people.country)
    answers = {
        "mark": np.asarray(trace.vote),
        "direct": np.asarray(trace.direct),
        "uniform": np.full(len(human), 1 / len(human)),
        "others": np.asarray(others) if others is not None else np.full(len(human), np.nan),
    }
    ordinal = unit.question.scale == "ordinal"
    n = max(1, round(people.n_eff))
    row: dict[str, object] = {
        "model_id": unit.model.id,
        "question_id": unit.question.id,
        "battery": battery_of(unit.question),
        "persona": unit.persona.key,
        "country": unit.persona.country,
        "sex": unit.persona.sex,
        "age": unit.persona.age,
        "education": unit.persona.education,
        "language": unit.language,
        "matched": people.matched,
        "n_human": people.n,
        "floor_jsd": float(noise_floor(human, n, jsd, FLOOR_DRAWS, np.random.default_rng(seed)).high),
    }
    for name, answer in answers.items():
        row[f"{name}_jsd"] = float(jsd(human, answer))
        row[f"{name}_emd"] = float(emd_ordinal(human, answer)) if ordinal else float("nan")
    for name in ("mark", "direct"):
        row[f"{name}_miss"] = float(int(np.argmax(answers[name])) != int(np.argmax(human)))
    return row


def gains(rows: pd.DataFrame, by: str, seed: int = 0) -> pd.DataFrame:
    """What the reasoning changes, for each value of a column of ``rows`` such as ``model_id`` or ``sex``.

    One row per value and measure: ``mark``, ``direct``, ``change`` (mark minus direct, below 0 is nearer to people)
    with its paired 95 % interval by battery, ``questions``, ``batteries`` and ``traces``, ``uniform``, ``others``,
    ``floor``, ``p`` (sign test by battery), ``p_adjusted`` (Benjamini-Hochberg over the ``tests`` values of a measure),
    and ``verdict``: ``nearer`` or ``farther`` where the interval excludes 0, the adjusted p is under .05 and the change
    is at least :data:`LEAST`; otherwise ``unclear``.
    """
    lines: list[dict[str, Any]] = []
    known = rows[rows[by].notna()] if len(rows) else rows
    for measure in MEASURES if len(known) else ():
        each = [(value, _line(group, measure, seed)) for value, group in known.groupby(by, sort=True)]
        here = [{"value": value, **line} for value, line in each if line is not None]
        adjusted = benjamini_hochberg([line["p"] for line in here])
        for line, p in zip(here, adjusted, strict=True):
            line |= {"p_adjusted": float(p), "tests": len(here), "verdict": _verdict(line, float(p))}
        lines += here
    frame = pd.DataFrame(lines)
    return frame.sort_values("value", kind="stable", ignore_index=True) if lines else frame


def _line(group: pd.DataFrame, measure: str, seed: int) -> dict[str, Any] | None:
    """The figures of one group; None where no question has a direct answer to compare."""
    columns = [f"{side}_{measure}" for side in ("mark", "direct", "uniform", "others")]
    columns = [name for name in columns if name in group]
    means = group.groupby("question_id")[columns].mean()
    batteries = group.drop_duplicates("question_id").set_index("question_id")["battery"].reindex(means.index)
    mark, direct = means[f"mark_{measure}"].to_numpy(), means[f"direct_{measure}"].to_numpy()
    blocks = batteries.to_numpy(object)
    found = mean_interval(mark - direct, blocks)
    if found.n == 0:
        return None
    return {
        "measure": measure,
        "mark": float(np.nanmean(mark)),
        "direct": float(np.nanmean(direct)),
        "change": found.mean,
        "low": found.low,
        "high": found.high,
        "p": sign_flip_p(mark - direct, blocks, seed),
        "questions": found.n,
        "batteries": int(batteries[~np.isnan(mark - direct)].nunique()),
        "traces": len(group),
        "uniform": means.get(f"uniform_{measure}", pd.Series(dtype=float)).mean(),
        "others": means.get(f"others_{measure}", pd.Series(dtype=float)).mean(),
        "floor": float(group["floor_jsd"].mean()) if measure == "jsd" else float("nan"),
    }


def _verdict(line: Mapping[str, Any], p: float) -> str:
    sign = int(clear_sign(line["change"], line["low"], line["high"], p, LEAST[line["measure"]]))
    return {-1: "nearer", 0: "unclear", 1: "farther"}[sign]
