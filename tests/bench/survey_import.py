"""How long a survey file of the official's size takes to import, and how much memory.

Run from the repository root: ``python -m tests.bench.survey_import [respondents] [columns]``. Makes the file up,
imports it in a process of its own, and writes a section of RESULTS.md.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from core.runs.bank import load_bank
from core.surveys.importing import import_people
from core.types import Question
from tests.bench.results import machine, table, versions, write_section

MEGA = 1e6
KNOWN = {
    "B_COUNTRY_ALPHA": "list_extract(['USA', 'CHN', 'DEU', 'BRA', 'IND'], 1 + CAST(floor(random() * 5) AS INTEGER))",
    "A_YEAR": "2018",
    "W_WEIGHT": "round(0.5 + random(), 4)",
    "Q260": "1 + CAST(floor(random() * 2) AS INTEGER)",
    "Q262": "16 + CAST(floor(random() * 70) AS INTEGER)",
    "Q275R": "1 + CAST(floor(random() * 3) AS INTEGER)",
}


def _answer(question: Question) -> str:
    """One of the codes of ``question``, or one of two missing codes."""
    codes = [*question.codes, -1, -2]
    return f"list_extract({codes}, 1 + CAST(floor(random() * {len(codes)}) AS INTEGER))"


def make_file(path: Path, respondents: int, columns: int) -> None:
    """A CSV with semicolons: what is needed, all questions of the bank, and made-up columns up to ``columns``."""
    named = dict(KNOWN) | {name: _answer(q) for name, q in load_bank().questions.items()}
    named |= {f"X{i}": "CAST(floor(random() * 1000) AS INTEGER) - 5" for i in range(columns - len(named))}
    select = ", ".join(f'{what} AS "{name}"' for name, what in named.items())
    duckdb.execute(f"COPY (SELECT {select} FROM range({respondents})) TO '{path}' (DELIMITER ';', HEADER)")


def _measure(path: Path, told: multiprocessing.SimpleQueue) -> None:
    questions = load_bank().questions
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    looks: list[float] = []
    started = time.perf_counter()
    frame = import_people(path, questions, looks.append).frame
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told.put((seconds, before / 1000, after / 1000, len(frame), len(looks)))


def main() -> None:
    """Make, import, write down."""
    respondents = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    columns = int(sys.argv[2]) if len(sys.argv) > 2 else 600
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.csv"
        make_file(path, respondents, columns)
        size = path.stat().st_size / MEGA
        context = multiprocessing.get_context("spawn")
        told = context.SimpleQueue()
        worker = context.Process(target=_measure, args=(path, told))
        worker.start()
        worker.join()
        if worker.exitcode != 0:
            raise SystemExit("the import failed")
        seconds, before, after, shares, looks = told.get()
    rows = [
        ("time of the import", f"{seconds:.1f} s"),
        ("most memory of the process before", f"{before:.0f} MB"),
        ("most memory of the process at its end", f"{after:.0f} MB"),
        ("times that progress was told", str(looks)),
        ("shares that came out", f"{shares:,}"),
    ]
    body = f"""
{respondents:,} made-up respondents, {columns} columns, {size:.0f} MB of CSV, imported by `import_people` in a process
of its own.
{machine()}; {versions("duckdb")}. One run.

{table(("what", "measured"), rows)}
"""
    print(body)  # noqa: T201
    write_section("Import of a survey file", body)


if __name__ == "__main__":
    main()
