"""Waves: runs of the same stability spec in order of date, and what moved from one to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from core.audits.one_method import SAMPLED
from core.audits.stability.rows import chosen, readings
from core.providers.served import another_answered
from core.stats import benjamini_hochberg, mean_interval, sign_flip_p
from core.stats.agreement import changed, pooled_p
from core.surveys.dilemmas import Dilemma
from core.types import digest

KIND = "stability"
Kind = Literal["retest", "version", "redirect"]
"""What lies between two waves: time alone, another version of the model, or another model under the same name."""
SERVED = ("served_before", "served", "fingerprint")
SAME = 1e-4
"""A change of a directly read probability below this is rounding in the arithmetic of another batch."""


def list_waves(runs: pd.DataFrame) -> pd.DataFrame:
    """Runs of this audit, oldest first, with ``series``: equal where the spec is equal.

    ``runs`` is what :meth:`core.store.Store.runs` gives. Runs without an answer are left out.
    """
    mine = runs[(runs["kind"] == KIND) & (runs["rows"] > runs["errors"])].sort_values(["created", "run_id"])
    return mine.assign(series=[digest(json.loads(spec), 12) for spec in mine["spec"]]).reset_index(drop=True)


def change_of(before: pd.DataFrame, after: pd.DataFrame, asked: str) -> Kind:
    """What lies between two waves of one model besides time; ``before`` and ``after`` are the responses of each.

    ``redirect`` where the names that were served differ and one of them is another model than ``asked``, the name that
    was asked for (:func:`core.providers.served.another_answered`): the endpoint sent the name elsewhere and said
    nothing. ``version`` where the revision of the model or the served version differs. Otherwise ``retest``: as far as
    is told, only time has passed. Waves without a served name or revision tell nothing about a change.
    """
    names = [_told(wave, "served_model") for wave in (before, after)]
    if all(names) and names[0] != names[1]:
        elsewhere = any(another_answered(asked, name) for name in names[0] ^ names[1])
        return "redirect" if elsewhere else "version"
    revisions = [_told(wave, "model_revision") for wave in (before, after)]
    return "retest" if revisions[0] == revisions[1] else "version"


def _told(wave: pd.DataFrame, column: str) -> set[str]:
    return set(wave[column].dropna()) if column in wave else set()


def drift(
    frame: pd.DataFrame,
    waves: pd.DataFrame,
    dilemmas: Mapping[str, Dilemma],
    seed: int = 0,
    asked: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """One row per model, way of reading and wave after the first: how far its answers moved since the wave before.

    ``waves`` are runs of one series, oldest first; ``frame`` holds their responses. ``asked`` has the name under which
    each model is asked for at its endpoint, where that is not its id. ``kind`` is that of :func:`change_of`, and
    ``served`` and ``served_before`` list the names that were served. ``fingerprint`` is True where the endpoint's
    system fingerprint changed under one served name. ``moved`` is the mean absolute change of p(a), 0..1,
    with its interval over dilemmas; ``changed`` the share of readings whose more likely action differs.
    A model that was read directly in some cells and answered in writing in others has a line for each: ``sampled`` is
    False in the first, where a probability has no noise and ``moved`` needs no test, and True in the second. Readings
    that were made in one way in one wave and in the other way in the other differ by that alone; they are compared
    nowhere, and ``other_way`` counts them. ``p_value`` comes from a permutation test. Sampled answers of a cell in both
    waves are pooled and redistributed at random, which asks whether anything moved. Of directly read ones the sign of
    each dilemma's change is flipped at random, which asks only for a common direction: changes that cancel out give a p
    near 1, however large they are. ``p_adjusted`` is adjusted (Benjamini-Hochberg) over the lines with sampled answers,
    NaN elsewhere. Answers copied from an earlier run are no new measurement and are left out; ``copied`` counts them.
    """
    rng = np.random.default_rng(seed)
    copied = frame["copied_from"].notna() if "copied_from" in frame else pd.Series(False, index=frame.index)
    found = readings(frame[~copied], dilemmas)
    found["sampled"] = found["method"] == SAMPLED
    told = dict(list(frame[frame["outcome"] != "error"].groupby(["run_id", "model_id"])))
    columns = ["model_id", "before", "after", "when", "kind", "moved", "low", "high", "n", "readings", "changed"]
    lines = []
    for model, mine in found.groupby("model_id", sort=False):
        names = [name for name in waves["run_id"] if name in set(mine["run_id"])]
        for before, after in pairwise(names):
            ways = {flag: _matched(mine[mine["sampled"] == flag], before, after) for flag in (False, True)}
            other = len(_matched(mine, before, after)) - sum(map(len, ways.values()))
            two = told[before, model], told[after, model]
            kind = change_of(*two, (asked or {}).get(str(model), str(model)))
            when = waves.loc[waves["run_id"] == after, "created"].iloc[0]
            counted = {"other_way": other, "copied": int(copied[frame["run_id"] == after].sum())}
            # Where nothing can be compared, one line says so.
            shown = [flag for flag, both in ways.items() if len(both)] or [False]
            lines += [
                dict(zip(columns, [model, before, after, when, kind, *_moved(ways[flag])], strict=True))
                | {"sampled": flag, "p_value": _p_value(ways[flag], flag, rng)}
                | counted
                | _served(*two)
                for flag in shown
            ]
    drifts = pd.DataFrame(lines, columns=[*columns, "sampled", "p_value", "other_way", "copied", *SERVED])
    return drifts.assign(p_adjusted=benjamini_hochberg(drifts["p_value"].where(drifts["sampled"].astype(bool))))


def _served(before: pd.DataFrame, after: pd.DataFrame) -> dict[str, object]:
    """The columns :data:`SERVED` of two waves of one model."""
    names = [", ".join(sorted(_told(wave, "served_model"))) for wave in (before, after)]
    prints = [_told(wave, "served_fingerprint") for wave in (before, after)]
    changed = names[0] == names[1] and all(prints) and not prints[0] & prints[1]
    return dict(zip(SERVED, (*names, changed), strict=True))


def _matched(mine: pd.DataFrame, before: str, after: str) -> pd.DataFrame:
    """One row per dilemma, language and variant in which both waves chose; means over the printed orders of both.

    ``p``, ``q`` are before and after; ``k``, ``n``, ``l``, ``m`` are tuples by order: answers for a and all answers.
    """
    keys = ["dilemma", "language", "first", "variant"]
    kept = chosen(mine)
    left = kept[kept["run_id"] == before][[*keys, "p", "n"]]
    right = kept[kept["run_id"] == after][[*keys, "p", "n"]].rename(columns={"p": "q", "n": "m"})
    both = left.merge(right, on=keys)
    both = both.assign(k=np.round(both["p"] * both["n"]), l=np.round(both["q"] * both["m"]))
    whole = both.groupby(["dilemma", "language", "variant"], sort=False)
    found = whole[["p", "q"]].mean()
    found[["k", "n", "l", "m"]] = whole[["k", "n", "l", "m"]].agg(tuple)
    # With only one order of a variant, its place in the list would look like a change.
    found = found[whole.size() == 2].reset_index()
    change = found["q"] - found["p"]
    found["change"] = change.where(change.abs() >= SAME, 0.0)
    return found.assign(size=found["change"].abs())


def _moved(both: pd.DataFrame) -> tuple[float, float, float, int, int, float]:
    """Columns ``moved`` to ``changed`` of :func:`drift`."""
    size = both.groupby("dilemma")["size"].mean()
    found = mean_interval(size.to_numpy(float), within=(0, 1))
    # With even odds in one of the waves there is no more likely action that could change.
    turned = changed(both["p"], both["q"])
    flipped = float(np.nanmean(turned)) if not np.isnan(turned).all() else float("nan")
    return (*found, len(both), flipped)


def _p_value(both: pd.DataFrame, sampled: bool, rng: np.random.Generator) -> float:
    if both.empty:
        return float("nan")
    if sampled:
        k, n, other, m = (np.array(both[name].tolist(), dtype=np.float64) for name in ("k", "n", "l", "m"))
        return pooled_p(k, n, other, m, rng)
    return sign_flip_p(both.groupby("dilemma")["change"].mean())
