"""Stores the rows of a run in its folder, and finds answers in all runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar, cast

from core.runs.runner import Keeper
from core.store import RunFolder, Store
from core.store.files.schema import Row
from core.types import Computation, Response

R = TypeVar("R", bound=Row)


class RunKeeper:
    """Stores rows in one run that is open for writing, and finds answers in all runs. Safe to use from threads."""

    def __init__(self, store: Store, folder: RunFolder) -> None:
        self._store = store
        self._folder = folder

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """The latest answer for each cache key, from any run, those of other processes included."""
        self._store.refresh()
        return self._store.lookup(keys)

    def append(self, rows: Sequence[R]) -> list[R]:
        """Store ``rows`` in this run, and note new models and prompt versions in its run.json.

        Responses and trace steps go into a shard each. Returns the rows with the run's id. Raises :class:`DataError`
        where they cannot be written.
        """
        mine: list[Row] = [row.model_copy(update={"run_id": self._folder.info.run_id}) for row in rows]
        for _, same in groupby(mine, key=type):
            self._store.append(self._folder, list(same))
        answers = [row for row in mine if isinstance(row, Response)]
        info = self._folder.info
        good = {row.model_id: row.model_revision for row in answers if row.outcome != "error"}
        models = {row.model_id: row.model_revision for row in answers} | info.models | good
        prompts = info.prompts | {row.prompt_version: row.prompt_version for row in answers if row.prompt_version}
        if (models, prompts) != (info.models, info.prompts):
            self._folder.update(models=models, prompts=prompts)
        return cast("list[R]", mine)

    def kept(self) -> set[tuple[str, int]]:
        """Cell id and sample number of every answer in this run; errors are not among them."""
        return self._store.kept(self._folder.info.run_id)

    def answers(self, cell_ids: Sequence[str]) -> dict[str, Response]:
        """The answers that this run has to these cells, by cell id; errors are not among them."""
        if not cell_ids:
            return {}
        rows = self._store.rows(self._folder.info.run_id, cell_ids)
        return {row.cell_id: row for row in rows if row.outcome != "error"}

    def note(self, computed: Mapping[str, Computation], seconds: float = 0.0) -> None:
        """Write into run.json on what the models were computed, and add ``seconds`` to the time that asking took."""
        info = self._folder.info
        known = dict(info.computed)
        for model_id, one in computed.items():
            if one not in known.get(model_id, ()):
                known[model_id] = (*known.get(model_id, ()), one)
        if seconds or known != info.computed:
            self._folder.update(computed=known, seconds=round(info.seconds + seconds, 3))


class UsableOnly:
    """A keeper that stores every row, but finds only rows for which ``usable`` is true."""

    def __init__(self, keeper: Keeper, usable: Callable[[Response], bool]) -> None:
        self._keeper = keeper
        self._usable = usable

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """The usable rows that any run has for these cache keys, by cache key."""
        return {key: row for key, row in self._keeper.lookup(keys).items() if self._usable(row)}

    def append(self, rows: Sequence[Response]) -> list[Response]:
        """Store ``rows`` and return them with their run's id. Raises :class:`DataError` where that fails."""
        return self._keeper.append(rows)
