"""The importers: shares by hand, wrong files named, private references used and named, and speed."""

import random
import threading
import time

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from core.errors import Cancelled, DataError, InputError
from core.runs.jobs import Jobs
from core.runs.survey_import import Upload, import_in_background, imports
from core.surveys.importing import Options, import_people, import_tidy
from core.surveys.importing.shares import COLUMNS
from core.surveys.private import (
    Private,
    PrivateFirst,
    forget_private,
    load_first,
    private_names,
    read_private,
    save_private,
    slug,
)
from core.surveys.wvs7 import load
from core.types import Persona

HEADER = "version,B_COUNTRY_ALPHA,A_YEAR,W_WEIGHT,Q260,Q262,Q275R,Q6,Q164"
PEOPLE = [
    # country, year, weight, sex, age, education, Q6 (1..4), Q164 (1..10)
    ("USA", 2017, "0.5", 1, 20, 1, 1, 10),
    ("USA", 2017, "1.5", 2, 25, 2, 2, 10),
    ("USA", 2017, "1.0", 2, 45, 3, 1, 1),
    ("USA", 2017, "2.0", 1, 60, 3, -1, 1),
    ("USA", 2017, "1.0", 2, 71, 2, 4, -2),
    ("USA", 2017, "0", 2, 50, 2, 4, 5),
    ("CHN", 2018, "1", 1, 18, 1, 3, 3),
    ("CHN", 2018, "1", 1, 29, 2, 3, 3),
    ("CHN", 2018, "1", 2, 30, 2, 4, 3),
    ("CHN", 2018, "1", 2, 49, 3, 4, 7),
    ("CHN", 2018, "1", 1, 17, 3, 1, 7),
    ("CHN", 2018, "1", 9, -2, -5, 2, -1),
]


def wvs_file(path, delimiter=",", bom=False, labelled=False, decimal="."):
    header = HEADER.split(",")
    if labelled:
        header = [f'"{name}: some long label"' for name in header]
    lines = [delimiter.join(header)]
    for country, year, weight, *rest in PEOPLE:
        weight = weight.replace(".", decimal)
        lines.append(delimiter.join(["6-0-0", country, str(year), weight, *map(str, rest)]))
    path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + ("\r\n".join(lines) + "\r\n").encode())
    return path


def shares(path, bank, least=1, **options):
    return import_people(path, bank, options=Options(least=least, **options)).frame


def table(path, bank, country=None, year=None):
    return import_tidy(path, bank, Options(country=country, year=year)).frame


def cell(frame, country, item, dimension, group):
    mine = frame[
        (frame["country_iso3"] == country)
        & (frame["item_id"] == item)
        & (frame["group_dim"] == dimension)
        & (frame["group"] == group)
    ]
    return mine.set_index("option_code")


@pytest.fixture(scope="module")
def bank():
    return load().questions()


VARIANTS = [
    {},
    {"delimiter": ";"},
    {"bom": True},
    {"delimiter": ";", "bom": True, "labelled": True, "decimal": ","},
]


@pytest.mark.parametrize("variant", VARIANTS)
def test_twelve_people_give_the_shares_that_a_hand_gives(tmp_path, bank, variant):
    frame = shares(wvs_file(tmp_path / "w.csv", **variant), bank)
    assert list(frame.columns) == list(COLUMNS)
    usa = cell(frame, "USA", "Q6", "all", "all")
    # Valid: weights 0.5 and 1.0 on code 1, 1.5 on 2, 1.0 on 4; a missing code and a zero weight fall out.
    assert usa["share"].to_dict() == pytest.approx({1: 1.5 / 4, 2: 1.5 / 4, 4: 1.0 / 4})
    assert set(usa["n"]) == {4}
    assert usa["n_eff"].iloc[0] == pytest.approx(4.0**2 / (0.25 + 2.25 + 1 + 1))
    assert set(usa["weight_status"]) == {"applied"}
    assert set(usa["year"]) == {2017}
    young = cell(frame, "USA", "Q164", "age", "18-29")
    assert young["share"].to_dict() == pytest.approx({10: 1.0})
    old = cell(frame, "USA", "Q164", "age_x_sex", "50+|male")
    assert old["share"].to_dict() == pytest.approx({1: 1.0})
    china = cell(frame, "CHN", "Q164", "all", "all")
    assert china["share"].to_dict() == pytest.approx({3: 3 / 5, 7: 2 / 5})
    assert set(china["weight_status"]) == {"unit"}
    assert cell(frame, "CHN", "Q164", "age", "30-49")["share"].to_dict() == pytest.approx({3: 0.5, 7: 0.5})
    # Seventeen is no age group, and 9 is no sex.
    assert cell(frame, "CHN", "Q6", "age", "18-29")["n"].iloc[0] == 2
    assert cell(frame, "CHN", "Q6", "sex", "male")["n"].iloc[0] == 3
    assert cell(frame, "CHN", "Q6", "education", "higher")["share"].to_dict() == pytest.approx({4: 0.5, 1: 0.5})


