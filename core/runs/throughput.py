"""How fast the answers of a run came: prompts and tokens a second."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import DataError
from core.store import RunInfo
from core.store.files.shards import ShardName, read_shard
from core.types import Frozen


class Throughput(Frozen):
    """What a run measured in the ``seconds`` that asking took, over all calls, with the time to load models.

    ``prompts`` are those that were answered; an answer counted from n samples has n. ``tokens_read`` are the tokens of
    these prompts and ``tokens_written`` those of texts, as far as models tell them. Answers copied from other runs do
    not count. The rates are ``None`` where nothing was asked. ``left_out`` files of answers could not be read; what is
    in them does not count, but ``seconds`` holds the time that it took, so that with any the rates are too low.
    """

    seconds: float
    prompts: int
    tokens_read: int
    tokens_written: int
    prompts_per_s: float | None
    tokens_read_per_s: float | None
    tokens_written_per_s: float | None
    left_out: int


def throughput(path: Path, info: RunInfo, made: Iterable[str] = ()) -> Throughput:
    """The throughput of the run in ``path``. Rows with the cell ids ``made``, which code computed, are left out.

    One shard is in memory at a time. One that is damaged or missing is left out; ``runs verify`` reports it.
    """
    by_code = pa.array(list(made), pa.string())
    prompts = read = written = left_out = 0
    for name, listed in info.shards.items():
        parsed = ShardName.parse(name)
        if parsed is None or parsed.grain != "responses":
            continue
        try:
            table, _ = read_shard(path / name, listed, light=True)
        except (DataError, FileNotFoundError):
            left_out += 1
            continue
        asked = pc.and_(pc.is_null(table["copied_from"]), pc.not_equal(table["outcome"], "error"))
        rows = table.filter(pc.and_(asked, pc.invert(pc.is_in(table["cell_id"], by_code))))
        prompts += pc.sum(pc.fill_null(rows["n"], 1)).as_py() or 0
        read += pc.sum(rows["tokens_in"]).as_py() or 0
        written += pc.sum(rows.filter(pc.equal(rows["kind"], "text"))["tokens_out"]).as_py() or 0
    per_s = 1 / info.seconds if info.seconds and prompts else None
    return Throughput(
        seconds=info.seconds,
        prompts=prompts,
        tokens_read=read,
        tokens_written=written,
        prompts_per_s=per_s and prompts * per_s,
        tokens_read_per_s=per_s and read * per_s,
        tokens_written_per_s=per_s and written * per_s,
        left_out=left_out,
    )
