"""The command line: what it prints, what it leaves, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.audits.stability.waves import list_waves
from core.cli import main, shared
from core.providers import get_provider
from core.runs import run_audit
from core.runs.throughput import throughput
from core.store import Store
from core.store.files.run_info import read_info
from core.store.files.shards import ShardName

pytestmark = pytest.mark.usefixtures("few_shipped")

HERE = Path(__file__).resolve().parents[2]
SMALL = ["run", "--model", "mock", "--question", "Q165", "--persona", "CHN", "--set", "text_check=false"]


@pytest.fixture
def runs(tmp_path: Path, configure) -> Path:
    """An empty runs folder, with the mock model offered."""
    root = tmp_path / "runs"
    configure(mock=True, runs_dir=root, cache_dir=tmp_path / "cache")
    return root


@pytest.fixture
def say(capsys):
    """Run a command: exit code, and standard output as JSON where there is any."""

    def call(*arguments: str):
        capsys.readouterr()
        code = main([*arguments, "--json"])
        out = capsys.readouterr().out
        return code, json.loads(out) if out.strip() else None

    return call


def test_it_starts_without_torch_pandas_or_duckdb() -> None:
    script = (
        "import sys; from core.cli import main; main(['--help']);"
        "heavy = {'torch', 'transformers', 'pandas', 'duckdb', 'streamlit'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=HERE, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert "Exit codes" in ended.stdout


def test_while_workers_of_ray_ask_no_store_is_in_memory(runs, say, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, seen = 0, []

    class Counted(Store):
        def __init__(self, *given: object) -> None:
            nonlocal opened
            super().__init__(*given)
            opened += 1

        def close(self) -> None:
            nonlocal opened
            super().close()
            opened -= 1

    def on_ray(path: Path, bank: object, engine: object, **more: object) -> object:
        seen.append(opened)
        return run_audit(Store(path.parent), path.name, bank, get_provider)

    monkeypatch.setattr("core.store.index.database.Store", Counted)
    monkeypatch.setattr("core.scale.run_on_ray", on_ray)
    code, info = say(*SMALL, "--on", "ray")
    assert (code, info["status"]) == (0, "done")
    assert seen == [0]


def test_models_and_questions(runs, say) -> None:
    code, models = say("models")
    assert code == 0
    states = {model["id"]: model["state"] for model in models}
    assert states["mock"] == "ready"
    assert states["smollm2-135m-instruct"] == "to fetch"
    code, questions = say("questions", "--topic", "politics", "--country", "CHN", "--max-options", "3")
    assert code == 0
    assert {question["id"] for question in questions} == {"Q209", "Q210", "Q211", "Q212"}
    assert main(["questions", "--language", "fr"]) == 2


def test_a_run_from_flags_is_there_for_the_app(runs, say) -> None:
    code, info = say(*SMALL, "--title", "Belief", "--id", "belief")
    assert (code, info["status"], info["title"]) == (0, "done", "Belief")
    assert info["counts"] == {"planned": 4, "answers": 4, "copied": 0, "errors": 0}
    assert len(Store(runs).responses(["belief"])) == 4
    code, listed = say("runs", "list")
    assert [(run["run_id"], run["rows"]) for run in listed if not run["shipped"]] == [("belief", 4)]
    code, shown = say("runs", "show", "belief")
    assert shown["spec"]["questions"] == ["Q165"]
    assert not shown["being_written"]


def test_what_ends_soon_is_said_before_a_run_starts(runs, capsys) -> None:
    names = ("llama-3.3-70b-groq", "gemini-2.5-flash", "deepseek-v4-flash", "mock")
    flags = [part for name in names for part in ("--model", name)]
    assert main(["run", *flags, "--question", "Q165", "--persona", "CHN", "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert "llama-3.3-70b-groq was withdrawn on 2026-08-16. Its maker names gpt-oss-120b-groq instead." in said
    assert "From then on another model answers to the name. Its maker names gemini-3.5-flash-lite" in said
    assert "deepseek-v4-flash may be answered by another model." in said
    assert "mock" not in said


def test_cron_repeats_a_spec_with_an_id_as_wave_after_wave(runs, say, tmp_path) -> None:
    path = tmp_path / "again.toml"
    path.write_text(
        'audit = "stability"\nid = "again"\n[spec]\nmodels = ["mock"]\nlanguages = ["en"]\naxes = ["order"]\n'
        'domains = ["work"]\n',
        encoding="utf-8",
    )
    assert say("run", str(path))[0] == 0
    assert main(["run", str(path)]) == 2, "the id is taken"
    ids = {"again"}
    for _ in range(2):
        code, info = say("run", str(path), "--wave")
        assert (code, info["status"], info["counts"]["copied"]) == (0, "done", 0)
        assert info["title"] == f"stability (asked again on {info['created'][:10]})"
        ids.add(info["run_id"])
    waves = list_waves(Store(runs).runs())
    assert set(waves["run_id"]) == ids
    assert len(ids) == 3
    assert waves["series"].nunique() == 1
    _, titled = say("run", str(path), "--wave", "--title", "Monday")
    assert titled["title"] == f"Monday (asked again on {titled['created'][:10]})"


def test_a_run_tells_prompts_and_tokens_a_second_of_what_it_measured(runs, say) -> None:
    asked = ["run", "--model", "mock", "--question", "Q165", "--persona", "CHN"]
    code, info = say(*asked, "--id", "first")
    told = info["throughput"]
    rows = Store(runs).responses(["first"])
    texts = rows[rows.kind == "text"]
    assert (code, told["prompts"], len(rows)) == (0, 6, 6)
    assert told["tokens_read"] == rows.tokens_in.sum() > 0
    assert told["tokens_written"] == texts.tokens_out.sum() > 0
    assert told["seconds"] == info["seconds"] > 0
    for what in ("prompts", "tokens_read", "tokens_written"):
        assert told[f"{what}_per_s"] == pytest.approx(told[what] / told["seconds"])
    code, again = say("resume", "first")
    assert (code, again["throughput"]["prompts"]) == (0, 6)
    code, copied = say(*asked, "--id", "second")
    assert (copied["counts"]["copied"], copied["throughput"]["prompts"]) == (6, 0)
    assert copied["throughput"]["prompts_per_s"] is None
    assert told["left_out"] == 0
    folder = runs / "first"
    info = read_info(folder)
    first = next(name for name in info.shards if (parsed := ShardName.parse(name)) and parsed.grain == "responses")
    (folder / first).write_bytes(b"no table")
    found = throughput(folder, info)
    assert found.left_out == 1
    assert found.prompts < 6
    assert found.seconds > 0


def test_rows_made_by_code_and_samples_count_as_prompts_that_were_asked(runs, say) -> None:
    code, info = say("run", "--audit", "traces", "--model", "mock", "--question", "Q165", "--persona", "CHN|50+")
    assert (code, info["throughput"]["prompts"]) == (0, info["counts"]["answers"])


@pytest.mark.parametrize("ending", ["toml", "json"])
def test_a_run_from_a_file_where_flags_win(runs, say, tmp_path: Path, ending: str) -> None:
    spec = {"models": ["mock"], "questions": ["Q57", "Q165"], "personas": [{"country": "JPN"}], "text_check": False}
    path = tmp_path / f"spec.{ending}"
    if ending == "json":
        path.write_text(json.dumps({"id": "mine", "note": "A note.", "spec": spec}))
    else:
        path.write_text(
            'id = "mine"\nnote = "A note."\n[spec]\nmodels = ["mock"]\nquestions = ["Q57", "Q165"]\n'
            'personas = [{ country = "JPN" }]\ntext_check = false\n'
        )
    code, info = say("run", str(path), "--question", "Q165", "--set", "seed=5")
    assert (code, info["run_id"], info["note"]) == (0, "mine", "A note.")
    assert info["spec"] | {"models": None} == {
        "models": None,
        "questions": ["Q165"],
        "personas": [{"country": "JPN", "age": None, "sex": None, "education": None}],
        "languages": ["en"],
        "kinds": ["value", "attitude"],
        "edition": 2,
        "orders": "cyclic",
        "text_check": False,
        "samples": 20,
        "seed": 5,
    }


def test_a_dry_run_tells_and_leaves_nothing(runs, say) -> None:
    code, told = say(*SMALL, "--dry-run")
    assert code == 0
    assert (told["cells"], told["cached"], told["prompts"]) == (4, 0, 4)
    assert not runs.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--model", "nope", "--question", "Q165"],
        ["run", "--model", "mock", "--question", "nope"],
        ["run", "--model", "mock", "--topic", "nope"],
        ["run", "--model", "mock", "--question", "Q165", "--persona", "China"],
        ["run", "--model", "mock", "--question", "Q165", "--set", "nope"],
        ["run", "--model", "mock", "--question", "Q165", "--set", "samples=0"],
        ["run", "--model", "mock", "--question", "Q165", "--audit", "nope"],
        ["run", "--model", "mock", "--question", "Q165", "--id", "../out"],
        ["run", "--question", "Q165"],
        ["run", "/nowhere.toml"],
        ["resume", "nope"],
        ["runs", "show", "nope"],
        ["runs", "delete", "nope", "--yes"],
        ["runs", "import", "/nowhere.zip"],
        ["models", "fetch", "mock"],
        ["demo", "nope"],
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(runs, capsys, arguments: list[str]) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Error: ")
    assert "Traceback" not in told.err
    assert not list(runs.glob("*"))


def test_errors_are_json_for_machines_and_usage_errors_have_the_same_code(runs, say) -> None:
    code, told = say("runs", "show", "nope")
    assert (code, told["error"]["kind"]) == (2, "input")
    assert main(["runs", "nonsense"]) == 2


def test_export_import_verify_delete_compact(runs, say, tmp_path: Path) -> None:
    say(*SMALL, "--id", "belief")
    for ending in ("parquet", "csv", "duckdb", "zip"):
        target = tmp_path / f"out.{ending}"
        assert say("runs", "export", "belief", "--to", str(target)) == (0, {"file": str(target), "rows": 4})
        assert target.stat().st_size > 0
    assert main(["runs", "export", "belief", "--to", str(tmp_path / "out.xls")]) == 2
    assert main(["runs", "import", str(tmp_path / "out.zip")]) == 2
    assert say("runs", "delete", "belief", "--yes") == (0, {"deleted": ["belief"]})
    code, info = say("runs", "import", str(tmp_path / "out.zip"))
    assert (code, info["run_id"]) == (0, "belief")
    code, checked = say("runs", "verify")
    assert (code, checked[0]["rows"], checked[0]["problems"]) == (0, 4, [])
    assert say("runs", "compact") == (0, {"belief": 0})
    shard = next((runs / "belief").glob("*.parquet"))
    shard.write_bytes(shard.read_bytes()[:-1] + b"x")
    code, checked = say("runs", "verify", "belief")
    assert code == 3
    assert "damaged" in checked[0]["problems"][0]
    assert main(["doctor"]) == 3


def test_cells_that_failed_have_an_exit_code_of_their_own(runs, say, monkeypatch) -> None:
    from core import providers
    from core.errors import Unreachable
    from core.providers.mock import MockProvider

    def some(request):
        return Unreachable("Cut.", "Again.") if request.codes[0] == 1 else [0.4, 0.4]

    broken = {"now": MockProvider(options=some)}
    monkeypatch.setattr(providers, "get_provider", lambda name: broken["now"])
    code, info = say(*SMALL, "--id", "belief")
    assert (code, info["counts"]["errors"]) == (5, 2)
    broken["now"] = MockProvider()
    code, info = say("resume", "belief")
    assert (code, info["counts"]["errors"]) == (0, 0)
    broken["now"] = MockProvider(options=lambda request: Unreachable("Nobody is there.", "Start it."))
    assert main([*SMALL, "--id", "dead", "--fresh"]) == 4


def test_a_stopped_run_says_so_and_is_resumed(runs, say, monkeypatch) -> None:
    from contextlib import contextmanager

    @contextmanager
    def stopped():
        event = threading.Event()
        event.set()
        yield event

    with monkeypatch.context() as patch:
        patch.setattr(shared, "stoppable", stopped)
        code, info = say(*SMALL, "--id", "belief")
        assert (code, info["status"]) == (130, "cancelled")
    code, info = say("resume", "belief")
    assert (code, info["status"], info["counts"]["answers"]) == (0, "done", 4)


def test_demo_runs_are_made_among_ones_own_and_put_in_their_place(runs, say, monkeypatch, tmp_path: Path) -> None:
    from core import settings

    data = tmp_path / "data"
    (data / "specs").mkdir(parents=True)
    (data / "specs" / "small.toml").write_text(
        'audit = "alignment"\nid = "demo-small"\ntitle = "Small"\n[spec]\nmodels = ["mock"]\nquestions = ["Q165"]\n'
    )
    (data / "specs" / "absent.toml").write_text(
        'audit = "alignment"\nid = "demo-absent"\n[spec]\nmodels = ["tuned-absent"]\nquestions = ["Q165"]\n'
    )
    monkeypatch.setattr(settings, "DATA", data)
    assert say("demo") == (0, {"made": ["demo-small"], "left_out": ["demo-absent"]})
    assert say("demo") == (0, {"made": [], "left_out": ["demo-absent"]})
    assert main(["demo", "absent"]) != 0
    assert list(runs.glob("demo*")) == []
    made = Store(data / "runs")
    assert made.problems() == []
    assert made.info("demo-small").status == "done"
    assert len(made.responses()) == 3
