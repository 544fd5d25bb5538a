"""The doctor on half-broken machines: what is wrong is said in words, and the exit code tells that something is."""

from __future__ import annotations

import json
import shutil
import socket
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import pytest
import vl_convert

from core.cli import main
from core.cli.doctor import content, machine
from core.providers.local import builtin, number_formats
from core.providers.local.manifest import write_manifest
from core.settings import settings
from core.store import RunFolder
from tests.unit.store_rows import info, rows

pytestmark = pytest.mark.usefixtures("few_shipped")

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def seen(tmp_path: Path, configure, capsys):
    """Run the doctor: exit code, and its lines by name."""
    configure(runs_dir=tmp_path / "runs", cache_dir=tmp_path / "cache", mock=True)

    def look(*options: str) -> tuple[int, dict[str, dict[str, str]]]:
        code = main(["doctor", "--json", *options])
        lines = json.loads(capsys.readouterr().out)
        assert all(set(line) == {"what", "state", "detail"} for line in lines)
        assert all(line["detail"] for line in lines)
        return code, {line["what"]: line for line in lines}

    return look


def test_a_sound_machine_has_nothing_broken(seen) -> None:
    code, lines = seen()
    assert code == 0
    assert {line["state"] for line in lines.values()} <= {"ok", "absent", "low"}
    assert {"python", "streamlit", "local models", "runs folder", "model cache", "fonts", "clock", "runs"} <= set(lines)


def test_keys_are_told_by_name_and_never_by_value(seen, tmp_path: Path, configure, monkeypatch) -> None:
    own = tmp_path / "models.toml"
    own.write_text('[mock]\nkey_variable = "SECRET_KEY_OF_MINE"\n')
    configure(models=own)
    assert seen()[1]["SECRET_KEY_OF_MINE"]["state"] == "absent"
    for value, state in (
        ("hush-hush", "ok"),
        ("hush hush hush", "broken"),
        ("  ", "broken"),
        ('"hush-hush"', "broken"),
    ):
        monkeypatch.setenv("SECRET_KEY_OF_MINE", value)
        code, lines = seen()
        assert lines["SECRET_KEY_OF_MINE"]["state"] == state, value
        assert (code == 3) == (state == "broken")
        assert "hush" not in json.dumps(lines)
    assert "set, but empty" in next(iter(_key_lines(monkeypatch, "SECRET_KEY_OF_MINE", " "))).detail


def _key_lines(monkeypatch, name: str, value: str):
    monkeypatch.setenv(name, value)
    model = namedtuple("Model", "key_variable")(name)
    return content._keys([model])


def test_settings_that_cannot_be_used_are_named_and_the_rest_is_looked_at(seen, monkeypatch) -> None:
    monkeypatch.setenv("PARALLAX_THREADS", "many")
    monkeypatch.setenv("PARALLAX_MAX_RETRIES", "-1")
    monkeypatch.setenv("PARALLAX_OFLINE", "1")
    settings.cache_clear()
    code, lines = seen()
    assert code == 3
    assert "“many” cannot be used" in lines["PARALLAX_THREADS"]["detail"]
    assert lines["PARALLAX_MAX_RETRIES"]["state"] == "broken"
    assert lines["PARALLAX_OFLINE"]["state"] == "unknown"
    assert lines["runs"]["state"] == "ok"


@pytest.mark.parametrize(
    ("text", "says"),
    [("[mock", "TOML"), ('[mock]\ncapabilities = "all"\n', "mock.capabilities"), ("x = 1\n", "a model is a table")],
)
def test_a_bad_models_file_is_told_with_its_place(seen, tmp_path: Path, configure, text: str, says: str) -> None:
    own = tmp_path / "models.toml"
    own.write_text(text)
    configure(models=own)
    code, lines = seen()
    assert code == 3
    assert says in lines["catalogue"]["detail"]


def test_a_models_or_dilemmas_file_that_is_not_there_is_told(seen, tmp_path: Path, configure) -> None:
    configure(models=tmp_path / "none.toml", dilemmas=tmp_path / "none-either.toml")
    code, lines = seen()
    assert code == 3
    assert "none.toml" in lines["catalogue"]["detail"]
    assert "none-either.toml" in lines["dilemmas"]["detail"]


def test_a_damaged_run_and_one_from_the_future_are_told(seen, tmp_path: Path) -> None:
    root = tmp_path / "runs"
    late = datetime.now(UTC) + timedelta(days=30)
    for name, created in (("good", late), ("bad", late), ("ugly", late)):
        with RunFolder.create(root, info(name, created=created)) as folder:
            folder.append(rows(2, name))
    (root / "bad" / "run.json").write_text("{")
    shard = next((root / "ugly").glob("responses-*"))
    shard.write_bytes(shard.read_bytes()[:-7])
    code, lines = seen()
    assert code == 3
    assert "not JSON" in lines["run bad"]["detail"]
    assert lines["run ugly"]["state"] == "broken"
    assert "dated in the future" in lines["date of run good"]["detail"]


def test_damaged_survey_data_of_ones_own_are_told(seen, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "mine.parquet").write_bytes(b"PAR1 no")
    code, lines = seen()
    assert code == 3
    assert "Import it again" in lines["own survey data mine"]["detail"]
    assert "own forget mine" in lines["own survey data mine"]["detail"]


