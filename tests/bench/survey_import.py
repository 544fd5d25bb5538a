"""How much memory the import of a survey file of the official's size takes.

Run from the repository root: ``python -m tests.bench.survey_import [respondents] [columns]``. Makes the file up as CSV,
SPSS, R and Parquet, imports each in a process of its own, and writes a section of RESULTS.md.
"""

from __future__ import annotations

import gzip
import multiprocessing
import struct
import sys
import tempfile
from pathlib import Path

import duckdb
import pyreadstat

from core.runs.bank import load_bank
from core.surveys.importing import import_people
from core.types import Question
from tests.bench.results import machine, table, versions, write_section
from tests.unit.r_files import data_frame, strings, vector

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


def make_others(path: Path) -> list[Path]:
    """The same people as SPSS, R and Parquet files beside the CSV."""
    frame = duckdb.execute(f"SELECT * FROM read_csv('{path}')").df()
    others = [path.with_suffix(suffix) for suffix in (".sav", ".rds", ".parquet")]
    numbers = frame.select_dtypes("number").columns
    frame = frame.astype(dict.fromkeys(numbers, "float64"))
    frame.to_parquet(others[2])
    pyreadstat.write_sav(frame, str(others[0]))
    columns = {}
    for name in frame:
        if name in numbers:
            columns[name] = vector(14, frame[name].to_numpy(">f8").tobytes(), len(frame), {})
        else:
            columns[name] = strings(frame[name].tolist())
    with gzip.open(others[1], "wb", compresslevel=1) as out:
        out.write(b"X\n" + struct.pack(">iii", 2, 0x030602, 0x020300) + data_frame(columns, len(frame)))
    return others


def most_resident() -> float:
    """The most memory that this process had resident, in MB. What ``getrusage`` tells begins with the parent's."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def _measure(path: Path, told: multiprocessing.SimpleQueue) -> None:
    questions = load_bank().questions
    before = most_resident()
    looks: list[float] = []
    frame = import_people(path, questions, looks.append).frame
    after = most_resident()
    told.put((before, after, len(frame), len(looks)))


def _imported(path: Path) -> tuple[float, float, int, int]:
    context = multiprocessing.get_context("spawn")
    told = context.SimpleQueue()
    worker = context.Process(target=_measure, args=(path, told))
    worker.start()
    worker.join()
    if worker.exitcode != 0:
        raise SystemExit(f"the import of {path.name} failed")
    found: tuple[float, float, int, int] = told.get()
    return found


def main() -> None:
    """Make, import, write down."""
    respondents = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    columns = int(sys.argv[2]) if len(sys.argv) > 2 else 600
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.csv"
        make_file(path, respondents, columns)
        for one in (path, *make_others(path)):
            before, after, shares, looks = _imported(one)
            size = one.stat().st_size / MEGA
            form = one.suffix.lstrip(".")
            rows.append((form, f"{size:.0f}", f"{before:.0f}", f"{after:.0f}", f"{shares:,}", f"{looks}"))
    head = ("file", "MB", "memory before, MB", "most memory, MB", "shares", "times progress was told")
    body = f"""
{respondents:,} made-up respondents, {columns} columns, imported by `import_people`, each file in a process of its own.
Memory is the most that the process had resident; aim: under 700 MB. An R file is unpacked to a temporary file.
{machine()}; {versions("duckdb", "pyreadstat")}. One run.

{table(head, rows)}
"""
    print(body)  # noqa: T201
    write_section("Import of a survey file", body)


if __name__ == "__main__":
    main()