def test_groups_of_fewer_than_fifty_are_left_out_and_countries_stay(tmp_path, bank):
    frame = shares(wvs_file(tmp_path / "w.csv"), bank, least=50)
    assert set(frame["group_dim"]) == {"all"}
    assert set(frame["country_iso3"]) == {"USA", "CHN"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "none of the questions"),
        (HEADER.replace("B_COUNTRY_ALPHA,", "") + "\n", "column for the country, such as B_COUNTRY_ALPHA"),
        (HEADER.replace("A_YEAR,", "") + "\n", "column for the year, such as A_YEAR"),
        ("", "empty"),
        (HEADER.replace("Q6,Q164", "X1,X2") + "\n", "none of the questions"),
        (HEADER + "\n", "no valid answers"),
    ],
)
def test_a_wrong_file_is_told_what_it_lacks(tmp_path, bank, text, says):
    path = tmp_path / "w.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        import_people(path, bank)


def test_quoted_line_ends_other_encodings_and_any_order_of_columns_change_nothing(tmp_path, bank):
    plain = shares(wvs_file(tmp_path / "plain.csv"), bank)
    lines = (tmp_path / "plain.csv").read_text().splitlines()
    names = ["place", *reversed(lines[0].split(","))]
    text = "\n".join(
        [",".join(names), *(",".join(['"Café\nof ""all"""', *reversed(line.split(","))]) for line in lines[1:])]
    )
    for encoding in ("utf-8-sig", "latin-1"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(text.encode(encoding))
        pd.testing.assert_frame_equal(shares(path, bank), plain)


OFFICIAL = (
    *("version", "doi", "A_WAVE", "A_YEAR", "A_STUDY", "B_COUNTRY", "B_COUNTRY_ALPHA", "C_COW_NUM", "C_COW_ALPHA"),
    *("D_INTERVIEW", "J_INTDATE", "FW_START", "FW_END", "K_TIME_START", "K_DURATION", "Q_MODE", "N_REGION_ISO"),
    *("G_TOWNSIZE", "H_URBRURAL", "LNGE_ISO", "E_RESPINT", "F_INTPRIVACY", "W_WEIGHT", "S018", "pwght"),
)


def official(path, release, inverted=False):
    """A made-up file of 60 people with the columns that stand before and after the questions in an official release."""
    rng = random.Random(7)
    asked = {"Q6": 4, "Q49": 10, "Q57": 2, "Q164": 10}
    rows = []
    for place in range(60):
        country = ("DEU", "276", "255") if place % 2 else ("CHN", "156", "710")
        head = dict.fromkeys(OFFICIAL, "-4") | {"version": release, "A_WAVE": "7", "A_YEAR": "2018"}
        head |= {"B_COUNTRY_ALPHA": country[0], "B_COUNTRY": country[1], "C_COW_NUM": country[2]}
        head |= {"W_WEIGHT": f"{0.5 + rng.random():.4f}", "J_INTDATE": "20180301"}
        answers = {name: rng.choice([*range(1, most + 1), -1, -2, -5]) for name, most in asked.items()}
        if inverted:
            code = answers.pop("Q6")
            answers["Q6P"] = 5 - code if code > 0 else code
        tail = {"Q260": place % 2 + 1, "Q262": 18 + place, "Q275R": place % 3 + 1, "Y001_1": "-5", "RESEMAVAL": "0.3"}
        rows.append(head | answers | tail)
    frame = pd.DataFrame(rows)
    if release == "6-0-0":
        frame.columns = [f"{name}: Label of {name}" if name not in ("version", "doi") else name for name in frame]
    frame.to_csv(path, index=False, sep=";" if release == "6-0-0" else ",")
    return path


def test_the_official_releases_are_read_alike_and_the_inverted_one_says_what_it_leaves_out(tmp_path, bank):
    fifth, sixth = official(tmp_path / "5.csv", "5-0-0"), official(tmp_path / "6.csv", "6-0-0")
    plain = shares(fifth, bank)
    assert set(plain["item_id"]) == {"Q6", "Q49", "Q57", "Q164"}
    assert set(plain["weight_status"]) == {"applied"}
    pd.testing.assert_frame_equal(shares(sixth, bank), plain)
    inverted = official(tmp_path / "i.csv", "5-0-0", inverted=True)
    found = import_people(inverted, bank, options=Options(least=1))
    pd.testing.assert_frame_equal(found.frame, plain[plain["item_id"] != "Q6"].reset_index(drop=True))
    assert "scales turned round: Q6P" in " ".join(line.message() for line in found.account.lines())


def test_a_turned_scale_is_taken_only_by_its_labels(tmp_path, bank):
    plain = shares(official(tmp_path / "5.csv", "5-0-0"), bank)
    inverted = official(tmp_path / "i.csv", "5-0-0", inverted=True)
    with pytest.raises(InputError, match="“Q6P” of the inverted release"):
        import_people(inverted, bank, options=Options(columns={"Q6": "Q6P"}))
    words = ["Not at all important", "Not very important", "Rather important", "Very important"]
    labels = {"Q6P": dict(enumerate(words, 1))}
    pyreadstat.write_sav(pd.read_csv(inverted), str(tmp_path / "i.sav"), variable_value_labels=labels)
    found = import_people(tmp_path / "i.sav", bank, options=Options(least=1, columns={"Q6": "Q6P"}))
    pd.testing.assert_frame_equal(found.frame, plain)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda raw: raw[: raw.rindex(b",-1")], "Line 13 has 8 of 9 columns"),
        (lambda raw: raw[: raw.rindex(b"-1")] + b'"9', "opens on line 13 never closes"),
        (lambda raw: raw.replace(b"2017,1.5", b"2017,1.5,7"), "Line 3 has 10 of 9 columns"),
        (lambda raw: raw.decode().encode("utf-16"), "in UTF-16"),
    ],
)
def test_a_damaged_file_is_told_where_and_nothing_of_a_respondent_is_repeated(tmp_path, bank, damage, says):
    path = wvs_file(tmp_path / "w.csv")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=says) as told:
        shares(path, bank)
    assert "2018,1" not in str(told.value)


