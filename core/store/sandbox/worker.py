"""The process that runs a reader's SQL. Rows come in through its standard input, results leave through its output.

It has its own DuckDB with copies of the runs, no environment variables, no files and no extensions. The operating
system enforces its limits on memory and time too. The process that started it may kill it at any moment.

A frame is a JSON head and an Arrow body, each with its length before it.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, Any

import duckdb
import pyarrow as pa

TABLES = ("runs", "responses", "trace_steps")
VIEWS = ("runs", "cells", "responses", "trace_steps")
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
NO_FUNCTIONS = frozenset({"current_setting", "getvariable", "nextval", "currval", "write_log", "pg_sleep", "sleep_ms"})
NO_PREFIXES = ("read_", "pragma_", "duckdb_", "getenv", "query", "sniff_", "glob")

_CELLS = """
CREATE VIEW cells AS
SELECT r.run_id, r.cell_id, kind, provider, model_id, model_revision, survey, question_id, question_json, country, age,
    sex, education, language, paraphrase, prompt_version, tag, c.samples
FROM (SELECT run_id, cell_id, min(sample) AS sample, count(*) AS samples FROM responses GROUP BY ALL) AS c
JOIN responses AS r USING (run_id, cell_id, sample)
"""


class Refused(Exception):
    """The query asks for something that this process does not do; ``kind`` says what."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind, self.detail = kind, detail


