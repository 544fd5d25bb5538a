"""The sides of a comparison: a model in one prompt language, in one run or over all runs."""

from __future__ import annotations

import pandas as pd

from core.store import Store
from core.store.index.tallies import counted
from core.types import LANGUAGES, Frozen, Language

MOST_SIDES = 5
_GAP = "~"


class Side(Frozen):
    """One side of a comparison: a model in one prompt language, in one run or (``None``) over all runs."""

    model_id: str
    run_id: str | None
    language: Language

    @property
    def key(self) -> str:
        """A stable name, for links."""
        return _GAP.join((self.model_id, self.run_id or "", self.language))


def side_of(key: str) -> Side | None:
    """The side with this :attr:`Side.key`, or ``None`` where ``key`` is not such a name."""
    parts = key.rsplit(_GAP, 2)
    if len(parts) != 3 or parts[2] not in LANGUAGES or not parts[0]:
        return None
    return Side.model_validate({"model_id": parts[0], "run_id": parts[1] or None, "language": parts[2]})


def known_sides(store: Store) -> pd.DataFrame:
    """All sides with a measured answer: key, model_id, run_id (``None`` for all runs), language, created, rows.

    Single questions asked on a page count in the side of all runs and form no side of their own.
    """
    found = store.frame(
        f"""
        SELECT model_id, run_id, language, runs.kind AS kind, min(r.first) AS created, {counted()} AS rows
        FROM tallies AS r JOIN all_runs AS runs USING (run_id)
        WHERE r.kind = 'options' AND r.outcome = 'option' GROUP BY ALL ORDER BY created, run_id
        """  # noqa: S608 - fixed names
    )
    whole = found.groupby(["model_id", "language"], as_index=False, sort=False).agg(
        created=("created", "max"), rows=("rows", "sum")
    )
    own = found[found["kind"] != "probe"].drop(columns="kind")
    both = pd.concat([whole.assign(run_id=None), own], ignore_index=True)
    values = zip(both["model_id"], both["run_id"], both["language"], strict=True)
    keys = [Side(model_id=m, run_id=r if isinstance(r, str) else None, language=lang).key for m, r, lang in values]
    return both.assign(key=keys, run_id=both["run_id"].astype(object).where(both["run_id"].notna(), None))
