"""Runs SQL that a reader typed over the runs: read-only, confined, and limited in time, rows and memory.

The query runs in another process (:mod:`core.store.sandbox.worker`) with a database of its own, so nothing typed here
can change a run, read a file or a key, or make the app fail. The rows are sent to that process once; later calls send
only runs that have changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Literal, NamedTuple

import pandas as pd
import pyarrow as pa

from core.errors import InputError, said
from core.store.index.database import Store
from core.store.sandbox.shown import to_frame, unshown
from core.store.sandbox.worker import VIEWS, from_ipc, read_frame, to_ipc, write_frame
from core.types import Frozen

__all__ = ["EXAMPLES", "VIEWS", "Sandbox", "SqlLimits", "SqlResult"]

ROOT = Path(__file__).resolve().parents[3]
LONGEST = 20_000
LONGEST_START_S = 120.0

_GRAINS = ("responses", "trace_steps")
_STAMPS = """
SELECT 'responses' AS grain, run_id, count(*) AS n, min(shard) AS low, max(shard) AS high
FROM all_responses GROUP BY ALL
UNION ALL
SELECT 'trace_steps', run_id, count(*), min(shard), max(shard) FROM all_trace_steps GROUP BY ALL
"""


EXAMPLES = {
    "certainty": """-- How much probability lay on any option at all, by model and prompt language
SELECT model_id, language, count(*) AS readings, round(avg(valid_mass), 3) AS mean_valid_mass,
    round(min(valid_mass), 3) AS lowest
FROM responses
WHERE kind = 'options' AND outcome = 'option'
GROUP BY ALL ORDER BY mean_valid_mass""",
    "first_place": """-- Probability on the option printed first, whatever it says: 1/K would be fair
SELECT model_id, len(codes) AS options, count(*) AS readings, round(avg(mass[1] / list_sum(mass)), 3) AS first_place,
    round(1 / len(codes), 3) AS fair
FROM responses
WHERE kind = 'options' AND outcome = 'option'
GROUP BY ALL ORDER BY model_id, options""",
    "errors": """-- What went wrong, and where
SELECT run_id, model_id, error_kind, count(*) AS errors, any_value(error_text) AS example
FROM responses
WHERE outcome = 'error'
GROUP BY ALL ORDER BY errors DESC""",
    "speed": """-- Seconds an answer, by model and kind of answer
SELECT model_id, kind, count(*) AS answers, round(median(latency_s), 3) AS median_s, round(sum(latency_s), 1) AS total_s
FROM responses
WHERE outcome <> 'error'
GROUP BY ALL ORDER BY total_s DESC""",
    "runs": """-- The runs and how many answers each holds