def write_frame(out: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    """Send one frame."""
    text = json.dumps(head).encode()
    out.write(len(text).to_bytes(8, "big") + len(body).to_bytes(8, "big") + text)
    out.write(body)
    out.flush()


def read_frame(source: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next frame; ``None`` where the other process has closed the stream."""
    sizes = source.read(16)
    if len(sizes) < 16:
        return None
    text, body = source.read(int.from_bytes(sizes[:8], "big")), source.read(int.from_bytes(sizes[8:], "big"))
    if len(text) < int.from_bytes(sizes[:8], "big") or len(body) < int.from_bytes(sizes[8:], "big"):
        return None
    return json.loads(text), body


def to_ipc(table: pa.Table) -> bytes:
    """``table`` as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as out:
        out.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def from_ipc(data: bytes) -> pa.Table:
    """The table in an Arrow stream."""
    return pa.ipc.open_stream(data).read_all()


def connect(memory: int, threads: int) -> duckdb.DuckDBPyConnection:
    """An empty database without access to anything outside it; ``memory`` is its limit in bytes."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_persistent_secrets": "false",
            "temp_directory": "",
            "memory_limit": f"{memory}B",
            "threads": str(threads),
            "python_enable_replacements": "false",
        },
    )
    # Compressed, because every row is in memory a second time here.
    connection.execute("ATTACH ':memory:' AS box (COMPRESS)")
    connection.execute("USE box")
    # Last, because both also forbid the settings above.
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def check(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The one SELECT in ``sql``. Raises :class:`Refused`, or the error of DuckDB where it cannot be parsed."""
    statements = connection.extract_statements(sql)
    if not statements:
        raise Refused("empty")
    if len(statements) > 1:
        raise Refused("several")
    if statements[0].type == duckdb.StatementType.MULTI and "PIVOT" in sql.upper():
        raise Refused("pivot")  # without its values named, DuckDB first makes a type of those that it finds
    if statements[0].type != duckdb.StatementType.SELECT:
        raise Refused("statement", str(statements[0].type).rsplit(".", 1)[-1])
    found = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
    tree = json.loads(found[0]) if found else {"error": True}
    if tree.get("error"):
        raise Refused("statement", str(tree.get("error_message", "")))
    nodes = list(_nodes(tree))
    known = {*VIEWS, *(str(entry["key"]).lower() for node in nodes for entry in _named(node))}
    for node in nodes:
        _check_node(node, known)
    return sql


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)


def _named(node: dict[str, Any]) -> list[dict[str, Any]]:
    names = node.get("cte_map")
    return names.get("map", []) if isinstance(names, dict) else []


def _check_node(node: dict[str, Any], known: set[str]) -> None:
    kind = node.get("type")
    if kind == "BASE_TABLE":
        name = str(node.get("table_name", ""))
        inside = not node.get("catalog_name") and str(node.get("schema_name") or "main").lower() == "main"
        if not inside or name.lower() not in known:
            raise Refused("table", name)
    elif kind == "SHOW_REF" and node.get("table_name") not in ("", '"tables"'):
        raise Refused("table", str(node.get("table_name")))
    elif kind == "TABLE_FUNCTION":
        name = str(node.get("function", {}).get("function_name", "")).lower()
        if name not in TABLE_FUNCTIONS:
            raise Refused("function", name)
    if node.get("class") == "FUNCTION":
        name = str(node.get("function_name", "")).lower()
        if name in NO_FUNCTIONS or name.startswith(NO_PREFIXES):
            raise Refused("function", name)


@contextmanager
def _limit(cursor: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[threading.Event]:
    """A context in which ``cursor`` is interrupted after ``seconds``, again and again until it stops."""
    done, late = threading.Event(), threading.Event()

    def watch() -> None:
        # DuckDB ignores an interrupt while it is planning a query, so one is not enough.
        if not done.wait(seconds):
            late.set()
            while not done.wait(0.05):
                cursor.interrupt()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield late
    finally:
        done.set()
        thread.join()


class Box:
    """The tables of the worker, and what it can do with them."""

    def __init__(self, memory: int, threads: int) -> None:
        self._connection = connect(memory, threads)
        self._made: set[str] = set()

    def put(self, grain: str, table: pa.Table) -> None:
        """Add rows. The first call for a table creates it, even without rows."""
        # With external access off, SQL cannot read Arrow tables by their Python names, but this call can.
        self._connection.register("incoming", table)
        verb = f"INSERT INTO {grain}" if grain in self._made else f"CREATE TABLE {grain} AS"
        self._connection.execute(f"{verb} SELECT * FROM incoming")  # noqa: S608 - fixed names only
        self._connection.unregister("incoming")
        self._made.add(grain)
        if grain == "responses" and "cells" not in self._made:
            self._connection.execute(_CELLS)
            self._made.add("cells")

    def drop(self, grain: str, run_id: str | None) -> None:
        """Delete the rows of a run, or all rows."""
        if grain in self._made:
            where, values = ("true", []) if run_id is None else ("run_id = ?", [run_id])
            self._connection.execute(f"DELETE FROM {grain} WHERE {where}", values)  # noqa: S608 - fixed names only

    def query(
        self, sql: str, rows: int, size: int, seconds: float, as_text: Collection[int] = ()
    ) -> tuple[dict[str, Any], bytes]:
        """Head and body of the answer to ``sql``, with at most ``rows`` rows and about ``size`` bytes.

        The columns at the positions ``as_text`` come as text.
        """
        cursor, began = self._connection.cursor(), time.monotonic()
        late = threading.Event()
        try:
            cursor.execute("USE box")
            with _limit(cursor, seconds) as late:
                check(cursor, sql)
                cursor.execute("BEGIN TRANSACTION READ ONLY")
                table, cut = _fetch(cursor, sql, rows, size, as_text)
            return {"ok": True, "cut": cut, "seconds": time.monotonic() - began}, to_ipc(table)
        except Refused as error:
            return {"ok": False, "kind": error.kind, "detail": error.detail}, b""
        except (duckdb.Error, pa.ArrowException, MemoryError, ValueError, OverflowError) as error:
            return {"ok": False, "kind": "late" if late.is_set() else _kind(error), "detail": str(error)}, b""
        finally:
            cursor.close()


def _fetch(
    cursor: duckdb.DuckDBPyConnection, sql: str, rows: int, size: int, as_text: Collection[int]
) -> tuple[pa.Table, str]:
    """The first rows, and why there are no more: ``rows``, ``size``, or an empty text where these are all."""
    found = cursor.sql(sql)
    # Arrow has no integers of 128 bits without a sign and would tell others; a union is nothing that a table can show.
    texts = {at for at, kind in enumerate(found.types) if any(name in str(kind) for name in ("UHUGEINT", "UNION"))}
    if texts := texts | set(as_text):
        names = [f"c{at}" for at in range(len(found.columns))]
        shown = ", ".join(
            f'{f"CAST({name} AS VARCHAR)" if at in texts else name} AS "{title.replace(chr(34), chr(34) * 2)}"'
            for at, (name, title) in enumerate(zip(names, found.columns, strict=True))
        )
        inner = sql.strip().rstrip(";")
        found = cursor.sql(f"SELECT {shown} FROM (\n{inner}\n) AS q({', '.join(names)})")  # noqa: S608 - checked before
    # Streamed, so that rows that are cut off are not computed.
    reader = found.to_arrow_reader(2_048)
    batches, got, room, cut = [], 0, size, ""
    for batch in reader:
        batches.append(batch)
        got, room = got + batch.num_rows, room - batch.nbytes
        if got > rows or room < 0:
            cut = "rows" if got > rows else "size"
            break
    return pa.Table.from_batches(batches, reader.schema).slice(0, rows), cut


def _kind(error: BaseException) -> str:
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError | pa.ArrowMemoryError):
        return "memory"
    return "write" if "read-only mode" in str(error) else "sql"


def _confine(memory: int) -> None:
    """Limit the memory of this process, and forbid it to write files, on systems that can."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def main() -> None:
    """Answer frames from the standard input until it ends."""
    source, out = sys.stdin.buffer, sys.stdout.buffer
    first = read_frame(source)
    if first is None:
        return
    limits = first[0]
    box = Box(limits["memory"], limits["threads"])
    _confine(limits["address_space"])
    while (frame := read_frame(source)) is not None:
        head, body = frame
        if head["do"] == "put":
            box.put(head["grain"], from_ipc(body))
        elif head["do"] == "drop":
            box.drop(head["grain"], head["run_id"])
        elif head["do"] == "wait":
            write_frame(out, {})
        else:
            write_frame(out, *box.query(*(head[name] for name in ("sql", "rows", "size", "seconds", "as_text"))))


if __name__ == "__main__":
    main()
