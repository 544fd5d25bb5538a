"""Survey data of a user's own, as microdata and as a table of shares."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.surveys.importing import Options, import_people, import_tidy
from core.surveys.importing.sources.csv_file import read_header
from core.surveys.private import Private, private_names, save_private, slug
from core.surveys.wvs7 import load
from tests.unit.hostile import ANY, CLEAN, MANY, in_words

FILE = settings(MANY, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUESTIONS = load().questions()
TIDY = ("question", "option", "group", "share", "n")
WVS = ("B_COUNTRY_ALPHA", "A_YEAR", "W_WEIGHT", "Q260", "Q262", "Q275R")
CELLS = (
    st.sampled_from(["Q164", "all", "1", "0.5", "18-29", "CHN", "2018", "-1", "1e400", "9" * 40, "nan", "inf"]) | CLEAN
)


def table(columns: tuple[str, ...], rows: list[list[str]], delimiter: str) -> bytes:
    out = io.StringIO()
    write = csv.writer(out, delimiter=delimiter)
    write.writerow(columns)
    write.writerows(rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def tables(columns: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    rows = st.lists(st.lists(CELLS, min_size=len(columns) - 1, max_size=len(columns) + 1), max_size=3)
    return st.builds(table, st.just(columns), rows, st.sampled_from([",", ";", "\t"]))


ANYTHING = st.binary(max_size=80) | ANY.map(lambda text: text.encode("utf-8", "surrogatepass"))


@settings(FILE, max_examples=200)  # a database a case
@given(ANYTHING | tables((*TIDY, "country", "year")))
def test_a_table_of_shares_of_anything_is_kept_or_refused_in_words(tmp_path: Path, configure, content: bytes) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    found = in_words(lambda: import_tidy(path, QUESTIONS, Options(country="CHN", year=2020)))
    frame = None if found is None else found.frame
    if frame is not None and len(frame):
        configure(runs_dir=tmp_path / "runs")
        save_private("own", frame, found.account)
        for name in private_names():
            Private(name, dict(QUESTIONS), frame)


@FILE
@given(ANYTHING | tables((*WVS, "Q164")))
def test_the_head_of_microdata_is_read_or_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    head = in_words(lambda: read_header(path))
    assert head is None or len(head.delimiter) == 1


@settings(FILE, max_examples=200)  # a database a case: the head, above, is what texts get into
@given(ANYTHING | tables((*WVS, "Q164")))
def test_microdata_of_anything_are_counted_or_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    found = in_words(lambda: import_people(path, {"Q164": QUESTIONS["Q164"]}))
    assert found is None or len(found.frame) or not found.account.whole


@MANY
@given(ANY)
def test_the_name_of_a_file_never_leaves_its_folder(text: str) -> None:
    made = slug(text)
    assert made
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
