"""The Runs page: list, card, actions, form, comparison, SQL."""

import io
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.audits.alignment.audit import Spec
from core.providers.mock import MockProvider
from core.runs import RunProgress
from core.store import RunInfo, Store
from core.store.index.export import export_zip
from pages.parts.runs import data as run_data
from pages.parts.runs.progress import _words
from pages.parts.shared import resources
from tests.pages.test_pages import texts
from tests.unit.store_rows import row

LOGS = Path(__file__).resolve().parents[1] / "data" / "logs"


def metrics(test) -> dict[str, str]:
    return {element.label: element.value for element in test.metric}


@pytest.fixture
def runs_dir(tmp_path, monkeypatch):
    """The user's runs; what is shipped stays out, so that a test sees only its own."""
    monkeypatch.setattr("core.store.DATA", tmp_path / "none")
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


def add(folder, run_id: str = "audit-1", n: int = 4, **changes) -> None:
    values = {"kind": "alignment", "status": "done", "created": datetime(2026, 11, 1, tzinfo=UTC), "title": "Mine"}
    store = Store(folder)
    with store.create(RunInfo(run_id=run_id, **{**values, **changes})) as held:
        if n:
            masses = [(0.5, 0.25, 0.125), (0.25, 0.5, 0.125)]
            mass = masses[run_id.endswith("2")]
            store.append(held, [row(i, run_id, model_id="mock", mass=mass) for i in range(n)])
    store.close()


def test_without_any_run_the_page_says_what_to_do(app, monkeypatch, tmp_path):
    monkeypatch.setattr("core.store.DATA", tmp_path / "none")
    test = app("runs")
    assert "no run yet" in texts(test)
    assert not test.exception


def test_the_table_lists_and_filters_and_the_link_opens_a_run(app, runs_dir):
    add(runs_dir)
    add(runs_dir, "probe-1", kind="probe", title="Other")
    test = app("runs", run="audit-1", kind="alignment")
    table = test.dataframe[0].value
    assert table["Run"].tolist() == ["audit-1"]
    assert test.selectbox(key="run").value == "audit-1"
    assert metrics(test)["Answers kept"] == "4"
    test.multiselect(key="kind").set_value([]).run()
    test.text_input(key="words").set_value("other").run()
    assert test.dataframe[0].value["Run"].tolist() == ["probe-1"]
    assert test.selectbox(key="run").value == "audit-1"
    assert "words" not in test.query_params


def test_an_unknown_run_in_the_link_is_told(app, runs_dir):
    add(runs_dir)
    test = app("runs", run="gone-1")
    assert "There is no run called “gone-1”" in texts(test)


def test_the_card_shows_spec_versions_errors_and_hashes(app, runs_dir):
    add(runs_dir, spec={"seed": 7}, libraries={"torch": "2.9"}, prompts={"a": "a-1"}, models={"mock": "rev-9"})
    store = Store(runs_dir)
    with store.open("audit-1") as held:
        error = {"outcome": "error", "error_kind": "rate_limited", "error_text": "slow"}
        store.append(held, [row(90, "audit-1", mass=(), codes=(), **error)])
    test = app("runs", run="audit-1")
    assert metrics(test)["Errors"] == "1"
    assert "errors: 1" in texts(test)
    assert "1 × The endpoint asked to slow down" in texts(test)
    assert any("slow" in table.value.astype(str).to_string() for table in test.dataframe)
    assert "a-1" in texts(test)
    tables = [table.value.astype(str).to_string() for table in test.dataframe]
    assert any("rev-9" in text for text in tables)
    assert any("2.9" in text for text in tables)
    hashes = [entry.sha256 for entry in store.info("audit-1").shards.values()]
    assert any(hashes[0] in text for text in tables)
    assert '"seed": 7' in test.json[0].value or '"seed":7' in test.json[0].value


def test_a_run_that_says_running_but_is_not_written_is_interrupted(app, runs_dir):
    add(runs_dir, status="running", spec=Spec(models=("mock",)).model_dump(mode="json"))
    test = app("runs", run="audit-1")
    assert "interrupted" in test.dataframe[0].value["Status"].iloc[0]
    assert test.button(key="run_resume").label == "Resume"


