"""One made-up survey of 300 people as SPSS, Stata, R, Parquet, Excel, CSV and zips of them: equal shares."""

import random
import tracemalloc
import zipfile

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from core.errors import InputError
from core.surveys.importing import Options, import_file
from core.surveys.importing.sources.r_file import RFile
from core.surveys.wvs7 import load
from tests.unit import r_files
from tests.unit.r_files import data_frame, factor, integers, labelled, reals, strings, write_r

N = 300
ENDS = {"Q49": {1: "Completely dissatisfied", 10: "Completely satisfied"}}


@pytest.fixture(scope="module")
def bank():
    return load().questions()


@pytest.fixture(scope="module")
def people():
    """Made-up people; -1 and -2 are declared missing, as in the official files."""
    rng = random.Random(20)
    weights = [round(rng.uniform(0.5, 1.5), 3) for _ in range(N)]
    return pd.DataFrame(
        {
            "B_COUNTRY_ALPHA": np.array([rng.choice(["CHN", "DEU"]) for _ in range(N)], dtype=object),
            "A_YEAR": [2018.0] * N,
            "W_WEIGHT": weights,
            "Q260": [float(rng.randint(1, 2)) for _ in range(N)],
            "Q262": [float(rng.randint(16, 90)) for _ in range(N)],
            "Q275R": [float(rng.randint(1, 3)) for _ in range(N)],
            "Q6": [float(rng.choice([1, 2, 3, 4, -1])) for _ in range(N)],
            "Q49": [float(rng.choice([*range(1, 11), -2])) for _ in range(N)],
        }
    )


def written(folder, people, form):
    path = folder / f"people.{form}"
    if form == "csv":
        people.to_csv(path, index=False)
    elif form == "sav":
        pyreadstat.write_sav(people, str(path), variable_value_labels=ENDS)
    elif form == "dta":
        pyreadstat.write_dta(people, str(path), variable_value_labels=ENDS)
    elif form in ("rds", "RData"):
        columns = {
            name: strings(people[name].tolist()) if name == "B_COUNTRY_ALPHA" else reals(people[name].tolist())
            for name in people
        }
        write_r(path, data_frame(columns, len(people)))
    elif form == "parquet":
        people.to_parquet(path)
    elif form == "xlsx":
        people.to_excel(path, index=False)
    return path


@pytest.mark.parametrize("form", ["sav", "dta", "rds", "RData", "parquet", "xlsx"])
def test_the_same_people_give_equal_shares_in_every_form(tmp_path, people, bank, form):
    plain = import_file(written(tmp_path, people, "csv"), bank, options=Options(least=1))
    path = written(tmp_path, people, form)
    parts = []
    found = import_file(path, bank, parts.append, Options(least=1))
    pd.testing.assert_frame_equal(found.frame, plain.frame)
    assert parts == sorted(parts)
    assert parts[-1] == 1
    with zipfile.ZipFile(tmp_path / "people.zip", "w") as pack:
        pack.write(path, f"folder/people.{form}")
        pack.writestr("readme.pdf", "words")
    zipped = import_file(tmp_path / "people.zip", bank, options=Options(least=1))
    pd.testing.assert_frame_equal(zipped.frame, plain.frame)


def test_user_missing_ranges_and_labels_of_spss_are_used(tmp_path, people, bank):
    answers = people.assign(
        Q49=[float(97 + i % 3) if i % 5 == 0 else float(1 + i % 10) for i in range(N)],
        Q6=[float(8 if i % 3 == 0 else 1 + i % 4) for i in range(N)],
    )
    path = tmp_path / "a.sav"
    ranges = {"Q49": [{"lo": 97.0, "hi": 99.0}]}
    pyreadstat.write_sav(answers, str(path), missing_ranges=ranges, variable_value_labels={"Q6": {8: "Don't know"}})
    account = import_file(path, bank).account
    assert {item.name: (item.missing, item.strange) for item in account.items} == {"Q49": (60, 0), "Q6": (100, 0)}


def test_extended_missing_values_of_stata_are_missing(tmp_path, people, bank):
    answers = people.assign(Q6=pd.Series(["a" if i % 3 == 0 else float(1 + i % 4) for i in range(N)], dtype=object))
    path = tmp_path / "a.dta"
    pyreadstat.write_dta(answers, str(path), missing_user_values={"Q6": ["a"]})
    (item,) = [item for item in import_file(path, bank).account.items if item.name == "Q6"]
    assert (item.missing, item.strange, item.refused) == (100, 0, False)


@pytest.mark.parametrize(("shift", "turn"), [(-1, False), (0, True)])
def test_labels_at_the_ends_say_how_a_ladder_runs(tmp_path, people, bank, shift, turn):
    plain = import_file(written(tmp_path, people, "sav"), bank, options=Options(least=1))
    turned = people["Q49"].map(lambda v: v if v < 0 else (11 - v if turn else v + shift))
    low, high = (10, 1) if turn else (1 + shift, 10 + shift)
    labels = {"Q49": {low: "Completely dissatisfied", high: "Completely satisfied"}}
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(people.assign(Q49=turned), str(path), variable_value_labels=labels)
    found = import_file(path, bank, options=Options(least=1))
    pd.testing.assert_frame_equal(found.frame, plain.frame)
    assert any("labels of the file" in line.message() for line in found.account.lines())


