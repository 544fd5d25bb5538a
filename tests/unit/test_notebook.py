"""docs/notebook.py runs from top to bottom on the built-in model, and each of its cells gives what it says."""

import ast
import re
from pathlib import Path

import altair as alt
import pandas as pd
import pytest

from core.api import place

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "notebook.py"


def cells() -> list[str]:
    """The code cells, in order."""
    parts = re.split(r"^# %%(.*)\n", NOTEBOOK.read_text("utf-8"), flags=re.M)
    return [text for head, text in zip(parts[1::2], parts[2::2], strict=True) if "[markdown]" not in head]


def shown(cell: str, names: dict[str, object]) -> object:
    """Run a cell as a notebook does; the value of its last line, if that is an expression."""
    body = ast.parse(cell).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), str(NOTEBOOK), "exec"), names)
    return eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names) if last else None


@pytest.mark.model
def test_every_cell_runs_and_gives_what_it_says(tmp_path, configure, builtin_model_dir):
    configure(runs_dir=tmp_path / "runs")
    names: dict[str, object] = {}
    told = [shown(cell, names) for cell in cells()]
    frames = [value for value in told if isinstance(value, pd.DataFrame)]
    assert len(frames) == 5
    assert all(len(frame) for frame in frames)
    assert not frames[0].isna().any().any()
    assert names["run"].status == "done"
    assert frames[-1]["asked"].tolist() == ["country", "country", "none", "none"]
    assert frames[-1]["questions"].tolist() == [3, 3, 3, 3]
    (chart,) = [value for value in told if isinstance(value, alt.LayerChart)]
    bars = chart.to_dict()["layer"][0]
    assert len(bars["encoding"]["fill"]["scale"]["domain"]) == 4
    place.close()


def test_it_takes_one_import():
    lines = [node for cell in cells() for node in ast.parse(cell).body]
    imports = [node for node in lines if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import core as px"]
