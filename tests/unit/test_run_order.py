"""A reader meets audits of published models before runs that were made for a tuned one."""

from __future__ import annotations

import json

import pandas as pd

from core.settings import DATA
from core.store.index.run_order import reading_order


def test_own_runs_come_first_and_runs_for_tuned_models_last_whenever_they_were_made() -> None:
    runs = pd.DataFrame(
        [
            ("tuned-quadrants", '{"smollm2": {}}', True),
            ("mine-new", '{"tuned-one": {}}', False),
            ("shipped-tuned", '{"tuned-one": {}, "smollm2": {}}', True),
            ("base", '{"gemma": {}}', True),
            ("audit-new", '{"qwen": {}}', True),
            ("audit-old", '{"gemma": {}, "smollm2": {}}', True),
            ("empty", "null", True),
            ("mine-old", "{}", False),
        ],
        columns=["run_id", "models", "shipped"],
    )
    order = ["mine-new", "mine-old", "audit-new", "audit-old", "empty", "base", "tuned-quadrants", "shipped-tuned"]
    assert list(reading_order(runs, {"gemma"})["run_id"]) == order


def test_of_the_shipped_runs_the_newest_is_not_the_first() -> None:
    known = [json.loads(path.read_text("utf-8")) for path in (DATA / "runs").glob("*/run.json")]
    runs = pd.DataFrame(
        [(run["run_id"], json.dumps(run["models"]), True, run["created"]) for run in known],
        columns=["run_id", "models", "shipped", "created"],
    ).sort_values("created", ascending=False)
    assert runs["run_id"].iloc[0].startswith("tuned-"), "otherwise this test shows nothing"
    first = reading_order(runs, {"gemma-3-270m"}).iloc[0]
    assert "tuned" not in first["run_id"] + first["models"].split(":")[0]
    assert len(reading_order(runs, ())) == len(runs)
