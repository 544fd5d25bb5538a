from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

# Several workers and servers share the processors. If each of them computes with as many threads as there are, these
# wait for one another in loops, and the tests take twice the processor time. Read by libraries as they are imported.
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import hypothesis  # noqa: E402
import pytest  # noqa: E402
from altair.utils import schemapi  # noqa: E402

from core.providers.local.builtin import ensure_builtin  # noqa: E402
from core.settings import DATA, settings  # noqa: E402

# No test waits for what a server computes beforehand; tests/pages/test_warm_up.py does it by itself.
os.environ.setdefault("PARALLAX_WARM_UP", "0")
# What a test computes is computed by the code that it tests. Tests and servers that only read shipped runs share what
# the first of them has kept, never in the user's own cache.
os.environ.setdefault("PARALLAX_KEEP_FRAMES", "0")
# Models that the user has tuned are no part of what is tested.
os.environ["PARALLAX_ADAPTERS_DIR"] = str(Path(tempfile.gettempdir()) / "parallax-no-adapters-of-tests")
os.environ.setdefault("PARALLAX_FRAMES_DIR", str(Path(tempfile.gettempdir()) / "parallax-frames-of-tests"))

# A property is tested for what it says; the first example also waits for what is imported late, seconds on a busy CPU.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that drive a browser stand evenly among the others, so that no two workers end up with one at a time."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    driving = [path for path in files if path.parent.name == "browser"]
    others = [path for path in files if path not in driving]
    step = len(others) // (len(driving) + 2) + 1
    for place, path in enumerate(driving):
        others.insert(place * (step + 1), path)
    items[:] = [item for path in others for item in files[path]]


@pytest.fixture(autouse=True)
def checked_charts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts are checked against the Vega-Lite schema, as they are not in the app (core/charts/style.py).

    Of the tests of pages, those that open every page do so; the others draw the same charts again.
    """
    if request.path.parent.name == "pages" and request.path.name != "test_pages.py":
        return
    monkeypatch.setattr(schemapi, "DEBUG_MODE", True)
    monkeypatch.setattr("core.charts.style.without_checks", lambda: None)


@pytest.fixture(autouse=True)
def own_endpoints(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is measured of endpoints is kept for one test: another may have a server at the same port."""
    place = tmp_path_factory.getbasetemp() / f"endpoints-{uuid.uuid4().hex}"
    monkeypatch.setattr("core.providers.hosted.kept_checks.folder", lambda: place)


@pytest.fixture(scope="session")
def builtin_model_dir() -> Path:
    """The built-in model in the user's own cache, fetched there once. Use with ``@pytest.mark.model``."""
    return ensure_builtin()


@pytest.fixture(scope="session")
def one_shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one small shipped run."""
    root = tmp_path_factory.mktemp("data")
    shutil.copytree(DATA / "runs" / "demo-edc-wave-1", root / "runs" / "demo-edc-wave-1")
    return root


@pytest.fixture
def few_shipped(one_shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store opens on one shipped run, for tests that ask nothing of the others: reading all takes seconds."""
    monkeypatch.setattr("core.store.DATA", one_shipped)


@pytest.fixture
def shared_frames(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages read frames of shipped runs that another test has computed, for tests that put nothing in their place."""
    monkeypatch.setenv("PARALLAX_KEEP_FRAMES", "1")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set settings for one test: ``configure(offline=True)``."""

    def change(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"PARALLAX_{name.upper()}", str(value))
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()
