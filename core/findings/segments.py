"""What others measured of whose answers models miss: 24 models beside demographic segments, and three baselines.

The source (DTEF, 2026) gives one number per model, the mean over all segments, without an interval. So only this can be
said: what the whole population's own answer scores when it is given to every segment, and how many models score more.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from core.surveys.published import figures

STUDY = "segments"
_BASELINES = {
    "baseline: answers of the whole population": "whole",
    "baseline: segments shuffled": "shuffled",
    "baseline: uniform": "uniform",
}
BASELINES = tuple(_BASELINES.values())
"""The whole population's answer given to every segment, another segment's answer, and an even guess."""


class SegmentFit(NamedTuple):
    """How near answers come to those of demographic segments: 1 - sqrt(JSD), 0 to 1, higher is nearer.

    ``rows`` has one row per model and baseline, the nearest first: name (of a model, or of :data:`BASELINES`), group
    (``base/tuner`` of a model, or ``baseline``), developer, value, n (NaN where the source gives none), language, date.
    ``beyond`` counts, for each baseline, the models that score more than it does.
    """

    rows: pd.DataFrame
    beyond: dict[str, int]

    @property
    def models(self) -> pd.DataFrame:
        """The rows of models."""
        return self.rows[self.rows["group"] != "baseline"]

    def baseline(self, name: str) -> float:
        """The score of one of :data:`BASELINES`."""
        return float(self.rows.loc[self.rows["name"] == name, "value"].iloc[0])


def segment_fit() -> SegmentFit:
    """The published figures. Raises :class:`core.errors.DataError` where the file is damaged."""
    frame = figures(STUDY)
    plain = frame["base"] == "baseline"
    rows = pd.DataFrame(
        {
            "name": [_BASELINES.get(name, name.rsplit("/", 1)[-1]) for name in frame["model"]],
            "group": (frame["base"] + "/" + frame["tuner"]).mask(plain, "baseline"),
            **{name: frame[name] for name in ("developer", "value", "n", "language", "date")},
        }
    ).sort_values(["value", "name"], ascending=[False, True], ignore_index=True)
    scores = rows.loc[rows["group"] != "baseline", "value"]
    of = rows.set_index("name")["value"]
    return SegmentFit(rows, {name: int((scores > of[name]).sum()) for name in BASELINES})
