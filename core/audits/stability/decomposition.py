"""What moves the choice in a dilemma: its content, its printed order, its wording or the prompt language?

The probabilities of a dilemma form a grid: printed order x wording (plain and paraphrases) x language. They are split
as in :mod:`core.audits.alignment.decomposition`, which does the same for questions of a survey.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from core.audits.alignment.decomposition import COLUMNS
from core.audits.one_method import of_one_method
from core.audits.stability.rows import BASE, KEY, chosen
from core.stats.decomposition import Array, share_intervals, sums_of_squares

FACTORS = ("order", "wording", "language")
PAIRS = (("order", "language"),)
PARTS = ("content", *FACTORS, *(f"{one} x {other}" for one, other in PAIRS), "rest")


def dilemma_decomposition(found: pd.DataFrame) -> pd.DataFrame:
    """Shares of what moves the choices of each model, from :func:`.rows.readings`; columns of the other decomposition.

    ``questions`` counts dilemmas, each a battery of its own. A language counts if the dilemma has every wording in both
    orders in it. Readings that mostly chose nothing, or were read in another way than most (:func:`of_one_method`), are
    in no grid; ``left_out`` counts them too.
    """
    rows: list[tuple[Any, ...]] = []
    for model, mine in varied(found).groupby("model_id", sort=True):
        made = [
            grid
            for _, part in of_one_method(chosen(mine)).groupby("dilemma", sort=True)
            if (grid := _grid(part)) is not None
        ]
        used = sum(int(np.prod(grid.shape[:-1])) for grid in made)
        if not used:
            continue
        shares = share_intervals([sums_of_squares(grid, FACTORS, PAIRS) for grid in made], against="order")
        facts = (len(made), len(made), used, len(mine) - used, *shares.lead[:3])
        each = zip(shares.names, shares.mean, shares.low, shares.high, strict=True)
        rows += [(model, *part, *facts) for part in each]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def varied(found: pd.DataFrame) -> pd.DataFrame:
    """The readings that are decomposed: those of the plain wording and its paraphrases, the last of each prompt."""
    return found[found["axis"].isin((BASE, "paraphrase"))].drop_duplicates([*KEY, "variant"], keep="last")


def _grid(part: pd.DataFrame) -> Array | None:
    """Answers to one dilemma, (order, wording, language, two actions); None where no language has a full grid."""
    keys = part[["first", "variant", "language"]].itertuples(index=False, name=None)
    p = {key: float(value) for key, value in zip(keys, part["p"], strict=True)}
    wordings = sorted({variant for _, variant, _ in p})
    languages = [
        language
        for language in sorted({name for _, _, name in p})
        if all((first, variant, language) in p for first, variant in product("ab", wordings))
    ]
    if not languages:
        return None
    a = np.array([[[p[first, variant, name] for name in languages] for variant in wordings] for first in "ab"])
    return np.stack([a, 1 - a], axis=-1)
