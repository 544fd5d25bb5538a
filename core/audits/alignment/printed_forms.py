"""Answers as printed, put together by the form in which the options stood, so that a form is computed at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Form = tuple[tuple[int, ...], str]
"""The codes in the order in which they were printed, and the labels that stood before them."""


def by_form(rows: pd.DataFrame) -> dict[Form, dict[str, list[Any]]]:
    """The columns of ``rows``, from :meth:`core.store.Store.printed`, as lists for each form, in the order of the rows.

    >>> rows = pd.DataFrame({"codes": [(1, 2), (2, 1), (1, 2)], "labels": "letters", "mass": [(1, 0), (0, 1), (0, 1)]})
    >>> by_form(rows)[(1, 2), "letters"]["mass"]
    [(1, 0), (0, 1)]
    """
    places: dict[tuple[bytes, str], list[int]] = {}
    for place, (codes, label) in enumerate(zip(rows["codes"].tolist(), rows["labels"].tolist(), strict=True)):
        places.setdefault((np.asarray(codes, dtype=np.int64).tobytes(), label), []).append(place)
    columns = {str(name): rows[name].tolist() for name in rows.columns}
    return {
        (tuple(np.frombuffer(codes, dtype=np.int64).tolist()), label): {
            name: [column[place] for place in found] for name, column in columns.items()
        }
        for (codes, label), found in places.items()
    }


def masses_of(part: dict[str, list[Any]]) -> NDArray[np.float64]:
    """The masses of the answers of one form (answers, options), in the order in which the options were printed."""
    return np.array(part["mass"], dtype=np.float64)