def test_an_import_that_is_stopped_stops(tmp_path, bank):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        import_people(wvs_file(tmp_path / "w.csv"), bank, cancel=stop)


@pytest.fixture
def jobs():
    pool = Jobs()
    yield pool
    pool.close()


def ended(job):
    deadline = time.monotonic() + 60
    while not job.finished and time.monotonic() < deadline:
        time.sleep(0.02)
    return job


def test_an_import_in_the_background_is_used_and_found_again_and_keeps_no_respondent(tmp_path, bank, jobs, configure):
    configure(runs_dir=tmp_path / "runs")
    path = wvs_file(tmp_path / "upload-1.csv")
    job = import_in_background(jobs, path, Upload(name="My Wave 7.csv"), bank)
    assert ended(job).state == "done"
    assert job.progress == (1000, 1000)
    (found,) = job.results()
    assert (found.name, found.questions, found.countries) == ("my-wave-7", 2, 2)
    assert not path.exists()
    assert load_first().reference("Q6", Persona(country="CHN")).survey == "my-wave-7"
    assert [known.id for known in imports(jobs)] == [job.id]
    assert [file.name for file in (tmp_path / "private").iterdir()] == ["my-wave-7.parquet"]
    forget_private("my-wave-7")
    load_first().reload()


def test_a_wrong_file_fails_its_job_with_what_it_lacks(tmp_path, bank, jobs, configure):
    configure(runs_dir=tmp_path / "runs")
    path = tmp_path / "upload-2.csv"
    path.write_text("a,b\n1,2\n")
    job = ended(import_in_background(jobs, path, Upload(name="x.csv"), bank))
    assert job.state == "failed"
    assert "none of the questions" in str(job.error)
    assert not path.exists()
    assert private_names() == []


def test_a_large_file_is_read_in_well_under_a_minute_with_progress(tmp_path, bank):
    rng = np.random.default_rng(0)
    n, items = 50_000, list(bank)
    columns = {
        "B_COUNTRY_ALPHA": rng.choice(["USA", "CHN", "DEU", "BRA"], n),
        "A_YEAR": np.full(n, 2018),
        "W_WEIGHT": rng.uniform(0.5, 1.5, n).round(3),
        "Q260": rng.integers(1, 3, n),
        "Q262": rng.integers(16, 90, n),
        "Q275R": rng.integers(1, 4, n),
    } | {name: rng.choice([-1, -2, *bank[name].codes], n) for name in items}
    path = tmp_path / "large.csv"
    pd.DataFrame(columns).to_csv(path, index=False, sep=";")
    parts = []
    started = time.monotonic()
    frame = import_people(path, bank, parts.append).frame
    assert time.monotonic() - started < 30
    assert parts == sorted(parts)
    assert parts[-1] == 1
    assert len(parts) > 10
    sums = frame.groupby(["country_iso3", "item_id", "group_dim", "group"])["share"].sum()
    assert np.allclose(sums, 1)
    assert frame["item_id"].nunique() == len(items)


