"""What is done with the folder of a run that has ended, so that it is read fast."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from core.errors import DataError, InputError
from core.settings import settings
from core.store.files.compact import compact
from core.store.files.kinds import READ_KINDS
from core.store.files.run_info import RunInfo, read_info
from core.store.index.make_aggregate import make_aggregate

log = logging.getLogger(__name__)
_MANY_SHARDS = 8


def settle(path: Path) -> RunInfo:
    """Merge the shards of the run in ``path`` where it is done and has many, and make the aggregate of a large one.

    Returns its run.json. Where the folder cannot be written, the run reads just as well as it is.
    """
    info = read_info(path)
    if info.status == "done" and len(info.shards) > _MANY_SHARDS:
        # Another process may be writing the run, or the disk is full. Many small shards can be read just as well.
        with suppress(InputError, DataError):
            compact(path)
    if is_large(info):
        try:
            make_aggregate(path)
        except (InputError, DataError) as error:
            log.warning("%s has no aggregate and will be read in full: %s", path.name, error.message)
    return read_info(path)


def is_large(info: RunInfo) -> bool:
    """Whether a run is to be opened through an aggregate, by its kind and its number of answers."""
    answers = sum(shard.rows for shard in info.shards.values() if shard.grain == "responses")
    return info.kind in READ_KINDS and answers > settings().aggregate_above
