"""Directly read and sampled answers of one model are not mixed where their differences are the figure."""

from __future__ import annotations

import pandas as pd

SAMPLED = "sampled"


def of_one_method(rows: pd.DataFrame) -> pd.DataFrame:
    """The ``rows`` (with ``model_id`` and ``method``) of each model that were read as most of its rows were.

    Probabilities that were read directly and shares counted from sampled answers differ by themselves: in the noise of
    sampling, and in that a first word is not a written answer. Where the difference between two answers is measured,
    this would look like an effect of how they were asked. Where both are equally many, those read directly are kept.

    >>> rows = pd.DataFrame({"model_id": ["m"] * 3, "method": ["full", "sampled", "sampled"]})
    >>> of_one_method(rows)["method"].tolist()
    ['sampled', 'sampled']
    """
    sampled = rows["method"] == SAMPLED
    mostly = sampled.groupby(rows["model_id"]).transform("mean") > 0.5
    return rows[sampled == mostly]
