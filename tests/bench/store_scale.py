"""How the store does with a million made-up rows: time to load, time of each query a page makes, memory.

Run from the repository root: ``python -m tests.bench.store_scale [rows] [rows a shard] [folder]``. Writes its section
of RESULTS.md; with a folder it keeps the made-up rows there for the next time.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.audits.option_table import option_table
from core.audits.stability.rows import stored_rows
from core.audits.traces.store import stored_traces
from core.findings.compare import known_sides
from core.findings.compare.runs import ROW_COLUMNS
from core.runs.bank import load_bank
from core.store import RunFolder, RunInfo, Store
from core.store.files.schema import SCHEMAS
from core.store.files.shards import write_shard
from core.store.index.outcomes import outcomes
from core.store.index.readings import ReadingFilter
from core.surveys.dilemmas import load_dilemmas
from core.surveys.published import ITEMS
from tests.bench.results import machine, table, versions, write_section
from tests.unit.store_rows import START, info
from tests.unit.store_rows import rows as made_rows

RUNS = 10
MEGA = 1e6
PLAIN = ("none", "country")


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


def timed(call: Callable[[], object], times: int = 3) -> tuple[float, float]:
    """Slowest and fastest of ``times`` calls in ms, the first one included."""
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        took.append((time.perf_counter() - begin) * 1000)
    return max(took), min(took)


def queries(store: Store) -> dict[str, Callable[[], object]]:
    """What the pages ask of the store, by page and what it is for."""
    bank, dilemmas = load_bank().questions, load_dilemmas()
    keys = store.frame("SELECT cache_key FROM responses USING SAMPLE 40 ROWS").cache_key.tolist()
    cell = store.frame("SELECT run_id, cell_id FROM responses LIMIT 1").iloc[0]
    cells = store.frame("SELECT cell_id FROM responses WHERE run_id = 'audit-3' LIMIT 1000").cell_id.tolist()
    model = ("some-model-1b-instruct",)

    def of(**chosen: Any) -> Callable[[], object]:
        return lambda: option_table(store, bank, ReadingFilter(**chosen))

    return {
        "all pages: look for news, nothing new": store.refresh,
        "Runs: the table of runs": store.runs,
        "Runs: what became of the answers of a run": lambda: outcomes(store, "audit-3"),
        "Runs: one side of a comparison, 100,000 rows": lambda: store.responses(["audit-3"], columns=ROW_COLUMNS),
        "Ask: 40 cache keys, prompts included": lambda: store.lookup(keys),
        "Ask: 40 cache keys that are not there": lambda: store.lookup(["x" + key for key in keys]),
        "Ask: recent questions": lambda: store.recent(20),
        "Ask: answers to a question": lambda: store.responses(question_id="Q7"),
        "any page: one cell with its prompt": lambda: store.rows(cell.run_id, [cell.cell_id]),
        "Alignment, Representation: what there is": store.reading_heads,
        "Alignment: all models, one language": of(languages=("en",), told=PLAIN),
        "Representation: one model, one country": of(model_ids=model, languages=("en",), countries=("CHN", None)),
        "China-West: 19 questions, three personas": of(question_ids=ITEMS, told=PLAIN, countries=("CHN", "USA", None)),
        "Claims: all models, both languages": of(told=PLAIN),
        "Compare: models, runs and languages": lambda: known_sides(store),
        "Compare: a model over all runs": of(model_ids=model, languages=("en",), told=PLAIN),
        "Compare: a model in one run": of(scope="audit-3", model_ids=model, languages=("en",), told=PLAIN),
        "Compare, Stability: dilemmas of a model": lambda: stored_rows(store, dilemmas, None, model, "en"),
        "Stability: dilemmas of a run": lambda: stored_rows(store, dilemmas, ["audit-3"]),
        "Trace: stored traces": lambda: stored_traces(store),
        "Citizens: 1,000 answers of a run, prompts included": lambda: store.rows("audit-3", cells),
    }


def main() -> None:
    """Write, load, ask; the table goes to RESULTS.md."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    per_shard = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000
    with tempfile.TemporaryDirectory() as temp:
        root = Path(temp)
        if len(sys.argv) > 3:
            root = Path(sys.argv[3])
        if not root.exists() or not any(root.iterdir()):
            fill(root, rows, per_shard)
        size = sum(p.stat().st_size for p in root.rglob("*.parquet")) / MEGA
        before, begin = memory(), time.perf_counter()
        store = Store(root)
        loaded, after_load = time.perf_counter() - begin, memory() - before
        begin = time.perf_counter()
        store.prepare_readings()
        readied, after_readings = time.perf_counter() - begin, memory() - before
        # The first comparison with a run readies the readings of that run, once.
        single = timed(lambda: store.prepare_readings("audit-3"), 1)[0]
        lines = []
        for what, call in queries(store).items():
            slow, fast = timed(call)
            lines.append((what, f"{slow:.0f}", f"{fast:.0f}", "300"))
        with store.create(info("new")) as folder:
            chunks = iter(range(0, 600, 20))

            def add() -> None:
                store.append(folder, made_rows(20, "new", next(chunks)))
                store.prepare_readings()

            slow, fast = timed(add, 5)
            lines.append(
                ("any page: 20 new answers stored, loaded, in the readings", f"{slow:.0f}", f"{fast:.0f}", "300")
            )
        store.delete("new")
        readings = int(store.reading_heads()["n"].sum())
        text = f"""{machine()}; {versions("duckdb", "pandas", "pyarrow")}. By `python -m tests.bench.store_scale`.

{rows:,} made-up responses in {rows // per_shard} shards of 10 runs, {size:.0f} MB on the disk, {readings:,} different
readings. Loading took {loaded:.1f} s and {after_load:.0f} MB; making the readings ready, which the app does when it
starts, {readied:.1f} s and {after_readings - after_load:.0f} MB more, those of one run {single:.0f} ms, once. After all
queries the store held {memory() - before:.0f} MB. Times in ms, slowest and fastest of three calls, the first included.

{table(("query", "slowest", "fastest", "limit"), lines)}
"""
        write_section("A million stored responses", text)
        print(text)  # noqa: T201


if __name__ == "__main__":
    main()
