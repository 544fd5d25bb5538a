"""The place of every model asked in one way by all three measures, the baselines, and where the measures disagree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.findings.china_west.answers import Publics, models_of, publics, wide
from core.findings.china_west.measures import (
    EVERY_ITEM,
    LEAST_LEAN,
    MEASURES,
    Measure,
    contributions,
    correlations,
    ends,
    lean,
    leans_by_item,
)
from core.once import once
from core.stats import benjamini_hochberg, clear_sign
from core.stats.distances import Array
from core.surveys.published import ITEMS, mean_of_the_others


def places(answers: pd.DataFrame, language: str, persona: str, people: Publics | None = None) -> pd.DataFrame:
    """Every model asked this way, by all three measures; one row per model of ``answers``, asked this way or not.

    Columns: model_id, those of :func:`models_of`, valid_mass (mean, NaN for published figures), n_items, d_chn, d_usa,
    near_chn, near_usa (counts of questions), rho_chn, rho_usa, and for each measure ``lean_M``, ``lean_M_low``,
    ``lean_M_high`` (95 % over questions) and ``lean_M_p`` (that it is 0, adjusted over the models).
    """
    between = people or publics()
    table = wide(answers, language, persona)
    facts = models_of(answers)
    part = answers[(answers["language"] == language) & (answers["persona"] == persona)]
    facts = facts.assign(valid_mass=part.groupby("model_id")["valid_mass"].mean().reindex(facts.index))
    rows = [
        {"model_id": model, **facts.loc[str(model)].to_dict(), **_row(values.to_numpy(float), between)}
        for model, values in table.iterrows()
    ]
    frame = pd.DataFrame(rows, columns=["model_id", *facts.columns, *_row(np.full(len(ITEMS), np.nan), between)])
    for measure in MEASURES:
        frame[f"lean_{measure}_p"] = benjamini_hochberg(frame[f"lean_{measure}_p"].to_numpy(float))
    return frame.sort_values(["lean_distance", "name"], ascending=[False, True], ignore_index=True)


def _row(answers: Array, people: Publics) -> dict[str, float]:
    known = ~np.isnan(answers)
    asked = bool(known.any())
    row: dict[str, float] = {"n_items": int(known.sum())}
    rho = correlations(answers, people) if asked else np.full(2, np.nan)
    for code, public, correlation in zip(("chn", "usa"), people, rho, strict=True):
        row[f"d_{code}"] = float(np.abs(answers - public)[known].mean()) if asked else np.nan
        row[f"rho_{code}"] = float(correlation)
    signs = leans_by_item(answers, people, "items")
    row["near_chn"] = int((signs == -1).sum()) if asked else np.nan
    row["near_usa"] = int((signs == 1).sum()) if asked else np.nan
    for measure in MEASURES:
        low, high, p = ends(contributions(answers, people, measure))
        row |= {f"lean_{measure}": lean(answers, people, measure)}
        row |= {f"lean_{measure}_low": low, f"lean_{measure}_high": high, f"lean_{measure}_p": p}
    return row


@once
def _plain() -> pd.DataFrame:
    answers = {"middle": np.full(len(ITEMS), 5.5), "others": mean_of_the_others()}
    return pd.DataFrame([{"baseline": name, **_row(values, publics())} for name, values in answers.items()])


def plain_places() -> pd.DataFrame:
    """The places of answers that need no model, columns of :func:`places` from ``n_items`` on, and ``baseline``.

    ``middle`` answers 5.5 to every question, so it has no order and no rank correlation; ``others`` is the
    unweighted mean of all countries but the two.
    """
    return _plain().copy()


def directions(frame: pd.DataFrame) -> pd.DataFrame:
    """Which public is nearer by each measure, for the rows of :func:`places` with :data:`EVERY_ITEM`.

    One column per measure: ``USA``, ``CHN`` or ``even``; ``agree`` is True where all three are the same.
    """
    counted = frame[frame["n_items"] >= EVERY_ITEM]
    names = {-1.0: "CHN", 1.0: "USA", 0.0: "even"}
    out = counted[["model_id", "name", "group"]].copy()
    for measure in MEASURES:
        rounded = np.sign(counted[f"lean_{measure}"].round(9))
        out[measure] = [names.get(value, "even") for value in rounded]
    out["agree"] = out[list(MEASURES)].nunique(axis=1).eq(1) if len(out) else pd.Series(dtype=bool)
    return out.reset_index(drop=True)


def _clear(counted: pd.DataFrame, measure: Measure, sign: int) -> int:
    name = f"lean_{measure}"
    ends = counted[f"{name}_low"], counted[f"{name}_high"]
    return int((clear_sign(counted[name], *ends, counted[f"{name}_p"], LEAST_LEAN[measure]) == sign).sum())


def measure_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Per measure: models, how many are nearer to each public by the point alone, and how many clearly so.

    Clearly is :func:`core.stats.clear_sign`, p adjusted over the models, least :data:`LEAST_LEAN`.
    """
    counted, found = frame[frame["n_items"] >= EVERY_ITEM], directions(frame)
    rows = [
        {
            "measure": measure,
            "models": len(counted),
            "near_usa": int((found[measure] == "USA").sum()),
            "clear_usa": _clear(counted, measure, 1),
            "near_chn": int((found[measure] == "CHN").sum()),
            "clear_chn": _clear(counted, measure, -1),
        }
        for measure in MEASURES
    ]
    return pd.DataFrame(rows)
