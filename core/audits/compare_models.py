"""Several models, runs or prompt languages side by side: what differs most, and is it more than noise?

Every audit is brought into one form first, ``items``: one number a side, place (a country, a group, an axis) and item
(a question or a dilemma). Sides are held against each other on the items that all of them have, so that a difference
is paired item by item; its interval is a bootstrap over items, and p swaps the two sides item by item at random,
adjusted over all places shown (Benjamini-Hochberg).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.audits.alignment import AskedAs, question_scores
from core.audits.dilemma_rows import BASE, KEY, readings
from core.audits.dilemma_scores import by_dilemma
from core.audits.mark_gain import against_people
from core.audits.mark_types import Trace
from core.audits.representation import GROUPS, Answers, measure
from core.audits.representation_plan import asked_as
from core.metrics.agreement import swap_p
from core.metrics.distances import Array
from core.metrics.gaps import bootstrap_counts
from core.metrics.intervals import benjamini_hochberg
from core.store import Store
from core.surveys import Survey
from core.surveys.dilemmas import Dilemma
from core.types import LANGUAGES, Frozen, Language

AuditName = Literal["alignment", "representation", "stability", "reasoning"]
AUDIT_NAMES: tuple[AuditName, ...] = ("alignment", "representation", "stability", "reasoning")
Verdict = Literal["same", "noise", "higher", "lower", "few"]
VERDICTS: tuple[Verdict, ...] = ("higher", "lower", "noise", "same", "few")

MOST_SIDES = 5
SAME = 1e-4
"""Readings of the same model that differ by less are rounding in the arithmetic of another batch."""
FEWEST = 2
ALL_COUNTRIES = "all"
ITEMS = ("place", "side", "item", "value", "base")
_GAP = "~"


class Side(Frozen):
    """One of the things compared: a model in one prompt language, in one run or (``None``) over all runs."""

    model_id: str
    run_id: str | None
    language: Language

    @property
    def key(self) -> str:
        """A stable name, for links."""
        return _GAP.join((self.model_id, self.run_id or "", self.language))


def side_of(key: str) -> Side | None:
    """The side that :attr:`Side.key` names, or ``None`` where ``key`` is no such name."""
    parts = key.rsplit(_GAP, 2)
    if len(parts) != 3 or parts[2] not in LANGUAGES or not parts[0]:
        return None
    return Side.model_validate({"model_id": parts[0], "run_id": parts[1] or None, "language": parts[2]})


def known_sides(store: Store) -> pd.DataFrame:
    """All sides that hold a measured answer: key, model_id, run_id (``None`` for all runs), language, created, rows.

    Single questions asked on a page count among all runs and make no side of their own.
    """
    found = store.frame(
        """
        SELECT model_id, run_id, language, runs.kind AS kind, min(r.created) AS created, count(*) AS rows
        FROM responses AS r JOIN runs USING (run_id)
        WHERE r.kind = 'options' AND r.outcome = 'option' GROUP BY ALL ORDER BY created, run_id
        """
    )
    whole = found.groupby(["model_id", "language"], as_index=False, sort=False).agg(
        created=("created", "max"), rows=("rows", "sum")
    )
    own = found[found["kind"] != "probe"].drop(columns="kind")
    both = pd.concat([whole.assign(run_id=None), own], ignore_index=True)
    values = zip(both["model_id"], both["run_id"], both["language"], strict=True)
    keys = [Side(model_id=m, run_id=r if isinstance(r, str) else None, language=lang).key for m, r, lang in values]
    return both.assign(key=keys, run_id=both["run_id"].astype(object).where(both["run_id"].notna(), None))


def shared_questions(answers: Mapping[str, Answers], personas: Iterable[str]) -> list[str]:
    """Questions that every side answered as each of ``personas`` that it was asked as at all, in sorted order."""
    shared: set[str] | None = None
    for persona in personas:
        each = [{name for key, name in mine if key == persona} for mine in answers.values()]
        common = set.intersection(*each) if each else set()
        shared = common if shared is None else shared | common
    return sorted(shared or ())


def alignment_items(
    answers: Mapping[str, Answers], survey: Survey, countries: Iterable[str], asked: AskedAs
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Distances to each country as ``items`` (base: that of an even guess), and the same questions as JSD.

    ``answers`` maps side keys to answers by (persona key, question id). The JSD frame has the even guess in ``base``
    too, and ``others``, the mean of the other countries, stands in both.
    """
    scores = question_scores(answers, survey, countries, asked)
    names = {"country": "place", "model_id": "side", "question_id": "item"}
    plain = scores.rename(columns=names)[["place", "side", "item"]]
    far = plain.assign(value=scores["distance"], base=scores["uniform"], others=scores["others"])
    nats = [(1 - scores[name]) ** 2 / np.log(2) for name in ("published", "uniform_published", "others_published")]
    return far, plain.assign(value=nats[0], base=nats[1], others=nats[2])


