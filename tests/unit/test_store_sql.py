"""The reader's own SQL: what it sees, what it is refused, and where it is stopped."""

from __future__ import annotations

import pytest

from core.errors import InputError
from core.store import Store
from core.store.sandbox.sql import VIEWS, Sandbox, SqlLimits
from tests.unit.store_rows import info, row, rows

SECRET = "sk-not-for-you"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def store(folder):
    made = Store(folder)
    with made.create(info(title="one")) as run:
        made.append(run, rows(20))
    yield made
    made.close()


@pytest.fixture(scope="module")
def box(store):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", SECRET)
        made = Sandbox(store, SqlLimits(seconds=60.0))
        made.query("SELECT 1")
    yield made
    made.close()


@pytest.fixture(scope="module")
def hasty(store):
    """A sandbox that stops a query after a second."""
    made = Sandbox(store, SqlLimits(seconds=1.0, grace=1.0))
    made.query("SELECT 1 AS a")
    yield made
    made.close()


def test_the_four_tables_are_there_and_hold_the_runs(box, store):
    assert set(box.query("SHOW TABLES").frame["name"]) == set(VIEWS)
    assert box.query("SELECT count(*) AS n FROM responses").frame["n"].tolist() == [20]
    assert box.query("SELECT title, rows FROM runs").frame.values.tolist() == [["one", 20]]
    assert box.query("FROM trace_steps").frame.empty
    cells = box.query("SELECT * FROM cells ORDER BY cell_id").frame
    assert cells["cell_id"].tolist() == sorted(store.cells()["cell_id"])
    assert set(store.cells().columns) >= set(cells.columns)


def test_sums_and_lists_come_as_plain_numbers(box):
    found = box.query("SELECT sum(tokens_in) AS t, any_value(codes) AS c FROM responses").frame
    assert found["t"].dtype == "float64"
    assert found["t"].tolist() == [800.0]
    assert list(found["c"].iloc[0]) == [2, 1, -5]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO responses SELECT * FROM responses",
        "UPDATE responses SET text = ''",
        "DELETE FROM responses",
        "CREATE TABLE t (a INTEGER)",
        "CREATE TEMP TABLE t AS SELECT 1",
        "DROP TABLE responses",
        "ALTER TABLE runs ADD COLUMN x INTEGER",
        "TRUNCATE responses",
        "WITH gone AS (DELETE FROM responses RETURNING *) SELECT * FROM gone",
        "EXPLAIN ANALYZE DELETE FROM responses",
        "COPY responses TO '/tmp/out.csv'",
        "COPY responses FROM '/etc/passwd'",
        "EXPORT DATABASE '/tmp/out'",
        "ATTACH '/tmp/x.duckdb'",
        "ATTACH ':memory:' AS other",
        "DETACH box",
        "INSTALL httpfs",
        "LOAD json",
        "SET memory_limit = '100GB'",
        "SET lock_configuration = false",
        "RESET threads",
        "PRAGMA database_list",
        "PRAGMA threads = 64",
        "CALL pragma_version()",
        "CHECKPOINT",
        "USE system",
        "BEGIN",
        "PREPARE p AS SELECT 1",
        "CREATE SECRET s (TYPE s3)",
        "CREATE MACRO f(a) AS a",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE responses",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/*')",
        "SELECT (SELECT max(content) FROM read_text('/etc/passwd'))",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM '/etc/passwd'",
        'SELECT * FROM "/etc/passwd"',
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM query('SELECT * FROM duckdb_settings()')",
        "SELECT * FROM query_table('runs')",
        "SELECT getenv('OPENAI_API_KEY')",
        "SELECT GETENV('PATH')",
        "SELECT current_setting('home_directory')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM pragma_database_list",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM sqlite_master",
        "SELECT * FROM box.main.runs",
        "SHOW DATABASES",
        "",
        "  ;  ",
        "-- nothing",
        "SELCT 1",
        "SELECT nonsense FROM runs",
        "SELECT * FROM incoming",
    ],
)
def test_it_refuses_in_a_sentence(box, sql):
    with pytest.raises(InputError) as caught:
        box.query(sql)
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert "/tmp" not in caught.value.hint
    assert box.query("SELECT count(*) AS n FROM responses").frame["n"].tolist() == [20]


def test_a_name_that_hides_behind_a_cte_is_still_refused(box):
    assert box.query("WITH t AS (SELECT 1 AS a) SELECT a FROM t").frame["a"].tolist() == [1]
    with pytest.raises(InputError, match="duckdb_settings"):
        box.query("WITH t AS (SELECT * FROM duckdb_settings()) SELECT * FROM t")


def test_no_key_and_no_path_of_this_computer_is_in_any_row(box, folder):
    for name in VIEWS:
        text = box.query(f"SELECT to_json(t)::VARCHAR AS line FROM {name} AS t").frame["line"].str.cat()
        assert SECRET not in text
        assert str(folder) not in text


