"""Earlier commits and this one in turns: first-token rate, and the server time of every page that all of them have.

    python -m tests.bench.commits [COMMIT ...] [--rounds 3] [--questions 6]

Each commit is checked out into a folder of temporary files and measured by its own scripts of this folder, on the same
questions. Shipped runs that the first commit has not are left out of the later ones, so that pages show the same runs.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from tests.bench.results import machine, table, versions, write_section

ROOT = Path(__file__).resolve().parents[2]
BEFORE_ROOMS, WITH_ROOMS = "0106d0e", "e51fb9c"
TITLE = "Before and after the rooms"
RATE = """
import sys
import tests.bench.first_token as bench
work = bench.make_work(int(sys.argv[1]))
cells = [cell for question in work for cell in question]
provider = bench.LocalProvider()
provider.option_distribution([bench.request_of(cell) for cell in work[0][:2]])
turn, answers = bench.read_ours(provider, cells)
print("RATE", len(answers) / turn.seconds)
"""


def checked_out(commit: str, place: Path) -> Path:
    """``commit`` as a folder of files under ``place``."""
    folder = place / commit
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed, check=True)
    return folder


def same_runs(folders: list[Path]) -> list[str]:
    """Names of the shipped runs that all have; others are removed."""
    held = [{path.name for path in (folder / "data" / "runs").iterdir() if path.is_dir()} for folder in folders]
    shared = set.intersection(*held)
    for folder, names in zip(folders, held, strict=True):
        for name in names - shared:
            shutil.rmtree(folder / "data" / "runs" / name)
    return sorted(shared)


def printed(folder: Path, place: Path, *command: str) -> list[str]:
    """Lines that Python printed for ``command`` in ``folder``."""
    env = {**os.environ, "PYTHONPATH": str(folder), "PARALLAX_FRAMES_DIR": str(place), "PARALLAX_KEEP_FRAMES": "0"}
    ran = subprocess.run([sys.executable, *command], cwd=folder, env=env, check=True, capture_output=True, text=True)
    return ran.stdout.splitlines()


def page_times(folder: Path, place: Path, pages: list[str]) -> dict[str, tuple[float, float]]:
    """Seconds of the first load and of a rerun, by page."""
    found = {}
    for line in printed(folder, place, "-m", "tests.bench.pages", *pages):
        page, first, again, *_ = line.split()
        found[page] = (float(first), float(again))
    return found


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("commits", nargs="*", default=[BEFORE_ROOMS, WITH_ROOMS])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--questions", type=int, default=6)
    chosen = parser.parse_args()
    command = ["git", "rev-parse", "--short", "HEAD"]
    newest = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    names = [*chosen.commits, newest]
    place = Path(tempfile.mkdtemp(prefix="parallax-commits-"))
    folders = {name: checked_out(name, place) for name in names}
    runs = same_runs(list(folders.values()))
    pages = sorted(
        set.intersection(*({path.stem for path in (one / "pages").glob("[!_]*.py")} for one in folders.values()))
    )
    rates: dict[str, list[float]] = defaultdict(list)
    times: dict[str, list[dict[str, tuple[float, float]]]] = defaultdict(list)
    for turn in range(chosen.rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            lines = printed(folders[name], place, "-c", RATE, str(chosen.questions))
            rates[name].append(float(next(line.split()[1] for line in lines if line.startswith("RATE "))))
            times[name].append(page_times(folders[name], place, pages))
            sys.stdout.write(f"round {turn + 1} {name}: {rates[name][-1]:.2f} readings/s\n")
            sys.stdout.flush()

    def median(name: str, page: str, which: int) -> float:
        return statistics.median(found[page][which] for found in times[name])

    def line(title: str, counted: list[str]) -> tuple[str, ...]:
        seconds = (sum(median(name, page, which) for page in counted) for which in (0, 1) for name in names)
        return title, *(f"{one:.2f}" for one in seconds)

    head = ("page", *(f"first load, {name}" for name in names), *(f"rerun, {name}" for name in names))
    shown = table(head, [*(line(page, [page]) for page in pages), line("all", pages)])
    first = names[0]
    rate = "; ".join(
        f"{name} {statistics.median(rates[name]):.2f}"
        f" ({', '.join(f'{one / of:.2f}' for one, of in zip(rates[name], rates[first], strict=True))})"
        for name in names
    )
    body = (
        f"{machine()}; {versions('streamlit', 'altair', 'torch')}.\n\nThe commit before the rooms, the one with rooms,"
        f" one contract and front door, and the one that was measured last took turns in {chosen.rounds} rounds, on the"
        f" {len(runs)} shipped runs that all have. The last one's pages also hold what later steps added to them: more"
        " claims, sources and instruments.\n\nFirst-token readings a second on the built-in model,"
        f" {chosen.questions} questions x 8 persons, and round by round in times of the first: {rate}.\n\n"
        f"Server time of pages in seconds, medians over the rounds, as in `tests/bench/pages.py`:\n\n{shown}"
    )
    sys.stdout.write(body + "\n")
    write_section(TITLE, body)
    shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
