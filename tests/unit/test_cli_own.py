"""``import`` and ``own``: survey data of one's own on the command line, with the account and exit codes."""

import io
import json
import sys
from pathlib import Path

import pytest

from core.cli import main
from core.surveys.private import load_first, private_dir, private_names

HEAD = "B_COUNTRY_ALPHA,A_YEAR,W_WEIGHT,Q6,Q49\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, configure):
    configure(runs_dir=tmp_path / "runs")
    yield
    for path in private_dir().glob("*"):
        path.unlink()
    load_first().reload()


def people(path: Path, year="2018", odd="") -> Path:
    rows = [f"CHN,{year},1,{1 + i % 4},{1 + i % 10}{odd}\n" for i in range(60)]
    path.write_text(HEAD + "".join(rows))
    return path


def test_an_import_prints_its_account_and_is_listed_shown_and_removed(tmp_path, capsys):
    assert main(["import", str(people(tmp_path / "My class.csv"))]) == 0
    told = capsys.readouterr().out
    assert "60 people read, 60 people used" in told
    assert "no column for sex" in told
    assert "Kept as my-class: 14 shares, 2 questions" in told
    assert main(["own", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"name": "my-class", "state": "in use", "file": "My class.csv"}]
    assert main(["own", "show", "my-class"]) == 0
    assert "60 people read" in capsys.readouterr().out
    assert main(["own", "forget", "my-class"]) == 0
    assert private_names() == []
    assert main(["own", "forget", "my-class"]) == 2


def test_refused_questions_keep_nothing_until_the_rest_is_asked_for(tmp_path, capsys):
    path = people(tmp_path / "a.csv", odd=".5")
    assert main(["import", str(path)]) == 2
    told = capsys.readouterr()
    assert "Refused: Q49" in told.out
    assert "“1.5” (6)" in told.out
    assert "--rest" in told.err
    assert private_names() == []
    assert main(["import", str(path), "--rest", "--name", "half", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["name"], found["questions"], found["kept"]) == ("half", 1, True)
    assert [item["name"] for item in found["account"]["items"] if item["refused"]] == ["Q49"]


def test_a_year_and_columns_may_be_told(tmp_path, capsys):
    path = people(tmp_path / "a.csv", year="")
    path.write_text(path.read_text().replace("B_COUNTRY_ALPHA", "land"))
    assert main(["import", str(path)]) == 2
    assert "column for the country" in capsys.readouterr().err
    assert main(["import", str(path), "--column", "country=land"]) == 2
    assert "CHN" in capsys.readouterr().err
    assert main(["import", str(path), "--column", "country=land", "--year", "2019"]) == 0
    assert main(["import", str(path), "--column", "country"]) == 2
    assert main(["import", str(tmp_path / "none.csv")]) == 2
    assert main(["import", str(path), "--country", "Atlantis"]) == 2


class Terminal(io.StringIO):
    """What somebody types at a terminal."""

    def isatty(self):
        return True


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 130)])
def test_a_mapping_is_shown_and_confirmed_at_a_terminal(tmp_path, capsys, monkeypatch, answer, code):
    path = people(tmp_path / "a.csv")
    path.write_text(path.read_text().replace("Q6,Q49", "relig,wvs_q49").replace("W_WEIGHT", "weight"))
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    mapping = tmp_path / "map.csv"
    mapping.write_text("what,column\nQ6,relig\n")
    assert main(["import", str(path), "--map", str(mapping)]) == code
    told = capsys.readouterr()
    assert "Q6 (Importance of religion) = relig: as you say" in told.err
    assert "Q49 (Satisfaction with life) = wvs_q49: guessed" in told.err
    assert "weight = weight: guessed" in told.err
    assert private_names() == (["a"] if code == 0 else [])
    if code == 0:
        assert "2 questions" in told.out


def test_without_a_terminal_guesses_are_named_and_wait_for_a_word(tmp_path, capsys):
    path = people(tmp_path / "a.csv")
    path.write_text(path.read_text().replace("Q6,Q49", "relig,wvs_q49"))
    assert main(["import", str(path), "--map", "Q6=relig"]) == 0
    assert "nobody confirmed them: Q49 = wvs_q49" in capsys.readouterr().out
    assert main(["import", str(path), "--map", "Q6=relig", "--confirm"]) == 0
    assert "2 questions" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_takes_down_nothing_and_can_be_removed(tmp_path, capsys):
    private_dir().mkdir(parents=True)
    (private_dir() / "My File.parquet").write_bytes(b"PAR1 no")
    assert main(["questions", "--country", "CHN", "--json"]) == 0
    capsys.readouterr()
    assert main(["own", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert "My File" in found["state"]
    assert main(["own", "forget", "My File"]) == 0
    assert private_names() == []
