"""SQL that tries to reach out of its box, in the box itself and without the process around it."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.files.schema import to_table
from core.store.sandbox.worker import Box
from tests.unit.hostile import ANY, MANY
from tests.unit.store_rows import rows

WORDS = st.sampled_from(
    [
        *(
            "SELECT",
            "FROM",
            "WHERE",
            "(",
            ")",
            "*",
            ",",
            ";",
            "responses",
            "runs",
            "'x'",
            "1",
            "--",
            "/*",
            "*/",
            "UNION",
        ),
        *("COPY", "TO", "ATTACH", "PRAGMA", "SET", "INSTALL", "LOAD", "EXPORT", "CALL", "read_csv('/etc/passwd')"),
        *("glob('*')", "getenv('HOME')", "pragma_version()", "duckdb_settings()", "'/etc/passwd'", "query('SELECT 1')"),
        *("WITH", "RECURSIVE", "t", "AS", "VALUES", "(1)", "DESCRIBE", "SUMMARIZE", "EXPLAIN", "PIVOT", "range(3)"),
    ]
)
STATEMENTS = st.lists(WORDS, max_size=9).map(" ".join) | ANY | ANY.map(lambda text: f"SELECT '{text}'")


@pytest.fixture(scope="module")
def box() -> Box:
    made = Box(2**28, 1)
    table = to_table(rows(4))
    made.put("responses", table)
    return made


@MANY
@given(STATEMENTS)
def test_anything_is_answered_or_refused(box: Box, text: str) -> None:
    if any("\ud800" <= c <= "\udfff" for c in text):
        return  # a browser cannot send halves of characters
    head, body = box.query(text, 50, 2**20, 5)
    assert head["ok"] == bool(body)
    assert head["ok"] or head["kind"]
    assert b"root:" not in body


ESCAPES = [
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM parquet_scan('/etc/passwd')",
    "SELECT * FROM parquet_metadata('x')",
    "SELECT * FROM read_ndjson_objects('/etc/passwd')",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('runs')",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM pragma_database_list()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM system.main.duckdb_tables",
    "SELECT * FROM memory.main.x",
    "SELECT * FROM temp.x",
    "SELECT getenv('HOME')",
    "SELECT current_setting('memory_limit')",
    "SELECT getvariable('x')",
    "SELECT write_log('x')",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
    "WITH runs AS (SELECT 1) SELECT * FROM main.runs, read_text('/etc/passwd')",
    "SELECT list_transform([1], x -> getenv('HOME'))",
    "SELECT * FROM responses WHERE model_id = getenv('HOME')",
    "SELECT * FROM responses ORDER BY getenv('HOME')",
    "SELECT sum(1) OVER (ORDER BY getenv('HOME')) FROM responses",
    "SELECT sum(1) FILTER (WHERE getenv('HOME') = '') FROM responses",
    "FROM (VALUES (1)) AS t(x) SELECT getenv('HOME')",
    "SELECT * FROM (DESCRIBE SELECT getenv('HOME'))",
    "SELECT * FROM (SUMMARIZE read_text('/etc/passwd'))",
    "PIVOT (SELECT getenv('HOME') AS a, 1 AS b) ON a USING sum(b)",
    "COPY responses TO '/tmp/x'",
    "EXPORT DATABASE '/tmp/x'",
    "ATTACH '/tmp/x.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CREATE TABLE x AS SELECT 1",
    "CREATE MACRO m() AS getenv('HOME')",
    "SET memory_limit = '100GB'",
    "RESET memory_limit",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "EXPLAIN ANALYZE SELECT 1",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "CHECKPOINT",
    "VACUUM",
    "USE memory",
    "SELECT 1; SELECT 2",
    "DELETE FROM responses",
    "INSERT INTO responses SELECT * FROM responses",
    "SELECT nextval('s')",
    "SELECT * FROM incoming",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pg_catalog.pg_tables",
    "SELECT * FROM df",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_no_known_way_out_is_open(box: Box, text: str) -> None:
    head, body = box.query(text, 50, 2**20, 5)
    assert not head["ok"], text
    assert body == b""


def test_the_rows_are_still_there_after_all_of_it(box: Box) -> None:
    assert box.query("SELECT count(*) AS n FROM responses", 5, 2**20, 5)[0]["ok"]
    with pytest.raises(duckdb.Error):
        box._connection.execute("SELECT * FROM read_text('/etc/passwd')").fetchall()
