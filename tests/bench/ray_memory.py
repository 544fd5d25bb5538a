"""Memory of the command line and of a driver at ten million planned cells: ``python -m tests.bench.ray_memory``.

The command is ``run SPEC --on ray --dry-run`` on an auditor's grid, in a process of its own. A dry run ends before the
driver begins; the driver plans as :mod:`core.scale.stages` does, which is measured in a second process, with workers
that do nothing. ``--answered`` adds the plan of a run that has every answer, whose keys are in memory. On a shared
machine it is done in pieces: ``--models 3 --rows FILE`` adds rows to ``FILE``, whose rows are all
written, by the number of cells; ``--models --rows FILE`` measures nothing more.
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
from itertools import islice
from pathlib import Path

from core.audits.base import Answers
from core.audits.representation.audit import Representation, Spec
from core.runs.bank import load_bank
from core.scale.portions import missing, portion_size, portions
from core.store.files.cell_keys import KeySet, packed
from core.surveys import SURVEYS
from core.types import DEFAULT_KINDS, cell_id
from tests.bench.results import machine, table, versions, write_section

TITLE = "Ray: memory of the driver"
MODELS, MOST_MB, AHEAD = (1, 3, 19), 500, 2_000
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


def plan(models: int, answered: bool) -> None:
    """Plan as a driver does, and print cells, MB at most, and seconds of processor."""
    import ray  # noqa: F401 - a driver has it in memory

    made, spec = load_bank(), Spec.model_validate(spec_of(models))
    (stage,) = Representation().stages(spec, made)
    kept = KeySet()
    if answered:
        stream = iter(stage.cells(Answers()))
        while ahead := list(islice(stream, AHEAD)):
            kept.add(packed([(cell_id(cell), cell.sample) for cell in ahead]))
    begun = time.process_time()
    seen = None if stage.distinct else KeySet()
    size = portion_size(96, stage.most_cells, 16)
    handed = sum(len(one.cells) for one in portions(missing(stage.cells(Answers()), seen, kept), size, 96))
    if handed != (0 if answered else stage.most_cells):
        raise SystemExit(f"{handed} of {stage.most_cells} cells were handed out")
    sys.stdout.write(json.dumps([stage.most_cells, peak(), time.process_time() - begun]))


def command(arguments: list[str]) -> tuple[str, float, float]:
    """What a command printed, its most memory in MB, and its seconds of processor."""
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen([sys.executable, *arguments], stdout=out)
        _, status, used = os.wait4(child.pid, 0)
        if status:
            raise SystemExit(f"{arguments} ended with {os.waitstatus_to_exitcode(status)}")
        out.seek(0)
        return out.read(), used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


def rows_of(models: int, place: Path, answered: bool) -> list[tuple[str, ...]]:
    """The command, the plan of a new run, and with ``answered`` that of a run that has every answer."""
    asked = ["-m", "core", "run", str(place / "grid.json"), "--on", "ray", "--dry-run", "--json"]
    (place / "grid.json").write_text(json.dumps({"audit": "representation", "spec": spec_of(models)}))
    printed, most, seconds = command(asked)
    rows = [("run --on ray --dry-run, the whole command", f"{json.loads(printed)['cells']:,}", most, seconds)]
    for name, more in (("plan of a new run", ()), ("plan of a run that has every answer", ("--answered",))):
        if answered or not more:
            told, _, _ = command(["-m", "tests.bench.ray_memory", "--plan", "--models", str(models), *more])
            cells, most, seconds = json.loads(told)
            rows.append((name, f"{cells:,}", most, seconds))
    return [(name, cells, f"{most:.0f}", f"{seconds:.1f}") for name, cells, most, seconds in rows]


def main() -> None:
    """Measure, and write the figures to RESULTS.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", type=int, nargs="*", default=MODELS, help="numbers of mock models that are asked")
    parser.add_argument("--plan", action="store_true", help="only plan; used for the processes that are measured")
    parser.add_argument("--answered", action="store_true", help="also plan runs that have every answer, which hashes")
    parser.add_argument("--rows", type=Path, help="a file to which rows are added; all of its rows are written")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "models.toml").write_text(
            "".join(MODEL.format(n=n) for n in range(max(chosen.models, default=0))), "utf-8"
        )
        os.environ |= {
            "PARALLAX_MODELS": str(place / "models.toml"),
            "PARALLAX_MOCK": "true",
            "PARALLAX_RUNS_DIR": str(place / "runs"),
        }
        if chosen.plan:
            plan(chosen.models[0], chosen.answered)
            return
        rows = [row for models in chosen.models for row in rows_of(models, place, chosen.answered)]
    if chosen.rows:
        with chosen.rows.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
        rows = [tuple(json.loads(line)) for line in chosen.rows.read_text("utf-8").splitlines()]
        rows.sort(key=lambda row: int(row[1].replace(",", "")))
    body = (
        f"{machine()}. {versions('ray', 'numpy', 'pydantic')}.\n\n"
        "An auditor's grid of 1 to 19 mock models: all questions on values and attitudes, every country"
        f" of the survey with its groups, both languages, all orders. Aim: under {MOST_MB} MB at ten million cells. The"
        " dry run counts a grid whose models have no answer yet and makes none of its cells. The plan makes every cell"
        " and cuts portions; it computes ids only where the run has answers already.\n\n"
        + table(("process", "planned cells", "MB at most", "s of processor"), rows)
    )
    sys.stdout.write(body + "\n")
    write_section(TITLE, body)


if __name__ == "__main__":
    main()
