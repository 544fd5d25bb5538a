"""The package: what it needs stands in one place, and what is built works from anywhere with its data."""

import os
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from core.cli.doctor import requirements
from core.cli.doctor.machine import LOCAL_ONLY

ROOT = Path(__file__).resolve().parents[2]


def listed(name: str) -> dict[str, str]:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines())
    found = [Requirement(line) for line in lines if line and not line.startswith("-")]
    assert len({one.name for one in found}) == len(found)
    return {one.name: str(one.specifier) for one in found}


def test_requirements_txt_asks_for_just_what_the_package_and_its_extras_need():
    needs = requirements.needs(ROOT / "pyproject.toml")
    declared = {one.name: str(one.specifier) for part in needs for one in part}
    assert len(declared) == sum(len(part) for part in needs)
    assert listed("requirements.txt") == declared


def test_what_only_models_of_this_computer_need_is_the_extra_local():
    assert {one.name for one in requirements.needs(ROOT / "pyproject.toml").local} == set(LOCAL_ONLY)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel as pip would lay it out, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(build, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    (wheel,) = folder.glob("parallax-*.whl")
    place = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return place


def inside(place: Path, code: str) -> str:
    env = {
        **os.environ,
        "PYTHONPATH": str(place),
        "PARALLAX_RUNS_DIR": str(place.parent / "runs"),
        "PARALLAX_MOCK": "1",
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=place.parent, env=env, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_wheel_holds_all_of_core_and_data_and_nothing_else(unpacked):
    def files(root: Path) -> set[str]:
        every = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {str(path.relative_to(root)) for path in every}

    built = files(unpacked / "core")
    assert files(ROOT / "core") <= built
    assert {f"data/{name}" for name in files(ROOT / "data")} == built - files(ROOT / "core")
    assert {path.name for path in unpacked.iterdir()} == {"core", "parallax-0.1.0.dist-info"}
    assert (unpacked / "core" / "py.typed").is_file()


def test_it_works_from_anywhere_with_its_data(unpacked):
    told = inside(
        unpacked,
        "import core as px, core.settings\n"
        "print(core.settings.DATA)\n"
        "from core.cli import main\n"
        "assert main(['questions', '--topic', 'trust']) == 0\n"
        "assert main(['runs', 'verify', 'demo-edc-wave-1']) == 0\n"
        "print(len(px.ask('Q164', model='mock', personas=['CHN']).frame()))\n",
    )
    assert told.splitlines()[0] == str(unpacked / "core" / "data")
    assert told.splitlines()[-1] == "20"


def test_the_command_is_called_parallax(unpacked, monkeypatch):
    found = next(unpacked.glob("*.dist-info")) / "entry_points.txt"
    assert "parallax = core.cli:main" in found.read_text("utf-8")


def test_an_installed_package_tells_what_it_needs_from_its_metadata(unpacked, monkeypatch):
    monkeypatch.syspath_prepend(str(unpacked))
    assert metadata.version("parallax") == "0.1.0"
    told = requirements.needs(unpacked / "no-pyproject.toml")
    own = requirements.needs(ROOT / "pyproject.toml")
    for here, there in zip(told, own, strict=True):
        assert {one.name: str(one.specifier) for one in here} == {one.name: str(one.specifier) for one in there}
