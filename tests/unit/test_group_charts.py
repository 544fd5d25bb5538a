"""Charts of groups of people differ in their data alone, so that a page draws one form for all countries."""

from __future__ import annotations

import pandas as pd
import pytest

from core.charts.detached import detached
from core.charts.export import to_svg
from core.charts.palette import LIGHT
from core.charts.representation import draw_gaps, draw_heat, gap_rows, heat_cells
from core.i18n import texts

ROWS = ["young", "between", "old"]
DRAWN = {"heat": (heat_cells, draw_heat), "gaps": (gap_rows, draw_gaps)}


def groups(names: list[str]) -> pd.DataFrame:
    """As many groups as ``names``, of one way of asking; none is flagged."""
    numbers = dict.fromkeys(("shared_low", "shared_high", "net", "net_low", "net_high", "gap_even", "gap_whole"), 0.1)
    words = {"told": "none", "told_label": "Nothing", "verdict": "alike"}
    frame = pd.DataFrame({"label": names, "key": names}).assign(**words, **numbers)
    return frame.assign(shared=0.2, questions_shared=9, p_adjusted=0.5, flagged=False)


@pytest.mark.parametrize("chart", DRAWN)
def test_a_country_without_one_of_the_groups_has_the_same_form_and_no_empty_row(chart: str) -> None:
    data, draw = DRAWN[chart]
    every, fewer = data(groups(ROWS)), data(groups(["young", "old"]))
    t = texts("en")
    assert detached(draw(every, LIGHT, t, ROWS))[0] == detached(draw(fewer, LIGHT, t, ROWS))[0]
    svg = to_svg(draw(fewer, LIGHT, t, ROWS), LIGHT, "", "")
    assert all(name in svg for name in ("young", "old"))
    assert "between" not in svg
    assert svg.index("young") < svg.index("old")
