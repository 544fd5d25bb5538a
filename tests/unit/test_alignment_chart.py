"""The matrix of skills is coloured on one scale, whatever lies in it."""

from __future__ import annotations

import pandas as pd

from core.charts.alignment import FULL_SKILL, matrix_cells, skill_matrix
from core.charts.palette import LIGHT
from core.i18n import texts


def test_shades_tell_the_skill_and_not_its_rank_among_the_cells() -> None:
    cells = [("a", "CHN", -0.02), ("a", "USA", 0.01), ("b", "CHN", 0.0), ("b", "USA", 0.03)]
    frame = pd.DataFrame(cells, columns=["model_id", "country", "value"])
    frame = frame.assign(model=frame["model_id"], place=frame["country"], low=-0.1, high=0.1, questions=9, better=False)
    drawn = skill_matrix(frame, LIGHT, texts("en")).to_dict()
    scales = [
        layer["encoding"]["fillOpacity"]["scale"]
        for layer in drawn["layer"]
        if "fillOpacity" in layer.get("encoding", {})
    ]
    assert [scale["domain"] for scale in scales] == [list(FULL_SKILL)]
    assert scales[0]["clamp"]


def test_a_skill_that_rounds_to_zero_has_no_sign() -> None:
    frame = pd.DataFrame({"model_id": "a", "country": "CHN", "value": [-0.004, 0.004, 0.006, -0.006]})
    frame = frame.assign(model="a", place="China", low=-0.1, high=0.1, questions=9, better=False)
    assert [cell.split()[0] for cell in matrix_cells(frame)["shown"]] == ["0.00", "0.00", "+0.01", "-0.01"]
