"""Evidence on stability over time: the political lean of the same model by month, and that of its successor."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from core.findings.claims.evidence.frame import evidence_frame
from core.findings.claims.verdicts import COLUMNS
from core.surveys.published import figures

LEAN = "lean, mean of judges (0 right .. 1 left)"
STATEMENTS = 80


def monthly_lean() -> pd.DataFrame:
    """Mean lean over 80 statements, one row per model and month: model, developer, date, value (0 right .. 1 left)."""
    frame = figures("lean")
    mine = frame[frame["statistic"] == LEAN]
    return mine[["model", "developer", "date", "value"]].sort_values(["developer", "date"], ignore_index=True)


def lean_steps() -> pd.DataFrame:
    """From one month to the next of a developer: before, after, month_before, month_after, change, ``kind``.

    ``kind`` is ``calendar`` where the version of the model is the same, ``release`` where another has replaced it.
    """
    rows = []
    for developer, part in monthly_lean().groupby("developer", sort=False):
        for old, new in pairwise(part.to_dict("records")):
            kind = "calendar" if old["model"] == new["model"] else "release"
            rows.append(
                {
                    "developer": developer,
                    "before": old["model"],
                    "after": new["model"],
                    "month_before": old["date"],
                    "month_after": new["date"],
                    "change": new["value"] - old["value"],
                    "kind": kind,
                }
            )
    return pd.DataFrame(rows)


def lean_changes(kind: str) -> pd.DataFrame:
    """Size of each change of ``kind`` (``calendar`` or ``release``), 0..1; one row per month, the model is the unit.

    These sizes include chance, which cannot be separated, because the spread of the judges' means was not published.
    """
    steps = lean_steps()
    rows = [
        (
            f"{kind}:{step['after']}",
            step["after"] if kind == "calendar" else f"{step['before']} → {step['after']}",
            "",
            step["developer"],
            "published",
            step["month_after"],
            abs(step["change"]),
        )
        for step in steps[steps["kind"] == kind].to_dict("records")
    ]
    return evidence_frame(rows).assign(n_items=STATEMENTS)[list(COLUMNS)]
