"""The bands of the flow of weight keep their size, and both ends add up."""

import pandas as pd
import pytest

from core.charts.palette import LIGHT
from core.charts.traces import flow_bands, interval_rows, weight_flow
from core.i18n import texts

FLOW = pd.DataFrame(
    [("Ni", "Yes", 0.3), ("Ni", "No", 0.1), ("Fe", "Yes", 0.0), ("Fe", "No", 0.6)], columns=["source", "target", "flow"]
)


def test_a_band_is_as_high_as_its_flow_everywhere_and_bands_of_one_end_do_not_overlap():
    bands = flow_bands(FLOW)
    assert (bands["high"] - bands["low"]).to_numpy() == pytest.approx(bands["flow"].to_numpy())
    for x in (0.0, 1.0):
        ends = bands[bands["x"] == x].sort_values("high", ascending=False)
        assert len(ends) == 4
        assert (ends["low"].to_numpy()[:-1] >= ends["high"].to_numpy()[1:] - 1e-12).all()


def test_both_ends_are_named_with_their_shares():
    names = str(weight_flow(FLOW, LIGHT, texts()).to_dict()["datasets"])
    for label in ("Ni 40%", "Fe 60%", "Yes 30%", "No 70%"):
        assert label in names


def test_a_row_without_an_interval_is_drawn_as_a_point_alone():
    frame = pd.DataFrame({"label": ["one", "two"], "value": [0.1, 0.2], "low": [0.05, None], "high": [0.2, None]})
    chart = interval_rows(frame, LIGHT, "moved", {"slight": 0.05}, signed=False).to_dict()
    sizes = sorted(len(rows) for rows in chart["datasets"].values())
    assert sizes == [1, 1, 2]