@pytest.mark.parametrize("form", ["sav", "dta", "rds", "parquet", "xlsx", "zip", "docx"])
def test_a_damaged_or_unknown_file_is_refused_in_words(tmp_path, bank, form):
    path = tmp_path / f"a.{form}"
    path.write_bytes(b"no such thing")
    with pytest.raises(InputError, match=r"damaged|cannot be read"):
        import_file(path, bank)


def test_a_zip_of_two_tables_names_them(tmp_path, bank):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as pack:
        pack.writestr("a.csv", "x\n")
        pack.writestr("b.csv", "x\n")
    with pytest.raises(InputError, match=r"2 tables: a\.csv, b\.csv"):
        import_file(tmp_path / "a.zip", bank)


def test_factors_and_labelled_columns_of_r_are_used(tmp_path, people, bank):
    words = ["Very important", "Rather important", "Not very important", "Not at all important", "Don't know"]
    answers = [words[i % 5] if i % 7 else None for i in range(N)]
    ladder = [float(97 + i % 3) if i % 5 == 0 else float("nan") if i % 5 == 1 else float(i % 10) for i in range(N)]
    columns = {name: reals([float(i % 2 + 1)] * N) for i, name in enumerate(["W_WEIGHT", "Q260"])}
    columns |= {"B_COUNTRY_ALPHA": factor(["CHN"] * N, ["CHN"]), "A_YEAR": integers([2018] * N)}
    columns |= {"Q6": factor(answers, words)}
    ends = {"Completely dissatisfied": 0.0, "Completely satisfied": 9.0}
    columns |= {"Q49": labelled(ladder, ends, na_range=[97.0, 99.0])}
    write_r(tmp_path / "a.rds", data_frame(columns, N))
    outcome = import_file(tmp_path / "a.rds", bank)
    blank = sum(i % 7 == 0 for i in range(N))
    unsure = sum(i % 7 != 0 and i % 5 == 4 for i in range(N))
    found = {item.name: (item.valid, item.missing, item.strange) for item in outcome.account.items}
    assert found == {"Q6": (N - blank - unsure, blank + unsure, 0), "Q49": (180, 120, 0)}
    codes = set(outcome.frame.query("item_id == 'Q49'")["option_code"])
    assert codes == {1 + i % 10 for i in range(N) if i % 5 > 1}


def test_an_r_file_of_two_data_frames_is_told_so(tmp_path, bank):
    frame = data_frame({"Q6": reals([1.0])}, 1)
    raw = r_files.pairs({"a": frame, "b": frame})
    head = b"RDX2\nX\n" + r_files.struct.pack(">iii", 2, 0x030602, 0x020300)
    (tmp_path / "a.RData").write_bytes(r_files.gzip.compress(head + raw))
    with pytest.raises(InputError, match="2 data frames"):
        import_file(tmp_path / "a.RData", bank)


def test_an_r_file_is_unpacked_to_disk_up_to_a_limit(tmp_path, people):
    path = written(tmp_path, people, "rds")
    with pytest.raises(InputError, match="unpacks to more than 1,000 bytes"):
        RFile(path, "rds", most=1_000)
    source = RFile(path, "rds")
    tracemalloc.start()
    for _ in source.chunks(source.names[:1]):
        pass
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_what_r_writes_in_short_is_read(tmp_path):
    """Sequences, wrapped vectors, numbers kept as texts, Latin-1 texts, and files that are not packed."""
    r = r_files
    sym = {name: r.struct.pack(">i", 1) + r.chars(name) for name in ("compact_intseq", "wrap_real", "deferred_string")}

    def short(name, state):
        told = b"".join(r.struct.pack(">i", 2) + item for item in (sym[name], r.integers([13])))
        return r.struct.pack(">i", 238) + told + r.NIL + state + r.NIL

    one = r.struct.pack(">i", 2) + reals([7.0, float("nan")]) + integers([0, 0])
    latin = r.struct.pack(">iiii", 16, 2, 9 | 1 << 14, 4) + "Café".encode("latin-1") + r.chars(None)
    columns = {
        "a": short("compact_intseq", reals([2.0, 5.0, 3.0])),
        "b": short("wrap_real", one),
        "c": short("deferred_string", r.struct.pack(">i", 2) + reals([1.0, 2.5]) + r.NIL),
        "d": latin,
    }
    columns["a"] = short("compact_intseq", reals([2.0, 5.0, 3.0]))
    head = b"X\n" + r.struct.pack(">iiii", 3, 0x040300, 0x030500, 5) + b"UTF-8"
    (tmp_path / "a.rds").write_bytes(head + data_frame(columns, 2))
    source = RFile(tmp_path / "a.rds", "rds")
    (chunk,) = [values for values, _ in source.chunks(source.names)]
    assert chunk == {"a": [5, 8], "b": [7.0, None], "c": ["1", "2.5"], "d": ["Café", None]}
