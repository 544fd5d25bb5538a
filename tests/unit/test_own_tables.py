"""Lists of persons and dilemmas of one's own as CSV."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.cli import main
from core.errors import DataError, InputError
from core.surveys.dilemmas import load_dilemmas, read_dilemmas
from core.surveys.persona_table import read_personas
from core.types import Persona

DILEMMA = {
    "id": "mine-1",
    "value_a": "security",
    "value_b": "benevolence",
    "title_en": "Gate",
    "situation_en": "The gate is shut, and a traveller knocks.",
    "a_en": "Leave it shut",
    "b_en": "Open it",
    "b_zh": "开门",
}


def written(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        "country,age,sex\nCHN,25,female\nGermany,50+,m\nCHN,18-29,f\n",
        "\ufeffsep=;\r\n\r\nCountry;Age;Sex\r\n156;25;2\r\nDE;72;male\r\n;;\r\n".encode(),
        "国家\t年龄\t性别\nCHN\t25\t女\nDEU\t50+\t男\n".encode("gb18030"),
    ],
    ids=["commas", "Excel", "Chinese"],
)
def test_persons_are_read_however_a_spreadsheet_wrote_them(tmp_path: Path, data: str | bytes) -> None:
    young = Persona(country="CHN", age="18-29", sex="female")
    assert read_personas(written(tmp_path / "people.csv", data)) == (
        young,
        Persona(country="DEU", age="50+", sex="male"),
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("country,age\nCHN,12\n", "Line 2.*“12” is no age"),
        ("country\nCHN\nAtlantis\n", "Line 3.*“Atlantis” is no country"),
        ("country,income\nCHN,high\n", "column “income”"),
        ("country\nCHN,old\n", "Line 2.*more values"),
        ("country,age\n", "no row"),
        ("", "no row"),
        (b"\x00\xff\x00\x80", "cannot be read as a table"),
        ('country\n"CHN\n', "Line .*cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(tmp_path: Path, data: str | bytes, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_personas(written(tmp_path / "people.csv", data))


def table(*rows: dict[str, str]) -> str:
    lines = [",".join(f'"{row.get(name, "")}"' for name in DILEMMA) for row in rows]
    return "\n".join([",".join(DILEMMA), *lines])


def test_dilemmas_of_a_table_stand_beside_the_shipped_ones(tmp_path: Path) -> None:
    found = load_dilemmas(written(tmp_path / "mine.csv", table(DILEMMA)))
    mine = found["mine-1"]
    assert (mine.domain, mine.ambiguity, mine.b.zh, mine.a.zh) == ("own", "high", "开门", "Leave it shut")
    assert len(found) == len(load_dilemmas()) + 1


def test_a_table_of_dilemmas_is_checked_like_a_file(tmp_path: Path) -> None:
    for row, words in (
        ({**DILEMMA, "value_b": "security"}, "same value"),
        ({**DILEMMA, "situation_en": ""}, "situation"),
        ({**DILEMMA, "worse": "a"}, "worse"),
    ):
        text = table(row).replace("b_zh", "b_zh,worse", 1) if "worse" in row else table(row)
        text = text + ',"a"' if "worse" in row else text
        with pytest.raises(DataError, match=words):
            read_dilemmas(written(tmp_path / "mine.csv", text))
    with pytest.raises(DataError, match="column “colour”"):
        read_dilemmas(written(tmp_path / "mine.csv", "id,colour\n1,red\n"))


@pytest.mark.usefixtures("few_shipped")
def test_a_run_takes_its_persons_from_a_file(tmp_path: Path, configure, capsys) -> None:
    configure(mock=True, runs_dir=tmp_path / "runs")
    people = written(tmp_path / "people.csv", "country,age\nCHN,25\nUSA,60\n")
    small = ["run", "--model", "mock", "--question", "Q165", "--set", "text_check=false", "--dry-run"]
    assert main([*small, "--persona", "CHN"]) == 0
    one = int(capsys.readouterr().out.split()[0])
    assert main([*small, "--persona", "CHN", "--personas-file", str(people)]) == 0
    assert int(capsys.readouterr().out.split()[0]) == 2 * one  # no persona and one; then no persona and three
