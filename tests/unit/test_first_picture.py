"""The start page shows published figures: nothing that only answers need is imported or opened before its charts."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = """
import runpy, sys
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from pages.parts.shared import chart_block

seen = []
drawn = chart_block.draw_chart

def first(*given, **named):
    seen.append(sorted({"duckdb", "core.runs", "torch", "openai", "anthropic"} & set(sys.modules)))
    return drawn(*given, **named)

chart_block.draw_chart = first
manifest_scanner.scan_component_manifests = lambda *given: []
script_runner._mpa_v1 = lambda main: runpy.run_path(main, run_name="__main__")
test = AppTest.from_file(sys.argv[1], default_timeout=120).run()
assert not test.exception, test.exception
print(seen)
print("core.runs" in sys.modules)
"""


def test_no_database_and_no_engine_before_the_first_chart(tmp_path):
    environment = {**os.environ, "PARALLAX_RUNS_DIR": str(tmp_path / "runs"), "PARALLAX_WARM_UP": "0"}
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(ROOT / "app.py")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    charts, afterwards = done.stdout.splitlines()[-2:]
    assert charts == "[[], []]"
    assert afterwards == "True"  # what the next page needs is imported while the first is read