def test_weights_that_were_cut_or_changed_are_told(seen, monkeypatch) -> None:
    recipe = builtin.SMOLLM2
    assert seen()[1]["built-in model"]["state"] == "absent"
    recipe.folder.mkdir(parents=True)
    (recipe.folder / "model.safetensors").write_bytes(bytes(9_000_000))
    write_manifest(recipe.folder, recipe.made_from)
    assert seen()[1]["built-in model"]["state"] == "ok"
    (recipe.folder / "model.safetensors").write_bytes(b"\x01" + bytes(8_999_999))  # as long, and not the same
    assert seen()[1]["built-in model"]["state"] == "broken"
    (recipe.folder / "model.safetensors").write_bytes(bytes(1_000))
    code, lines = seen()
    assert code == 3
    assert "models fetch" in lines["built-in model"]["detail"]


def test_a_runs_folder_that_is_a_file_or_denied_is_told(seen, tmp_path: Path, configure, monkeypatch) -> None:
    (tmp_path / "file").write_text("x")
    configure(runs_dir=tmp_path / "file")
    code, lines = seen()
    assert code == 3
    assert "is a file" in lines["runs folder"]["detail"]

    def denied(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)
    assert "cannot be read and written: Permission denied" in machine._folder("runs folder", tmp_path).detail


@pytest.mark.parametrize(("free", "state"), [(10**6, "broken"), (5 * 10**8, "low"), (10**11, "ok")])
def test_a_disk_that_is_nearly_full_is_told(tmp_path: Path, monkeypatch, free: int, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10**12, 0, free))
    assert machine._folder("runs folder", tmp_path).state == state


def test_without_torch_or_with_a_torch_that_does_not_load_it_says_so(monkeypatch) -> None:
    assert machine._local_models().state == "ok"

    def lacking(name: str):
        raise ImportError(name)

    def broken(name: str):
        raise OSError("libtorch_cpu.so: cannot open shared object file")

    monkeypatch.setattr(machine.importlib, "import_module", broken)
    line = machine._local_models()
    assert (line.state, "does not load" in line.detail) == ("broken", True)
    monkeypatch.setattr(machine.importlib, "import_module", lacking)
    line = machine._local_models()
    assert (line.state, "torch not installed" in line.detail) == ("absent", True)


def test_without_the_library_of_tuning_models_run_all_the_same(monkeypatch) -> None:
    real = metadata.version

    def version(name: str) -> str:
        if name == "peft":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "version", version)
    line = machine._local_models()
    assert line.state == "ok"
    assert "peft not installed, so none can be tuned" in line.detail
    assert "no model can run" not in line.detail


@pytest.mark.parametrize(
    ("asked", "half", "builtin_in", "others_in"),
    [("auto", 30.0, "float32", "bfloat16"), ("auto", 5.0, "float32", "float32"), ("bfloat16", 5.0, *["bfloat16"] * 2)],
)
def test_the_format_of_models_and_what_it_gains_is_told(
    seen, configure, monkeypatch, asked: str, half: float, builtin_in: str, others_in: str
) -> None:
    rates = {"float32": number_formats.Rates(10.0, 10.0), "bfloat16": number_formats.Rates(2 * half, half)}
    monkeypatch.setattr(number_formats, "measured_rates", lambda device: rates)
    configure(precision=asked, device="cpu")
    told = seen()[1]["local computing"]
    assert told["state"] == "ok"
    assert f"the built-in model in {builtin_in}, other models in {others_in};" in told["detail"]
    assert f"{half / 5:.2g} times as fast as float32 at reading and {half / 10:.2g} times at writing" in told["detail"]


def test_a_library_that_is_missing_or_too_old_is_told(monkeypatch) -> None:
    real = metadata.version

    def version(name: str) -> str:
        if name == "duckdb":
            raise metadata.PackageNotFoundError(name)
        return "1.0" if name == "pandas" else real(name)

    monkeypatch.setattr(metadata, "version", version)
    lines = {line.what: line for line in machine._libraries()}
    assert (lines["duckdb"].state, lines["pandas"].state, lines["altair"].state) == ("broken", "broken", "ok")
    assert "pip install -r requirements.txt" in lines["duckdb"].detail
    assert "1.0, but" in lines["pandas"].detail


def test_an_old_python_gets_a_sentence(monkeypatch) -> None:
    monkeypatch.setattr(machine.sys, "version_info", (3, 10, 13))
    assert machine._python().state == "broken"


def test_a_system_without_fonts_is_told(monkeypatch) -> None:
    monkeypatch.setattr(vl_convert, "vegalite_to_png", lambda spec: b"the same picture")
    line = machine._font()
    assert line.state == "absent"
    assert "Latin letters or Chinese signs" in line.detail


def test_a_clock_that_is_behind_is_told(monkeypatch) -> None:
    class Past(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2020, 1, 1, tzinfo=UTC)

    assert machine._clock().state == "ok"
    monkeypatch.setattr(machine, "datetime", Past)
    line = machine._clock()
    assert (line.state, "set the clock" in line.detail) == ("broken", True)


def test_endpoints_that_cannot_be_reached_are_told_and_are_no_fault(seen, configure, monkeypatch) -> None:
    def unreachable(address: tuple[str, int], timeout: float):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unreachable)
    code, lines = seen("--online")
    assert code == 0
    assert "Name or service not known" in lines["api.openai.com"]["detail"]
    configure(offline=True)
    assert "PARALLAX_OFFLINE" in seen("--online")[1]["endpoints"]["detail"]


def test_it_can_be_read_as_a_table_too(seen, capsys) -> None:
    assert main(["doctor"]) == 0
    assert "built-in model" in capsys.readouterr().out
