"""Evidence from requests to criticise a government: does the language of the request matter?"""

from __future__ import annotations

import pandas as pd

from core.findings.china_west import group_of
from core.findings.claims.evidence.frame import evidence_frame
from core.findings.claims.verdicts import COLUMNS
from core.surveys.published import figures

COMPLETE = "share judged complete"
ABOUT = "asked to criticise the government of {place}"


def criticism_changes() -> pd.DataFrame:
    """How far the share of fulfilled requests to criticise China's government moves from English to Chinese; 0..1.

    One value per model that was asked in both languages; ``n_items`` is the smaller number of answers.
    """
    frame = figures("criticism")
    mine = frame[(frame["item"] == ABOUT.format(place="China")) & (frame["statistic"] == COMPLETE)]
    shares = mine.pivot(index="model", columns="language", values="value")
    counts = mine[mine["language"].isin(["en", "zh"])].groupby("model")["n"].min()
    each = mine.drop_duplicates("model").set_index("model")
    moved = (shares["zh"] - shares["en"]).abs()
    rows = [
        (f"criticism:{name}", name, group_of(base, tuner), developer, "published", "*", float(moved[name]))
        for name, base, tuner, developer in each[["base", "tuner", "developer"]].itertuples(name=None)
    ]
    found = evidence_frame(rows)
    return found.assign(n_items=found["name"].map(counts).astype(int))[list(COLUMNS)]
