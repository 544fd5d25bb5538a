"""The files of the server: which address it takes, what is off in public, and where keys may lie."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from core.catalogue import load_catalogue
from core.providers.hosted.endpoints import is_near

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / ".streamlit"


def test_the_app_is_for_whoever_sits_at_the_computer_unless_told_otherwise() -> None:
    assert is_near(tomllib.loads((SERVER / "config.toml").read_text("utf-8"))["server"]["address"])


def test_in_public_nothing_that_the_project_sets_is_set_again_to_something_else() -> None:
    # Streamlit reads the project's file last, so such a line would do nothing.
    own = tomllib.loads((SERVER / "config.toml").read_text("utf-8"))
    public = tomllib.loads((SERVER / "config.public.toml").read_text("utf-8"))
    assert public["client"]["showErrorDetails"] == own["client"]["showErrorDetails"] == "none"
    shared = {(part, name) for part in public for name in public[part] if name in own.get(part, {})}
    assert not {key for key in shared if public[key[0]][key[1]] != own[key[0]][key[1]]}
    assert "--server.address" in (SERVER / "config.public.toml").read_text("utf-8")


def test_the_example_of_secrets_names_every_key_of_the_catalogue_and_git_keeps_the_real_file_out() -> None:
    text = (SERVER / "secrets.toml.example").read_text("utf-8")
    named = set(tomllib.loads(re.sub(r"(?m)^# (?=[A-Z_]+ = )", "", text)))
    assert tomllib.loads(text) == {}
    assert named == {model.key_variable for model in load_catalogue().models.values() if model.key_variable}
    kept_out = subprocess.run(["git", "check-ignore", "-q", ".streamlit/secrets.toml"], cwd=ROOT, check=False)
    assert kept_out.returncode == 0


def test_whoever_comes_first_imports_what_others_would_meet_half_made() -> None:
    packages = "{'core.audits', 'core.brief', 'core.charts', 'core.findings.china_west'}"
    told = f"import sys, pages.parts.app.frame; print({packages} <= set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_many_that_need_the_engine_at_once_meet_nothing_half_made() -> None:
    told = """
import sys, threading
from pages.parts.shared.packages import import_packages

sys.setswitchinterval(1e-5)
gate, found = threading.Barrier(8), []

def one():
    gate.wait()
    import_packages()
    from core.audits import AUDITS
    from core.brief import Brief
    from core.runs import DayRun
    from core.runs.ask import ask_in_background
    from core.store import Selection, Store
    found.append(all((AUDITS, Brief, DayRun, ask_in_background, Selection, Store)))

threads = [threading.Thread(target=one) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(found)
"""
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str([True] * 8), done.stderr
