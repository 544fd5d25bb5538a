"""Checks the rows of a private reference, so that every page can use them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.errors import DataError, said
from core.surveys.places import country_code
from core.surveys.wvs7 import COLUMNS, GROUPS
from core.types import Question

_YEARS = (1900, 2200)


def check_rows(name: str, questions: Mapping[str, Question], frame: pd.DataFrame) -> None:
    """Raise :class:`DataError`, naming column and value, where a row of ``frame`` cannot be used.

    Countries have a known code, years are between 1900 and 2200, groups are known, n is 1 or more, shares are between 0
    and 1, option codes belong to their question, and no value is missing.
    """
    if missing := COLUMNS - set(frame.columns):
        raise DataError(said("reference_columns", name=name, names=", ".join(sorted(missing))))
    mine = frame[frame["item_id"].isin(list(questions))]
    for column in sorted(COLUMNS):
        if mine[column].isna().any():
            raise DataError(said("reference_value", name=name, column=column, value="–"))
    groups = {(dimension, group) for dimension, known in GROUPS.items() for group in known}
    pairs = set(zip(mine["group_dim"].astype(str), mine["group"].astype(str), strict=True))
    options = set(zip(mine["item_id"].astype(str), _numbers(name, mine, "option_code"), strict=True))
    wrong = {
        "country_iso3": [c for c in mine["country_iso3"].unique() if not isinstance(c, str) or country_code(c) != c],
        "group": sorted(f"{d} {g}" for d, g in pairs - groups),
        "option_code": sorted(f"{q} {c:g}" for q, c in options if c not in questions[q].codes),
        "weight_status": sorted(set(mine["weight_status"].astype(str)) - {"applied", "unit", "none"}),
        "year": _outside(name, mine, "year", *_YEARS, whole=True),
        "n": _outside(name, mine, "n", 1, 1e10, whole=True),
        "n_eff": _outside(name, mine, "n_eff", 0, 1e10),
        "share": _outside(name, mine, "share", 0, 1 + 1e-9),
    }
    for column, values in wrong.items():
        if len(values):
            raise DataError(said("reference_value", name=name, column=column, value=values[0]))


def _numbers(name: str, frame: pd.DataFrame, column: str) -> list[float]:
    try:
        numbers: list[float] = frame[column].to_numpy(np.float64).tolist()
        return numbers
    except (TypeError, ValueError) as error:
        raise DataError(said("reference_value", name=name, column=column, value=frame[column].iloc[0])) from error


def _outside(name: str, frame: pd.DataFrame, column: str, low: float, high: float, whole: bool = False) -> list[float]:
    values = np.array(_numbers(name, frame, column))
    wrong = ~((values >= low) & (values <= high))
    if whole:
        wrong |= values != np.floor(values)
    out: list[float] = values[wrong].tolist()
    return out
