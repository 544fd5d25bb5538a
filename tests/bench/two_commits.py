"""An earlier commit and this one in turns: first-token rate, and the server time of every page that both have.

    python -m tests.bench.two_commits [BEFORE] [--rounds 3] [--questions 6]

Each commit is checked out into a folder of temporary files and measured by its own scripts of this folder, on the same
questions. Shipped runs that the earlier commit has not are left out of the later one, so that pages show the same.
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
BEFORE_ROOMS = "0106d0e"
TITLE = "Before and after the rooms"
RATE = """
import sys
import tests.bench.first_token as bench
work = bench.make_work(int(sys.argv[1]))
cells = [cell for question in work for cell in question]
provider = bench.LocalProvider()
provider.option_distribution([bench.request_of(cell) for cell in work[0][:2]])
turn, answers = bench.read_ours(provider, cells)
print("RATE", len(turn.logs and answers) / turn.seconds)
"""


def checked_out(commit: str, place: Path) -> Path:
    """``commit`` as a folder of files under ``place``."""
    folder = place / commit
    folder.mkdir()
    packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=packed, check=True)
    return folder


def same_runs(before: Path, after: Path) -> list[str]:
    """Names of the shipped runs that both have; others are removed from ``after``."""
    shared = {path.name for path in (before / "data" / "runs").iterdir()}
    for path in (after / "data" / "runs").iterdir():
        if path.is_dir() and path.name not in shared:
            shutil.rmtree(path)
    return sorted(path.name for path in (after / "data" / "runs").iterdir() if path.name in shared)


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
    parser.add_argument("before", nargs="?", default=BEFORE_ROOMS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--questions", type=int, default=6)
    chosen = parser.parse_args()
    command = ["git", "rev-parse", "--short", "HEAD"]
    after = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    place = Path(tempfile.mkdtemp(prefix="parallax-two-commits-"))
    folders = {name: checked_out(name, place) for name in (chosen.before, after)}
    old, new = folders
    runs = same_runs(folders[old], folders[new])
    pages = sorted(
        {path.stem for path in (folders[old] / "pages").glob("[!_]*.py")}
        & {path.stem for path in (folders[new] / "pages").glob("[!_]*.py")}
    )
    rates: dict[str, list[float]] = defaultdict(list)
    times: dict[str, list[dict[str, tuple[float, float]]]] = defaultdict(list)
    for turn in range(chosen.rounds):
        for name in (old, new) if turn % 2 == 0 else (new, old):
            lines = printed(folders[name], place, "-c", RATE, str(chosen.questions))
            rates[name].append(float(next(line.split()[1] for line in lines if line.startswith("RATE "))))
            times[name].append(page_times(folders[name], place, pages))
            sys.stdout.write(f"round {turn + 1} {name}: {rates[name][-1]:.2f} readings/s\n")
            sys.stdout.flush()

    def median(name: str, page: str, which: int) -> float:
        return statistics.median(found[page][which] for found in times[name])

    rows = []
    for page in pages:
        one = [median(name, page, which) for which in (0, 1) for name in (old, new)]
        rows.append((page, *(f"{seconds:.2f}" for seconds in one)))
    sums = [sum(median(name, page, which) for page in pages) for which in (0, 1) for name in (old, new)]
    rows.append(("all", *(f"{seconds:.2f}" for seconds in sums)))
    head = ("page", f"first load, {old}", f"first load, {new}", f"rerun, {old}", f"rerun, {new}")
    rate = {name: statistics.median(found) for name, found in rates.items()}
    ratios = ", ".join(f"{n / o:.2f}" for o, n in zip(rates[old], rates[new], strict=True))
    body = (
        f"{machine()}; {versions('streamlit', 'altair', 'torch')}.\n\n{old} (before) and {new} took turns in"
        f" {chosen.rounds} rounds, on the {len(runs)} shipped runs that both have.\n\nFirst-token readings a second on"
        f" the built-in model, {chosen.questions} questions x 8 persons: {rate[old]:.2f} before and {rate[new]:.2f}"
        f" after, {ratios} x round by round.\n\nServer time of pages in seconds, medians over the rounds, as in"
        f" `tests/bench/pages.py`:\n\n{table(head, rows)}"
    )
    sys.stdout.write(body + "\n")
    write_section(TITLE, body)
    shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