def representation_items(
    answers: Mapping[str, Answers], survey: Survey, country: str, told: Literal["none", "country"]
) -> pd.DataFrame:
    """Gap of each group of ``country`` to the other groups of its dimension, on questions that all sides answered.

    Places are ``dimension:group``; ``others`` is the gap of an even guess.
    """
    persona = asked_as(country, "all", "all", told)
    shared = set(shared_questions(answers, [persona]))
    # In the order of the bank, so that the groups are thinned as on the Representation page.
    ids = [name for name in survey.questions() if name in shared]
    parts = []
    for side, mine in answers.items():
        found = measure(mine, survey, country, ids, dimensions=tuple(GROUPS), tolds=(told,))
        each, groups = found["questions"], found["groups"]
        if len(each):
            even = groups.set_index(["dimension", "group"])["gap_even"]
            pairs = list(zip(each["dimension"], each["group"], strict=True))
            parts.append(
                pd.DataFrame(
                    {
                        "place": [f"{dimension}:{group}" for dimension, group in pairs],
                        "side": side,
                        "item": each["question_id"],
                        "value": each["gap_level"],
                        "base": np.nan,
                        "others": [float(even[pair]) for pair in pairs],
                    }
                )
            )
    return _joined(parts)


def stability_items(frames: Mapping[str, pd.DataFrame], dilemmas: Mapping[str, Dilemma]) -> pd.DataFrame:
    """How often two answers differ, by axis and dilemma; ``others`` is what sampling alone explains.

    ``frames`` maps side keys to stored responses of one model and prompt language, oldest first: where a prompt was
    measured more than once the last reading counts.
    """
    parts = []
    for side, frame in frames.items():
        asked = frame["question_id"].isin(list(dilemmas)) | frame["question_json"].notna()
        found = readings(frame[asked], dilemmas).drop_duplicates([*KEY, "variant"], keep="last")
        if not (found["axis"] == BASE).any():
            continue
        each = by_dilemma(found).dropna(subset=["flips"])
        each = each[each["axis"] != "language"]
        parts.append(
            pd.DataFrame(
                {
                    "place": each["axis"],
                    "side": side,
                    "item": each["dilemma"],
                    "value": each["flips"].astype(float),
                    "base": np.nan,
                    "others": each["noise"].astype(float),
                }
            )
        )
    return _joined(parts)


def reasoning_items(traces: Mapping[str, Sequence[Trace]], survey: Survey) -> pd.DataFrame:
    """JSD of the vote of a reasoning trace to people less that of the direct answer: below 0 the reasoning helps.

    Places are countries and ``all``; the mean over people of one question is one item.
    """
    parts = []
    for side, mine in traces.items():
        rows = against_people(mine, survey)
        if not len(rows):
            continue
        change = rows.assign(value=rows["mark_jsd"] - rows["direct_jsd"])
        for place, part in (("all", change), *((str(name), part) for name, part in change.groupby("country"))):
            means = part.groupby("question_id")["value"].mean()
            parts.append(
                pd.DataFrame(
                    {
                        "place": place,
                        "side": side,
                        "item": means.index,
                        "value": means.to_numpy(),
                        "base": np.nan,
                        "others": np.nan,
                    }
                )
            )
    return _joined(parts)


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*ITEMS, "others"])


def _tables(items: pd.DataFrame, sides: Sequence[str]) -> dict[str, tuple[list[str], Array, Array, Array]]:
    """Per place: the sides that have it, and value, base and others as (items, sides) on the items they share."""
    out = {}
    for place, part in items.groupby("place", sort=False):
        here = [side for side in sides if side in set(part["side"])]
        grids = [
            part.pivot_table(index="item", columns="side", values=name, dropna=False, observed=True)
            .reindex(index=part["item"].unique(), columns=here)
            .to_numpy(float)
            for name in ("value", "base", "others")
        ]
        full = ~np.isnan(grids[0]).any(axis=1)
        if here and full.any():
            out[str(place)] = (here, grids[0][full], grids[1][full], grids[2][full])
    return out