TIDY = "question,option,group,share,n\nQ6,1,all,0.25,400\nQ6,2,all,0.75,400\nQ6,1,18-29,1,90\nQ6,1,50+|female,1,60\n"


def test_a_tidy_table_becomes_a_reference(tmp_path, bank):
    path = tmp_path / "t.csv"
    path.write_text(TIDY)
    frame = table(path, bank, "NZL", 2024)
    survey = Private("mine", bank, frame)
    assert survey.years == (2024, 2024)
    whole = survey.reference("Q6", Persona(country="NZL"))
    assert whole.shares[:2] == pytest.approx((0.25, 0.75))
    assert (whole.n, whole.year, whole.survey) == (400, 2024, "mine")
    assert survey.reference("Q6", Persona(country="NZL", age="50+", sex="female")).n == 60


@pytest.mark.parametrize(("written", "read"), [("2017.0", 2017), ("2017", 2017), ("2017.5", None), ("inf", None)])
def test_a_year_may_be_written_as_a_spreadsheet_writes_it(tmp_path, bank, written, read):
    path = tmp_path / "t.csv"
    first, *rest = TIDY.splitlines()
    path.write_text("\n".join([f"{first},year", *(f"{line},{written}" for line in rest)]))
    if read:
        assert set(table(path, bank, "NZL")["year"]) == {read}
    else:
        with pytest.raises(InputError, match="numbers"):
            table(path, bank, "NZL")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("question,option,n\nQ6,1,1\n", "lacks the columns share"),
        (TIDY.replace("Q6", "Q9999"), "Q9999"),
        (TIDY.replace("Q6,1,18-29", "Q6,1,tall"), "Line 4.*tall"),
        (TIDY.replace("Q6,1,18-29", "Q6,77,18-29"), "Line 4.*77"),
        (TIDY.replace("0.25", "lots"), "Line 2.*numbers"),
        (TIDY.replace("0.25", "1.25"), "between 0 and 1"),
        (TIDY.replace("\nQ6", "\nx,Q6"), "6 of 5 columns"),
    ],
)
def test_a_wrong_table_is_told_what_is_wrong(tmp_path, bank, text, says):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        table(path, bank, "NZL", 2024)


def test_a_table_without_a_country_asks_for_one(tmp_path, bank):
    path = tmp_path / "t.csv"
    path.write_text(TIDY)
    with pytest.raises(InputError, match="no column country"):
        table(path, bank)


def test_a_private_reference_is_used_and_named_where_it_exists(tmp_path, bank, configure):
    configure(runs_dir=tmp_path / "runs")
    path = tmp_path / "t.csv"
    path.write_text(TIDY)
    save_private("mine", table(path, bank, "USA", 2024))
    assert private_names() == ["mine"]
    survey = PrivateFirst(load(), read_private)
    assert survey.names == ("mine",)
    assert survey.reference("Q6", Persona(country="USA")).survey == "mine"
    assert survey.reference("Q6", Persona(country="USA", age="18-29")).n == 90
    # What the import lacks is answered by the shipped survey.
    assert survey.reference("Q6", Persona(country="USA", age="30-49")).survey == "wvs7"
    assert survey.reference("Q164", Persona(country="USA")).survey == "wvs7"
    assert survey.reference("Q6", Persona(country="CHN")).survey == "wvs7"
    assert survey.mean_of_others("Q6", "USA") == load().mean_of_others("Q6", "USA")
    forget_private("mine")
    survey.reload()
    assert survey.names == ()
    assert survey.reference("Q6", Persona(country="USA")).survey == "wvs7"


def test_a_damaged_private_file_is_left_out(tmp_path, configure):
    configure(runs_dir=tmp_path / "runs")
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "broken.parquet").write_bytes(b"not parquet")
    assert PrivateFirst(load(), read_private).names == ()


def test_names_of_files_stay_in_the_folder(tmp_path, configure):
    configure(runs_dir=tmp_path / "runs")
    assert slug("../../WVS Wave 7 (v6).csv") == "wvs-wave-7-v6-csv"
    with pytest.raises(InputError, match="cannot be the name"):
        save_private("../x", pd.DataFrame())


def test_a_reference_without_a_known_question_is_refused(bank):
    with pytest.raises(DataError, match="no known question"):
        Private("x", bank, pd.DataFrame({"group_dim": ["age"], "item_id": ["X6"]}))