def test_rename_and_note_are_kept(app, runs_dir):
    add(runs_dir)
    test = app("runs", run="audit-1")
    test.text_input(key="title_audit-1").set_value("New name")
    test.text_area(key="note_audit-1").set_value("why")
    next(b for b in test.button if b.label == "Save").click().run()
    info = Store(runs_dir).info("audit-1")
    assert (info.title, info.note) == ("New name", "why")
    assert test.dataframe[0].value["Title"].tolist()[0] == "New name"


def test_delete_needs_a_yes(app, runs_dir):
    add(runs_dir)
    test = app("runs", run="audit-1")
    assert test.button(key="run_delete").disabled
    test.checkbox(key="sure_audit-1").check().run()
    test.button(key="run_delete").click().run()
    assert not test.exception
    assert not (runs_dir / "audit-1").exists()
    assert "run" not in test.query_params


def test_a_run_that_is_being_written_cannot_be_deleted_and_the_page_says_why(app, runs_dir):
    add(runs_dir)
    test = app("runs", run="audit-1")
    test.checkbox(key="sure_audit-1").check().run()
    other = Store(runs_dir)
    with other.open("audit-1"):
        test.button(key="run_delete").click().run()
    assert "being written" in texts(test)
    assert (runs_dir / "audit-1").exists()


def test_a_shipped_run_is_marked_and_cannot_be_changed(app, monkeypatch, tmp_path):
    monkeypatch.setattr("core.store.DATA", tmp_path / "shipped")
    (tmp_path / "shipped" / "runs").mkdir(parents=True)
    add(tmp_path / "shipped" / "runs", "demo-1")
    test = app("runs", run="demo-1")
    assert test.dataframe[0].value["From"].tolist() == ["Shipped"]
    assert "cannot be renamed or deleted" in texts(test)
    test.checkbox(key="sure_demo-1").check().run()
    test.button(key="run_delete").click().run()
    assert "came with Parallax" in texts(test)
    assert (tmp_path / "shipped" / "runs" / "demo-1").exists()


