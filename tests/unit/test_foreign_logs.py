"""Logs of other programs as runs. The fixtures are made up, in the form of lm_eval 0.4.13 and inspect-ai 0.3.285."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from core.cli import main
from core.errors import InputError
from core.runs.logs import LogSource, import_log
from core.runs.logs.entries import Entry, Left, listed_options
from core.runs.logs.inspect_log import samples
from core.runs.logs.rows import RowMaker
from core.store import Store
from core.surveys import shipped_survey
from core.types import Response

LOGS = Path(__file__).resolve().parents[1] / "data" / "logs"
SAMPLES = LOGS / "samples_walk_2026-11-27T10-00-00.000000.jsonl"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "runs")


def rows_of(store: Store, run_id: str) -> list[Response]:
    cells = store.responses([run_id])["cell_id"].unique()
    return store.rows(run_id, list(cells))


def left_out(account) -> dict[str, int]:
    return {out.reason: out.n for out in account.left_out}


def test_samples_of_lm_eval_become_a_run_that_can_be_passed_on(store: Store, tmp_path: Path) -> None:
    from core.store.files.imports import import_run

    made = import_log(store, LogSource(path=SAMPLES), {}, {})
    assert made.account.models == ("someone/tiny-model",)  # from the results beside the samples
    assert (made.account.read, made.account.answers, made.account.probabilities) == (6, 2, 2)
    assert left_out(made.account) == {"repeated": 1, "no_probability": 1, "no_options": 1, "not_json": 1}
    letters, words = sorted(rows_of(store, made.run_id), key=lambda row: row.rendered_prompt, reverse=True)
    assert letters.mass == pytest.approx((0.5, 0.2, 0.1))
    assert letters.valid_mass == pytest.approx(0.8)
    question = json.loads(letters.question_json or "")
    assert [option["text"]["en"] for option in question["options"]] == ["Yes, all day", "Only in the morning", "No"]
    assert words.mass == pytest.approx((2.718281828**-3, 2.718281828**-4, 2.718281828**-2))
    info = store.info(made.run_id)
    assert (info.kind, info.status, info.counts) == ("imported_log", "done", {"answers": 2, "left_out": 4})
    folder = store.path(made.run_id)
    assert folder is not None
    assert import_run(folder, tmp_path / "elsewhere").run_id == made.run_id


def test_the_model_is_asked_for_where_nothing_names_it(store: Store, tmp_path: Path) -> None:
    alone = tmp_path / SAMPLES.name
    shutil.copy(SAMPLES, alone)
    with pytest.raises(InputError, match="does not say which model"):
        import_log(store, LogSource(path=alone), {}, {})
    assert import_log(store, LogSource(path=alone, model="mine"), {}, {}).account.models == ("mine",)


@pytest.mark.parametrize(
    ("name", "shown"), [("owner/model", "owner/model"), ("/home/someone/models/tiny", "tiny"), ("C:\\m\\tiny", "tiny")]
)
def test_a_path_on_a_disk_is_no_name_of_a_model(name: str, shown: str, store: Store, tmp_path: Path) -> None:
    shutil.copy(SAMPLES, tmp_path)
    (tmp_path / "results_2026-11-27T10-00-00.000000.json").write_text(json.dumps({"model_name": name}), "utf-8")
    assert import_log(store, LogSource(path=tmp_path / SAMPLES.name), {}, {}).account.models == (shown,)


def test_repeated_texts_are_samples_and_are_parsed(store: Store) -> None:
    made = import_log(store, LogSource(path=LOGS / "written.jsonl", model="mine"), {}, {})
    rows = rows_of(store, made.run_id)
    assert {(row.sample, row.outcome, row.parsed_code) for row in rows} == {(0, "option", 2), (1, "invalid", None)}


def test_batch_results_need_their_requests(store: Store) -> None:
    results, requests = LOGS / "batch_results.jsonl", LOGS / "batch_requests.jsonl"
    with pytest.raises(InputError, match="answers without their questions"):
        import_log(store, LogSource(path=results), {}, {})
    with pytest.raises(InputError, match="holds the requests"):
        import_log(store, LogSource(path=requests), {}, {})
    made = import_log(store, LogSource(path=results, requests=requests), {}, {})
    assert left_out(made.account) == {"no_options": 1, "failed": 1, "no_request": 1}
    rows = rows_of(store, made.run_id)
    assert {row.model_id for row in rows} == {"small-model-2026-10-01"}
    read = [row for row in rows if row.kind == "options"]
    assert len(read) == 1
    assert read[0].mass == pytest.approx((0.8, 0.1, 0.0))
    assert read[0].method == "top_k"
    assert sorted((row.language, row.outcome) for row in rows if row.kind == "text") == [
        ("en", "option"),
        ("en", "refusal"),
        ("zh", "option"),
    ]
    # The same question after another system message is another cell, not another sample.
    assert len({row.cell_id for row in rows}) == 4
    assert {row.sample for row in rows} == {0}


def test_an_inspect_log_is_read_sample_by_sample() -> None:
    found = list(samples(json.loads((LOGS / "inspect_dumped.json").read_text("utf-8"))))
    assert [one.reason for one in found if isinstance(one, Left)] == ["no_options", "failed"]
    maker = RowMaker("inspect", {}, {})
    rows = [maker.row(one) for one in found if isinstance(one, Entry)]
    assert [(row.sample, row.parsed_code) for row in rows] == [(0, 3), (1, 1)]


def test_without_inspect_its_logs_say_what_to_install(store: Store, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "inspect_ai.log", None)
    (tmp_path / "walk.eval").write_bytes(b"PK")
    for path in (tmp_path / "walk.eval", LOGS / "inspect_dumped.json"):
        with pytest.raises(InputError) as caught:
            import_log(store, LogSource(path=path), {}, {})
        assert "pip install inspect-ai" in caught.value.sentence()


def test_a_survey_question_is_known_by_its_words_in_any_order() -> None:
    bank = shipped_survey().questions()
    question = next(q for q in bank.values() if len(q.options) == 4 and q.scale == "ordinal")
    options = tuple(option.text.en for option in reversed(question.options))
    entry = Entry(where="1", stem=question.stem.en, options=options, model="m", prompt="p", mass=(0.4, 0.3, 0.2, 0.1))
    row = RowMaker("lm_eval", bank, {}).row(entry)
    assert (row.survey, row.question_id, row.codes) == ("wvs7", question.id, tuple(reversed(question.codes)))
    other = RowMaker("lm_eval", bank, {}).row(entry.model_copy(update={"options": (*options[:3], "Perhaps")}))
    assert other.survey is None


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"[1, 2]", b'{"some": "thing"}\n', b"[" * 100_000, b'{"custom_id": "a"}\n'],
    ids=["empty", "no text", "numbers", "another object", "deep", "neither"],
)
def test_what_is_no_log_is_refused_in_words(content: bytes, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError, match="no log that can be read"):
        import_log(store, LogSource(path=path), {}, {})
    assert store.runs().empty


def test_odd_values_of_a_sample_are_counted_and_never_raise(store: Store, tmp_path: Path) -> None:
    good = json.loads(SAMPLES.read_text("utf-8").splitlines()[0])
    odd = [
        {**good, "arguments": 3},
        {**good, "resps": None},
        {**good, "resps": [[["nan", "False"]]] * 3},
        {**good, "resps": [[["1e999", "False"]]] * 3},
        {**good, "doc": None, "arguments": {"gen_args_0": {"arg_0": "Why?", "arg_1": {}}}},
        {**good, "doc": {"question": "\u0000"}, "arguments": {"gen_args_0": {"arg_0": "A. x\nB. y", "arg_1": {}}}},
    ]
    path = tmp_path / "samples.jsonl"
    path.write_text("\n".join(json.dumps(doc) for doc in [good, *odd]), "utf-8")
    made = import_log(store, LogSource(path=path, model="mine"), {}, {})
    assert (made.account.read, made.account.answers) == (7, 1)


def test_options_are_found_in_a_prompt() -> None:
    found = listed_options("1. Read this.\nWhat now?\n(A) Go\n(B) Stay\n\nAnswer with one letter.")
    assert found is not None
    assert found.options == ("Go", "Stay")
    assert found.stem.endswith("What now?")
    assert listed_options("A. Only one") is None
    assert listed_options("先看例子\nA. 甲\nB. 乙\n答：A\n再问一次？\nA、去\nB、留").options == ("去", "留")


@pytest.mark.usefixtures("few_shipped")
def test_the_command_prints_the_account_and_the_run(tmp_path: Path, configure, capsys) -> None:
    configure(runs_dir=tmp_path / "runs")
    assert main(["runs", "import-log", str(SAMPLES), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["account"]["read"] == 6
    assert main(["runs", "import-log", str(tmp_path / "none.jsonl")]) == 2
