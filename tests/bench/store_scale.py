"""How the store does with a million made-up rows: time to load, time of each query a page makes, memory.

Run from the repository root: ``python -m tests.bench.store_scale [rows] [rows a shard] [folder]``. Prints a table and
keeps nothing, or with a folder keeps the rows there for the next time.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from core.audits.compare_models import known_sides
from core.audits.option_table import option_table
from core.store import RunFolder, RunInfo, Store
from core.store.schema import SCHEMAS
from core.store.shards import write_shard
from tests.unit.store_rows import START, info
from tests.unit.store_rows import rows as made_rows

RUNS = 10
MEGA = 1e6


def synthetic(run_id: str, first: int, n: int, rng: np.random.Generator) -> pa.Table:
    """``n`` rows with the spread of a large audit: 106 questions, 8 models, 6 countries, 4 options, hashed keys."""

    def pick(values: list[str | None]) -> pa.Array:
        return pa.array(values, pa.string()).take(pa.array(rng.integers(0, len(values), n)))

    def hexes(length: int) -> pa.Array:
        raw = rng.bytes(n * length // 2).hex()
        return pa.array([raw[i : i + length] for i in range(0, n * length, length)])

    def lists(flat: pa.Array) -> pa.Array:
        return pa.ListArray.from_arrays(pa.array(np.arange(0, 4 * n + 1, 4), pa.int32()), flat)

    mass = rng.dirichlet(np.ones(4), n)
    columns: dict[str, pa.Array] = {
        "cell_id": hexes(32),
        "cache_key": hexes(64),
        "created": pa.array(int(START.timestamp() * MEGA) + (first + np.arange(n)) * 1000, pa.timestamp("us", "UTC")),
        "kind": pick(["options"]),
        "provider": pick(["local", "openai_like"]),
        "model_id": pick([f"some-model-{i}b-instruct" for i in range(8)]),
        "model_revision": pick([f"{i:040x}" for i in range(8)]),
        "survey": pick(["wvs7"]),
        "question_id": pick([f"Q{i}" for i in range(1, 107)]),
        "country": pick([None, "CHN", "USA", "DEU", "IND", "NGA"]),
        "age": pick([None, "18-29", "30-49", "50+"]),
        "sex": pick([None, "female", "male"]),
        "education": pick([None, "lower", "middle", "higher"]),
        "language": pick(["en", "zh"]),
        "prompt_version": pick(["first_token-1"]),
        "codes": lists(pa.array(np.tile([1, 2, 3, 4], n), pa.int64())),
        "mass": lists(pa.array(mass.ravel() * 0.9)),
        "valid_mass": pa.array(rng.random(n)),
        "method": pick(["full"]),
        "text": pa.array([f"I would say {a}, because of point {b} above." for a, b in rng.integers(0, 999, (n, 2))]),
        "outcome": pick(["option"] * 98 + ["refusal", "error"]),
        "top_tokens": pa.array([f'[["A",{a:.6f}],["B",{b:.6f}],["C",{c:.6f}],["D",{d:.6f}]]' for a, b, c, d in mass]),
        "rendered_prompt": pa.array([f"<|im_start|>system\nYou are person {i}.\n" + "w " * 300 for i in range(n)]),
        "latency_s": pa.array(rng.random(n)),
        "tokens_in": pa.array(rng.integers(80, 200, n)),
    }
    zero, none = pa.repeat(0, n), {f.name: pa.nulls(n, f.type) for f in SCHEMAS["responses"]}
    columns |= {"tag": pa.repeat("", n), "paraphrase": zero, "sample": zero, "run_id": pa.repeat(run_id, n)}
    return pa.table({**none, **columns}).select(SCHEMAS["responses"].names).cast(SCHEMAS["responses"])


def fill(root: Path, rows: int, per_shard: int) -> None:
    """Write ``rows`` rows as ten runs."""
    rng = np.random.default_rng(7)
    for run in range(RUNS):
        run_info: RunInfo = info(f"audit-{run}", status="done")
        with RunFolder.create(root, run_info) as folder:
            for first in range(0, rows // RUNS, per_shard):
                table = synthetic(run_info.run_id, run * rows + first, min(per_shard, rows // RUNS - first), rng)
                write_shard(folder.path, "responses", folder.next_number(), table)
        RunFolder.open(folder.path).close()


def memory() -> float:
    """Resident memory now, in MB."""
    pa.default_memory_pool().release_unused()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / MEGA


def clock(what: str, call: Callable[[], object], times: int = 3) -> object:
    """Print the slowest of ``times`` calls, the first one included."""
    took, result = [], None
    for _ in range(times):
        begin = time.perf_counter()
        result = call()
        took.append(time.perf_counter() - begin)
    print(f"{what:<58}{max(took) * 1000:9.0f} ms   (fastest {min(took) * 1000:.0f})")  # noqa: T201
    return result


def main() -> None:
    """Write, load, ask."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    per_shard = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000
    with tempfile.TemporaryDirectory() as temp:
        root = Path(temp)
        if len(sys.argv) > 3:
            root = Path(sys.argv[3])
        if not root.exists() or not any(root.iterdir()):
            fill(root, rows, per_shard)
        size = sum(p.stat().st_size for p in root.rglob("*.parquet")) / MEGA
        before = memory()
        print(f"{rows} rows in shards of {per_shard}: {size:.0f} MB on disk")  # noqa: T201
        begin = time.perf_counter()
        store = Store(root)
        print(f"load {time.perf_counter() - begin:.1f} s, memory {memory() - before:.0f} MB more")  # noqa: T201
        keys = store.frame("SELECT cache_key FROM responses USING SAMPLE 40 ROWS").cache_key.tolist()
        cell = store.frame("SELECT run_id, cell_id FROM responses LIMIT 1").iloc[0]
        models = ["some-model-1b-instruct", "some-model-2b-instruct"]
        mean = "SELECT model_id, country, avg(valid_mass) AS m, count(*) AS n FROM responses GROUP BY ALL"
        clock("refresh, nothing new", store.refresh)
        clock("runs", store.runs)
        clock("responses of a question", lambda: store.responses(question_id="Q7"))
        clock("responses of a question, run and two models", lambda: store.responses(["audit-3"], "Q7", models))
        clock("lookup of 40 keys", lambda: store.lookup(keys))
        clock("lookup of 40 keys that are not there", lambda: store.lookup(["x" + key for key in keys]))
        clock("recent asks", lambda: store.recent(20))
        clock("open one cell, prompt included", lambda: store.rows(cell.run_id, [cell.cell_id]))
        clock("share of valid mass by model and country", lambda: store.frame(mean))
        clock("answers of the alignment and representation pages", lambda: option_table(store, {}))
        clock("models, runs and languages of the compare page", lambda: known_sides(store))
        clock("cells counted", lambda: store.frame("SELECT count(*) FROM cells"))
        clock("first 100 cells", lambda: store.frame("FROM cells LIMIT 100"))
        clock("cells of a run", lambda: store.cells(["audit-3"]), 1)
        clock("answers kept of a run (resume)", lambda: store.kept("audit-3"), 1)
        with store.create(info("new")) as folder:
            chunks = iter(range(0, 600, 20))
            clock("append 20 rows and see them", lambda: store.append(folder, made_rows(20, "new", next(chunks))), 5)
        store.delete("new")
        print(f"memory after all {memory() - before:.0f} MB more")  # noqa: T201


if __name__ == "__main__":
    main()