SELECT run_id, title, status, rows, errors, created FROM runs ORDER BY created DESC""",
}
"""Example queries, by a name that does not change."""


class SqlLimits(Frozen):
    """The limits of one query. Sizes are in bytes; the operating system enforces ``address_space`` on Linux."""

    seconds: float = 5.0
    grace: float = 2.0
    rows: int = 10_000
    size: int = 64 * 2**20
    memory: int = 2 * 2**30
    address_space: int = 6 * 2**30
    threads: int = 2


class SqlResult(NamedTuple):
    """The result of a query. ``cut`` says why rows are missing: there were too many, or they were too large."""

    frame: pd.DataFrame
    cut: Literal["", "rows", "size"]
    seconds: float


class Sandbox:
    """Runs SQL over the runs of ``store``. Safe to use from several threads; one query runs at a time."""

    def __init__(self, store: Store, limits: SqlLimits | None = None) -> None:
        self._store = store
        self._limits = limits or SqlLimits()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._have: dict[tuple[str, str], tuple[int, int, int]] = {}

    def query(self, sql: str) -> SqlResult:
        """The result of one SELECT over ``runs``, ``cells``, ``responses`` and ``trace_steps``. Times are in UTC.

        Raises :class:`InputError` with a sentence on anything but one SELECT over these views, on SQL that DuckDB does
        not understand, and on a query that needs more time or memory than :class:`SqlLimits` allows.
        """
        limits = self._limits
        if not sql.strip():
            raise _refusal("empty", "", limits)
        if len(sql) > LONGEST:
            raise InputError(said("sql_long", n=len(sql), most=LONGEST))
        if not self._lock.acquire(timeout=3 * (limits.seconds + limits.grace)):
            raise InputError(said("sql_busy"))
        try:
            head, table = self._table(sql, ())
            if texts := unshown(table):
                head, table = self._table(sql, texts)
        finally:
            self._lock.release()
        return SqlResult(to_frame(table), head["cut"], head["seconds"])

    def _table(self, sql: str, as_text: Sequence[int]) -> tuple[dict[str, Any], pa.Table]:
        answer = self._ask(sql, as_text)
        if answer is None:
            raise _refusal("killed", "", self._limits)
        head, body = answer
        if not head["ok"]:
            raise _refusal(head["kind"], head["detail"], self._limits)
        return head, from_ipc(body)

    def columns(self) -> dict[str, list[str]]:
        """The columns of each view that a query may read."""
        found = {}
        for name in VIEWS:
            with self._store.reader(f"FROM {name} LIMIT 0") as reader:
                found[name] = list(reader.schema.names)
        return found

    @property
    def limits(self) -> SqlLimits:
        """The limits of a query."""
        return self._limits

    def close(self) -> None:
        """End the process, if there is one. The next query starts another."""
        process, self._process = self._process, None
        self._have = {}
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def _ask(self, sql: str, as_text: Sequence[int]) -> tuple[dict[str, Any], bytes] | None:
        """The answer of the worker; ``None`` where it was killed or failed."""
        limits = self._limits
        try:
            process = self._process or self._start()
            self._hand_over(_pipe(process.stdin))
            # The time of the query begins when the worker has all rows.
            if _exchange(process, {"do": "wait"}, LONGEST_START_S) is None:
                raise InputError(said("sql_start"))
            wanted = {"rows": limits.rows, "size": limits.size, "seconds": limits.seconds, "as_text": list(as_text)}
            answer = _exchange(process, {"do": "query", "sql": sql, **wanted}, limits.seconds + limits.grace)
        except BaseException:
            # A frame may have been sent in part, so the next query starts a new worker.
            self.close()
            raise
        if answer is None:
            self.close()
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        # No environment variable is passed on, because some are keys.
        process = subprocess.Popen(
            [sys.executable, "-m", "core.store.sandbox.worker"],
            cwd=ROOT,
            env={"SYSTEMROOT": os.environ["SYSTEMROOT"]} if "SYSTEMROOT" in os.environ else {},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._process, self._have = process, {}
        weakref.finalize(self, process.kill)
        source = _pipe(process.stdin)
        limits = self._limits
        write_frame(
            source,
            {"memory": limits.memory, "threads": limits.threads, "address_space": limits.address_space},
        )
        for grain in ("runs", *_GRAINS):
            with self._store.reader(f"FROM {grain} LIMIT 0") as reader:
                write_frame(source, {"do": "put", "grain": grain}, to_ipc(reader.read_all()))
        return process

    def _hand_over(self, source: IO[bytes]) -> None:
        """Send the worker the runs that are new or have grown, and tell it which were deleted."""
        found = {(r.grain, r.run_id): (int(r.n), int(r.low), int(r.high)) for r in self._rows(_STAMPS)}
        for grain, run_id in self._have:
            if self._have[grain, run_id] != found.get((grain, run_id)):
                write_frame(source, {"do": "drop", "grain": grain, "run_id": run_id})
        for (grain, run_id), stamp in found.items():
            if self._have.get((grain, run_id)) != stamp:
                with self._store.reader(f"FROM {grain} WHERE run_id = ?", [run_id]) as reader:
                    for batch in reader:
                        write_frame(source, {"do": "put", "grain": grain}, to_ipc(pa.Table.from_batches([batch])))
        self._have = found
        write_frame(source, {"do": "drop", "grain": "runs", "run_id": None})
        with self._store.reader("FROM runs") as reader:
            write_frame(source, {"do": "put", "grain": "runs"}, to_ipc(reader.read_all()))

    def _rows(self, sql: str) -> Iterable[Any]:
        return self._store.frame(sql).itertuples()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise BrokenPipeError
    return pipe


def _exchange(
    process: subprocess.Popen[bytes], head: dict[str, Any], seconds: float
) -> tuple[dict[str, Any], bytes] | None:
    """Send a frame and return the answer.

    Where there is none within ``seconds`` the process is killed and ``None`` is returned.
    """
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        write_frame(_pipe(process.stdin), head)
        return read_frame(_pipe(process.stdout))
    except BrokenPipeError:
        return None
    finally:
        timer.cancel()


def _refusal(kind: str, detail: str, limits: SqlLimits) -> InputError:
    """The error that says what went wrong and what the reader can do."""
    tables, seconds = ", ".join(VIEWS), limits.seconds
    line = next((text for text in detail.splitlines() if text.strip()), "").rstrip(".!")
    told = {
        "empty": said("sql_empty", tables=tables),
        "several": said("sql_several"),
        "statement": said("sql_statement"),
        "pivot": said("sql_pivot"),
        "write": said("sql_write"),
        "table": said("sql_table", name=detail, tables=tables),
        "function": said("sql_function", name=detail),
        "late": said("sql_late", seconds=seconds),
        "memory": said("sql_memory"),
        "killed": said("sql_killed", seconds=seconds),
    }
    return InputError(told.get(kind) or said("sql_refused", reason=line, tables=tables))