def test_ten_million_rows_are_cut_and_it_says_so(box):
    found = box.query("SELECT * FROM range(10000000)")
    assert found.cut == "rows"
    assert len(found.frame) == 10_000
    assert not box.query("SELECT * FROM range(10000)").cut


def test_a_result_of_huge_texts_is_cut_and_it_says_so(box):
    found = box.query("SELECT repeat('x', 20000) AS t FROM range(9000)")
    assert found.cut == "size"
    assert 0 < len(found.frame) < 9000


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t",
        "SELECT a.range FROM range(20000000) AS a ORDER BY hash(a.range), md5(a.range::VARCHAR)",
    ],
)
def test_a_query_of_minutes_is_stopped(hasty, sql):
    with pytest.raises(InputError, match=r"stopped after 1 second|more memory|took more than 1 second"):
        hasty.query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list_sum(range(1000000000))",
        "SELECT len(repeat('x', 4000000000))",
        "SELECT repeat('x', 10000000) FROM range(10000)",
    ],
)
def test_a_query_that_eats_memory_is_stopped_and_the_next_one_works(box, sql):
    with pytest.raises(InputError):
        box.query(sql)
    assert box.query("SELECT count(*) AS n FROM responses").frame["n"].tolist() == [20]


def test_what_is_written_deleted_or_renamed_later_shows_in_the_next_query(tmp_path):
    store = Store(tmp_path)
    box = Sandbox(store)
    try:
        assert box.query("FROM responses").frame.empty
        assert box.query("FROM runs").frame.empty
        for name in ("run-1", "run-2"):
            with store.create(info(name)) as run:
                store.append(run, rows(3, name))
        per_run = "SELECT run_id, count(*) AS n FROM responses GROUP BY ALL ORDER BY ALL"
        assert box.query(per_run).frame.values.tolist() == [["run-1", 3], ["run-2", 3]]
        with store.open("run-2") as run:
            store.append(run, [row(1, "run-2", text="again"), row(9, "run-2")])
        store.update("run-2", title="new name")
        store.delete("run-1")
        assert box.query(per_run).frame.values.tolist() == [["run-2", 4]]
        assert box.query("SELECT count(*) AS n FROM responses WHERE text = 'again'").frame["n"].tolist() == [1]
        assert box.query("SELECT title FROM runs").frame["title"].tolist() == ["new name"]
        assert box.query("SELECT count(*) AS n FROM cells").frame["n"].tolist() == [4]
    finally:
        box.close()
        store.close()


def test_a_closed_sandbox_starts_again(store):
    box = Sandbox(store)
    box.close()
    assert box.query("SELECT count(*) AS n FROM responses").frame["n"].tolist() == [20]
    box.close()
    box.close()


def test_a_very_long_text_is_refused_before_it_is_read(box):
    with pytest.raises(InputError, match="characters"):
        box.query("SELECT 1 " + "+ 1" * 20_000)
    with pytest.raises(InputError):
        box.query("SELECT " + "(" * 9_000 + "1" + ")" * 9_000)


@pytest.mark.parametrize(
    ("sql", "shown"),
    [
        ('SELECT 1 AS a, 2 AS a, 3 AS "a (2)"', {"a": 1, "a (3)": 2, "a (2)": 3}),
        ("SELECT DATE '20000-01-01' AS d, 1 AS n", {"d": "20000-01-01", "n": 1}),
        ("SELECT DATE '-5000-01-01' AS d", {"d": "5001-01-01 (BC)"}),
        ("SELECT 'infinity'::DATE AS d", {"d": "infinity"}),
        ("SELECT TIMESTAMP '200000-12-31 00:00:00' AS t", {"t": "200000-12-31 00:00:00"}),
        ("SELECT TIME '24:00:00' AS t", {"t": "24:00:00"}),
        ("SELECT [DATE '20000-01-01'] AS l;", {"l": "[20000-01-01]"}),
        ("SELECT union_value(k := 1) AS u -- a remark", {"u": "1"}),
        (
            "SELECT 170141183460469231731687303715884105727::HUGEINT AS h",
            {"h": "170141183460469231731687303715884105727"},
        ),
        (
            "SELECT 340282366920938463463374607431768211455::UHUGEINT AS v",
            {"v": "340282366920938463463374607431768211455"},
        ),
        ("SELECT sum(x) AS s FROM range(4) AS t(x)", {"s": 6.0}),
        ("PIVOT responses ON outcome IN ('option', 'error') USING count(*) GROUP BY model_id", None),
    ],
)
def test_what_a_data_frame_cannot_hold_is_shown_as_it_is_written(box, sql, shown):
    found = box.query(sql).frame
    assert not found.empty
    assert shown is None or dict(found.iloc[0]) == shown


@pytest.mark.parametrize(
    "sql",
    ["PIVOT responses ON outcome USING count(*) GROUP BY model_id", "FROM (PIVOT responses ON outcome USING count(*))"],
)
def test_a_pivot_without_its_values_is_told_to_name_them(box, sql):
    with pytest.raises(InputError, match="PIVOT") as caught:
        box.query(sql)
    assert "IN (" in caught.value.hint
