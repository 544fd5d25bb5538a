"""Memory of the command line and of a driver at ten million planned cells: ``python -m tests.bench.ray_memory``.

The command is ``run SPEC --on ray --dry-run`` on an auditor's grid, in a process of its own: it plans every cell and
counts what is known. A dry run ends before the driver begins; the driver plans as :mod:`core.scale.stages` does, which
is measured in a second process, with workers that do nothing. Takes half an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from core.audits.base import Answers
from core.audits.representation.audit import Representation, Spec
from core.runs.bank import load_bank
from core.scale.portions import missing, portion_size, portions
from core.store.files.cell_keys import KeySet
from core.surveys import SURVEYS
from core.types import DEFAULT_KINDS
from tests.bench.results import machine, table, versions, write_section

TITLE = "Ray: memory of the driver"
MODELS, MOST_MB = 19, 500
MODEL = """
[grid-{n}]
name = "Grid {n}"
provider = "mock"
remote_id = "grid-{n}"
revision = "1"
developer = "none"
family = "none"
link = "https://example.org"
origin = {{ base = "none", tuner = "none" }}
capabilities = {{ logprobs = "full" }}
"""


def spec_of(models: int) -> dict[str, object]:
    """The grid: every question on values and attitudes, every country and group, both languages."""
    return {
        "models": [f"grid-{n}" for n in range(models)],
        "questions": [name for name, one in load_bank().questions.items() if one.kind in DEFAULT_KINDS],
        "countries": list(SURVEYS["wvs7"]().countries()),
        "dimensions": ["age", "sex", "education", "age_x_sex"],
        "languages": ["en", "zh"],
    }


def peak() -> float:
    """The most memory that this process had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def plan(models: int) -> None:
    """Plan as a driver does, and print cells, MB before and at most, and seconds."""
    import ray  # noqa: F401 - a driver has it in memory

    made, spec = load_bank(), Spec.model_validate(spec_of(models))
    (stage,) = Representation().stages(spec, made)
    before, begun = peak(), time.monotonic()
    seen, kept = KeySet(), KeySet()
    size = portion_size(96, stage.most_cells, 16)
    handed = sum(len(one.cells) for one in portions(missing(stage.cells(Answers()), seen, kept), size, 96))
    if not handed == stage.most_cells == len(seen):
        raise SystemExit(f"{handed} of {stage.most_cells} cells were handed out")
    sys.stdout.write(json.dumps([handed, before, peak(), time.monotonic() - begun]))


def command(arguments: list[str]) -> tuple[str, float, float]:
    """What a command printed, its most memory in MB, and its seconds."""
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen([sys.executable, *arguments], stdout=out)
        _, status, used = os.wait4(child.pid, 0)
        if status:
            raise SystemExit(f"{arguments} ended with {os.waitstatus_to_exitcode(status)}")
        out.seek(0)
        return out.read(), used.ru_maxrss / 1024, time.monotonic() - begun


def main() -> None:
    """Measure both, and write the figures to RESULTS.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, default=MODELS, help="mock models that are asked the grid")
    parser.add_argument("--plan", action="store_true", help="only plan; used for the second process")
    parser.add_argument("--dry-run-alone", action="store_true", help="leave out the second process")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "models.toml").write_text("".join(MODEL.format(n=n) for n in range(chosen.models)), "utf-8")
        if chosen.plan:
            os.environ |= {"PARALLAX_MODELS": str(place / "models.toml"), "PARALLAX_MOCK": "true"}
            plan(chosen.models)
            return
        (place / "grid.json").write_text(json.dumps({"audit": "representation", "spec": spec_of(chosen.models)}))
        os.environ |= {
            "PARALLAX_MODELS": str(place / "models.toml"),
            "PARALLAX_MOCK": "true",
            "PARALLAX_RUNS_DIR": str(place / "runs"),
        }
        asked = ["-m", "core", "run", str(place / "grid.json"), "--on", "ray", "--dry-run", "--json"]
        printed, most, seconds = command(asked)
        cells = json.loads(printed)["cells"]
        rows = [("run --on ray --dry-run, the whole command", f"{cells:,}", f"{most:.0f}", f"{cells / seconds:.0f}")]
        if not chosen.dry_run_alone:
            told, _, _ = command(["-m", "tests.bench.ray_memory", "--plan", "--models", str(chosen.models)])
            handed, _, most, seconds = json.loads(told)
            rows.append(("the driver's plan", f"{handed:,}", f"{most:.0f}", f"{handed / seconds:.0f}"))
    body = (
        f"{machine()}. {versions('ray', 'numpy', 'pydantic')}.\n\n"
        f"An auditor's grid of {chosen.models} models: all questions on values and attitudes, every country of the"
        f" survey with its groups, both languages, all orders. Aim: under {MOST_MB} MB at ten million cells.\n\n"
        + table(("process", "planned cells", "MB at most", "cells/s"), rows)
    )
    sys.stdout.write(body + "\n")
    write_section(TITLE, body)


if __name__ == "__main__":
    main()