def _ratio(top: Array, bottom: Array | None, counts: Array) -> tuple[float, float, float]:
    """Mean of ``top``, or 1 - sum(top) / sum(bottom), with its 95 % interval; both (items,)."""
    n = len(top)
    value = float(top.mean()) if bottom is None else float(1 - top.sum() / bottom.sum())
    if n < FEWEST:
        return value, float("nan"), float("nan")
    drawn = counts @ top / n if bottom is None else 1 - counts @ top / (counts @ bottom)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return value, float(low), float(high)


def summaries(items: pd.DataFrame, sides: Sequence[str], as_skill: bool = False, seed: int = 0) -> pd.DataFrame:
    """One row a place and side: value, low, high, n (items that all sides share), even and others (baselines).

    ``as_skill`` gives 1 - sum(value) / sum(base) instead of the mean value. Ends are NaN with one item.
    """
    rows: list[dict[str, Any]] = []
    for place, (here, value, base, others) in _tables(items, sides).items():
        counts = bootstrap_counts(len(value), seed)
        for column, side in enumerate(here):
            known = ~np.isnan(others[:, column])
            reference = float(others[known, column].mean()) if known.any() else float("nan")
            even = float(base[:, column].mean())
            if as_skill:
                below = float(base[known, column].mean()) if known.any() else float("nan")
                even, reference = 0.0, 1 - reference / below
            mean, low, high = _ratio(value[:, column], base[:, column] if as_skill else None, counts)
            rows.append(
                {
                    "place": place,
                    "side": side,
                    "value": mean,
                    "low": low,
                    "high": high,
                    "n": len(value),
                    "even": even,
                    "others": reference,
                }
            )
    return pd.DataFrame(rows, columns=["place", "side", "value", "low", "high", "n", "even", "others"])


def differences(
    items: pd.DataFrame, sides: Sequence[str], pinned: str, as_skill: bool = False, seed: int = 0
) -> pd.DataFrame:
    """One row a place and side other than ``pinned``: side minus pinned, what differs most first.

    Columns: place, side, difference, low, high, n, p, p_adjusted (over all rows), verdict. ``higher`` and ``lower``
    need an interval that leaves out 0 and an adjusted p below 0.05; ``same`` is no item apart by more than
    :data:`SAME`, ``few`` one shared item. Places that come out as more than noise stand first.
    """
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for place, (here, value, base, _) in _tables(items, sides).items():
        if pinned not in here:
            continue
        first = here.index(pinned)
        counts = bootstrap_counts(len(value), seed)
        for column, side in enumerate(here):
            if side == pinned:
                continue
            apart = value[:, column] - value[:, first]
            if as_skill:
                # Both skills divide by the same baseline, so their difference is that of the distances, turned round.
                mean, high, low = (1 - end for end in _ratio(-apart, base[:, column], counts))
            else:
                mean, low, high = _ratio(apart, None, counts)
            rows.append(
                {
                    "place": place,
                    "side": side,
                    "difference": mean,
                    "low": low,
                    "high": high,
                    "n": len(apart),
                    "p": swap_p(apart, rng) if len(apart) >= FEWEST else float("nan"),
                    "same": bool((np.abs(apart) <= SAME).all()),
                }
            )
    columns = ["place", "side", "difference", "low", "high", "n", "p", "p_adjusted", "verdict"]
    frame = pd.DataFrame(rows)
    if frame.empty:
        return pd.DataFrame(columns=columns)
    frame["p_adjusted"] = benjamini_hochberg(frame["p"].to_numpy())
    frame["verdict"] = [_verdict(row) for row in frame.to_dict("records")]
    beyond = frame["verdict"].isin(("higher", "lower"))
    order = frame.assign(beyond=beyond, size=frame["difference"].abs())
    order = order.sort_values(["beyond", "size"], ascending=False, kind="stable")
    return order.reset_index(drop=True)[columns]


def _verdict(row: Mapping[Any, Any]) -> Verdict:
    if row["same"]:
        return "same"
    if row["n"] < FEWEST:
        return "few"
    beyond = (row["low"] > 0 or row["high"] < 0) and row["p_adjusted"] < 0.05
    if not beyond:
        return "noise"
    return "higher" if row["difference"] > 0 else "lower"