def test_a_zip_is_brought_in_and_a_bad_one_is_refused(app, runs_dir, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    add(elsewhere, "guest-1")
    export_zip(Store(elsewhere), "guest-1", tmp_path / "guest.zip")
    test = app("runs")
    test.file_uploader(key="run_import").set_value(
        ("guest.zip", (tmp_path / "guest.zip").read_bytes(), "application/zip")
    )
    test.run()
    test.button(key="run_import_now").click().run()
    assert not test.error
    assert test.selectbox(key="run").value == "guest-1"
    bad = io.BytesIO()
    with zipfile.ZipFile(bad, "w") as archive:
        archive.writestr("../evil.txt", "x")
    test.file_uploader(key="run_import").set_value(("bad.zip", bad.getvalue(), "application/zip")).run()
    test.button(key="run_import_now").click().run()
    assert "points outside" in texts(test)


def wait(run_id: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while run_data.active_job(run_id) is not None:
        assert time.monotonic() < end, "the audit did not end"
        time.sleep(0.05)


def form(app):
    test = app("runs", view="new")
    test.multiselect(key="m").set_value(["mock"]).run()
    test.multiselect(key="ask").set_value(["Q164", "Q1"]).run()
    return test.multiselect(key="country").set_value(["CHN"]).run()


def test_a_log_of_another_program_becomes_a_run_with_its_account(app, runs_dir):
    name = "samples_walk_2026-11-27T10-00-00.000000.jsonl"
    test = app("runs")
    log = (LOGS / name).read_bytes()
    test.file_uploader(key="run_log").set_value((name, log, "application/jsonl")).run()
    test.button(key="run_log_now").click().run()
    assert "does not say which model" in texts(test)
    test.file_uploader(key="run_log").set_value((name, log, "application/jsonl"))
    test.text_input(key="run_log_model").set_value("mine").run()
    test.button(key="run_log_now").click().run()
    assert not test.exception
    assert test.selectbox(key="run").value.startswith("imported-log-")
    assert "6 entries read, 2 answers taken in" in texts(test)


def test_an_audit_starts_only_after_its_size_was_shown_and_then_runs(app, runs_dir):
    test = form(app)
    assert not [b for b in test.button if b.key == "run_start"]
    test.button(key="run_check").click().run()
    assert int(metrics(test)["Cells"]) > 8
    assert metrics(test)["Cells"] == metrics(test)["Prompts to send"]
    test.toggle(key="spec_alignment_text_check").set_value(False).run()
    assert not [b for b in test.button if b.key == "run_start"], "the estimate was for another audit"
    test.button(key="run_check").click().run()
    cells = metrics(test)["Cells"]
    test.text_input(key="new_title").set_value("From the form").run()
    test.button(key="run_start").click().run()
    assert not test.exception
    run_id = test.selectbox(key="run").value
    wait(run_id)
    test.run()
    info = resources.store().info(run_id)
    assert (info.status, info.title) == ("done", "From the form")
    assert metrics(test)["Answers kept"] == cells
    assert test.query_params["run"] == run_id


def test_a_running_audit_shows_progress_is_stopped_and_resumed(app, runs_dir, monkeypatch):
    real = MockProvider.option_distribution

    def slow(self, requests, cancel=None):
        time.sleep(0.3)
        return real(self, requests, cancel)

    monkeypatch.setattr(MockProvider, "option_distribution", slow)
    test = form(app)
    test.button(key="run_check").click().run()
    test.button(key="run_start").click().run()
    run_id = test.selectbox(key="run").value
    assert test.get("progress")
    test.button(key="run_cancel").click().run()
    wait(run_id)
    test.run()
    assert resources.store().info(run_id).status == "cancelled"
    assert test.button(key="run_resume").label == "Resume"
    monkeypatch.setattr(MockProvider, "option_distribution", real)
    test.button(key="run_resume").click().run()
    wait(run_id)
    info = resources.store().info(run_id)
    assert info.status == "done"
    assert len(resources.store().kept(run_id)) == info.counts["planned"]


def test_no_model_means_no_audit(app, runs_dir):
    test = app("runs", view="new")
    test.multiselect(key="m").set_value([]).run()
    assert not [b for b in test.button if b.key == "run_check" and not b.disabled]


def test_two_runs_are_compared_with_a_sentence_and_tables(app, runs_dir):
    add(runs_dir, "audit-1", n=6, libraries={"torch": "2.8"})
    add(runs_dir, "audit-2", n=6, libraries={"torch": "2.9"})
    test = app("runs", view="compare", a="audit-1", b="audit-2")
    assert not test.exception
    text = texts(test)
    assert "on average 28.6% of an answer moved" in text
    assert "This is a change and no noise" in text
    assert "Only 3 questions" in text
    assert any("2.9" in table.value.to_string() for table in test.dataframe)
    same = app("runs", view="compare", a="audit-1", b="audit-1")
    assert "two different runs" in texts(same)


def test_a_single_run_cannot_be_compared(app, runs_dir, monkeypatch, tmp_path):
    monkeypatch.setattr("core.store.DATA", tmp_path / "none")
    add(runs_dir)
    assert "Two runs with answers are needed" in texts(app("runs", view="compare"))


def query(test, sql: str):
    test.text_area(key="sql").set_value(sql)
    next(b for b in test.button if b.label == "Run").click()
    return test.run()


def test_sql_answers_refuses_and_cuts(app, runs_dir):
    add(runs_dir)
    test = app("runs", view="sql")
    query(test, "SELECT run_id, count(*) AS n FROM responses WHERE run_id = 'audit-1' GROUP BY ALL")
    assert test.dataframe[0].value.values.tolist() == [["audit-1", 4]]
    query(test, "DROP TABLE responses")
    assert "Only SELECT runs here" in texts(test)
    assert not test.dataframe
    query(test, "FROM range(20000)")
    assert "first 10,000 rows" in texts(test)
    assert "sql" not in test.query_params


def test_every_example_runs(app, runs_dir):
    add(runs_dir)
    test = app("runs", view="sql")
    for name in test.selectbox(key="sql_example").options:
        test.selectbox(key="sql_example").select(name).run()
        query(test, test.text_area(key="sql").value)
        assert not test.error, name
        assert test.dataframe


def test_the_time_left_is_told_or_left_out():
    begun = RunProgress(done=0, total=8, cached=0, errors=0, rate=None, seconds_left=None)
    job = SimpleNamespace(is_set=lambda: False, stage="ask", reported=begun)
    assert _words(job) == "0 of 8 cells · 0 from earlier · 0 errors"
    job.reported = begun.model_copy(update={"rate": 2.0, "done": 4, "seconds_left": 2.0})
    assert "2.0 a second · 2 s left" in _words(job)
