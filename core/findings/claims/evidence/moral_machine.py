"""Evidence on size from the Moral Machine: is a larger model nearer to people over nine attributes?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from core.findings.claims.evidence.frame import evidence_frame
from core.findings.claims.evidence.sizes import REVERSED, STEP
from core.findings.claims.verdicts import COLUMNS
from core.surveys.published import figures

ATTRIBUTES = 9
_SIZE = re.compile(r" (?:\d+(?:\.\d+)?[BM]|mini)\b")


def sized_models() -> pd.DataFrame:
    """Models of published size, one row each: model, developer, base, tuner, size_b, distance, family, line.

    ``line`` is the name without its size, ``family`` the same without the way of answering (thinking or not): models of
    a line are compared step by step, and a family is one cluster.
    """
    frame = figures("moral_machine")
    found = frame[frame["statistic"].str.startswith("distance") & frame["size_b"].notna()]
    line = [_SIZE.sub("", name) for name in found["model"]]
    family = [name.removesuffix(" thinking") for name in line]
    columns = ["model", "developer", "base", "tuner", "size_b", "value"]
    return found[columns].rename(columns={"value": "distance"}).assign(line=line, family=family).reset_index(drop=True)


def moral_size_steps() -> pd.DataFrame:
    """Steps within a line: 1 where the next larger model is further from people, else 0, minus :data:`.sizes.REVERSED`.

    A step counts if the larger model has at least :data:`.sizes.STEP` times the parameters. One row per step; the
    cluster is the family.
    """
    rows = []
    for line, members in sized_models().sort_values(["size_b", "model"]).groupby("line", sort=False):
        for small, large in pairwise(members.to_dict("records")):
            if large["size_b"] < STEP * small["size_b"]:
                continue
            value = float(large["distance"] > small["distance"]) - REVERSED
            name = f"{small['model']} → {large['model']}"
            rows.append((f"{line}:{name}", name, "", small["family"], "published", "*", value))
    return _counted(rows)


def moral_size_pairs() -> pd.DataFrame:
    """For each model, the share of smaller models of other families that are nearer to people, minus a quarter.

    A model is smaller if :data:`.sizes.STEP` times its parameters do not exceed the other's. Models without a smaller
    one are left out.
    """
    models = sized_models()
    rows = []
    for large in models.to_dict("records"):
        other = models[(models["family"] != large["family"]) & (models["size_b"] * STEP <= large["size_b"])]
        if other.empty:
            continue
        value = float((other["distance"] < large["distance"]).mean()) - REVERSED
        rows.append((f"pairs:{large['model']}", large["model"], "", large["family"], "published", "*", value))
    return _counted(rows)


def _counted(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    return evidence_frame(rows).assign(n_items=ATTRIBUTES)[list(COLUMNS)]
