"""An import changes nothing in the process; the app sets what it needs at its start."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import gc, importlib, json, pkgutil, sys
import altair, pyarrow, streamlit
from altair.utils import schemapi

def state():
    return [schemapi.DEBUG_MODE, gc.get_freeze_count(), gc.isenabled(), list(gc.get_threshold()),
        pyarrow.default_memory_pool().backend_name, sys.getswitchinterval(), sys.getrecursionlimit()]

before = state()
for root in ("core", "pages.parts"):
    package = importlib.import_module(root)
    for found in pkgutil.walk_packages(package.__path__, f"{root}."):
        if found.name.rpartition(".")[2] != "__main__":
            importlib.import_module(found.name)
print(json.dumps([before, state()]))
"""


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_no_import_of_core_or_pages_sets_anything_for_the_process():
    before, after = json.loads(run(LOOK).splitlines()[-1])
    assert after == before


def test_the_app_sets_them_at_its_start_once(monkeypatch):
    from pages.parts.app import process

    done = []
    for name in ("return_freed_memory", "freeze_objects"):
        monkeypatch.setattr(process, name, lambda name=name: done.append(name))
    monkeypatch.setattr(process.style, "without_checks", lambda: done.append("without_checks"))
    process.set_up_process.cache_clear()
    process.set_up_process()
    process.set_up_process()
    assert done == ["return_freed_memory", "freeze_objects", "without_checks"]
    process.set_up_process.cache_clear()


def test_app_py_calls_it_before_the_frame_is_imported():
    lines = [ast.unparse(node) for node in ast.parse((ROOT / "app.py").read_text("utf-8")).body]
    order = [lines.index(line) for line in ("set_up_process()", "from pages.parts.app.frame import run_page")]
    assert order == sorted(order)


@pytest.mark.parametrize("module", ["core", "core.api"])
def test_the_front_door_opens_without_heavy_libraries(module):
    heavy = {
        "torch",
        "transformers",
        "streamlit",
        "altair",
        "pandas",
        "duckdb",
        "openai",
        "anthropic",
        "scipy",
        "numpy",
    }
    loaded = json.loads(run(f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"))
    assert not heavy & set(loaded)
