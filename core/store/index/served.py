"""The names that endpoints gave for the models that answered."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.store.index.database import Store
from core.store.index.tallies import counted


def served_names(store: Store, run_ids: Sequence[str]) -> pd.DataFrame:
    """One row a run, model, served name and fingerprint: run_id, model_id, served_model, served_fingerprint, n, first.

    ``n`` is the number of answers and ``first`` the time of the earliest. Answers without a served name are left out.
    """
    return store.frame(
        f"""
        SELECT run_id, model_id, served_model, served_fingerprint, {counted()} AS n, min(first) AS first
        FROM tallies WHERE run_id IN (SELECT unnest(?::VARCHAR[])) AND served_model IS NOT NULL
        GROUP BY ALL ORDER BY run_id, model_id, first
        """,  # noqa: S608 - fixed names; values are parameters
        [list(run_ids)],
    )
