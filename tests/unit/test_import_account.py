"""Files as people have them: what is not understood is counted and told, and never taken for missing."""

import pandas as pd
import pyreadstat
import pytest

from core.errors import DataError, InputError
from core.runs.survey_import import keep
from core.surveys.importing import Options, import_file
from core.surveys.importing.mapping import read_mapping
from core.surveys.private import (
    account_of,
    forget_private,
    load_first,
    private_dir,
    private_names,
    read_private,
    save_private,
    unreadable,
)
from core.surveys.wvs7 import load
from core.types import Persona

HEAD = ("B_COUNTRY_ALPHA", "A_YEAR", "W_WEIGHT", "Q260", "Q262", "Q275R", "Q6", "Q49")
ENDS = {1: "Completely dissatisfied", 10: "Completely satisfied"}


@pytest.fixture(scope="module")
def bank():
    return load().questions()


def people(n=60, **columns):
    """Sixty people, each option of Q6 and Q49 in turn; ``columns`` replace some."""
    rows = pd.DataFrame(
        {
            "B_COUNTRY_ALPHA": ["CHN"] * n,
            "A_YEAR": [2018] * n,
            "W_WEIGHT": [1] * n,
            "Q260": [1 + i % 2 for i in range(n)],
            "Q262": [18 + i for i in range(n)],
            "Q275R": [1 + i % 3 for i in range(n)],
            "Q6": [1 + i % 4 for i in range(n)],
            "Q49": [1 + i % 10 for i in range(n)],
        },
        dtype=object,
    )
    for name, values in columns.items():
        rows[name] = values
    return rows


def brought_in(path, frame, bank, options=None, **how):
    frame.to_csv(path, index=False, **how)
    return import_file(path, bank, options=options or Options(least=1))


def whole(outcome, item, country="CHN"):
    frame = outcome.frame
    mine = frame[(frame["item_id"] == item) & (frame["group_dim"] == "all") & (frame["country_iso3"] == country)]
    return mine.set_index("option_code")["share"].to_dict()


def item(outcome, name):
    return next(found for found in outcome.account.items if found.name == name)


@pytest.mark.parametrize("year", ["", "2018-2019", "12/05/2018", "2018.5"])
def test_a_country_without_a_year_is_named_and_a_given_year_fills_it(tmp_path, bank, year, configure):
    configure(runs_dir=tmp_path / "runs")
    with pytest.raises(InputError, match=r"no year that can be read.*CHN"):
        brought_in(tmp_path / "a.csv", people(A_YEAR=year), bank)
    outcome = brought_in(tmp_path / "a.csv", people(A_YEAR=year), bank, Options(year=2018))
    assert set(outcome.frame["year"]) == {2018}


def test_people_left_out_are_counted_by_reason(tmp_path, bank):
    frame = people()
    frame.loc[0, "B_COUNTRY_ALPHA"] = ""
    frame.loc[1, "A_YEAR"] = ""
    frame.loc[2, "W_WEIGHT"] = "0"
    frame.loc[3, "W_WEIGHT"] = "heavy"
    outcome = brought_in(tmp_path / "a.csv", frame, bank)
    assert {out.reason: out.n for out in outcome.account.left_out} == {"no_country": 1, "no_year": 1, "no_weight": 2}
    assert (outcome.account.read, outcome.account.used) == (60, 56)
    assert sum(out.n for out in outcome.account.left_out) + outcome.account.used == outcome.account.read
    assert set(outcome.frame.query("group_dim == 'all'")["n"]) == {56}


@pytest.mark.parametrize("written", ["156", "156.0", "156,0", "CN", "chn", "China"])
def test_countries_are_read_however_they_are_written(tmp_path, bank, written):
    assert set(brought_in(tmp_path / "a.csv", people(B_COUNTRY_ALPHA=written), bank).frame["country_iso3"]) == {"CHN"}


def test_a_code_that_is_no_country_is_refused_by_name(tmp_path, bank, configure):
    configure(runs_dir=tmp_path / "runs")
    frame = people(B_COUNTRY_ALPHA=["CHN"] * 50 + ["987"] * 10)
    outcome = brought_in(tmp_path / "a.csv", frame, bank)
    assert not outcome.account.whole
    assert any("987" in line.message() and "CHN" in line.message() for line in outcome.account.lines())
    assert not keep("a", outcome.frame, outcome.account, rest=False).kept
    assert private_names() == []


def test_places_that_iso_lacks_have_a_name(tmp_path, bank):
    from core.surveys.countries import country_name

    outcome = brought_in(tmp_path / "a.csv", people(B_COUNTRY_ALPHA=["909"] * 30 + ["XKX"] * 30), bank)
    assert set(outcome.frame["country_iso3"]) == {"NIR", "KOS"}
    assert country_name("NIR", "en") == "Northern Ireland"
    assert country_name("KOS", "zh") == "科索沃"


def test_labels_at_the_ends_of_a_ladder_are_read(tmp_path, bank):
    frame = people(Q49=[ENDS.get(1 + i % 10, 1 + i % 10) for i in range(60)])
    assert whole(brought_in(tmp_path / "a.csv", frame, bank), "Q49") == pytest.approx(dict.fromkeys(range(1, 11), 0.1))


def test_words_that_are_no_option_refuse_the_question_and_the_rest_may_come_in(tmp_path, bank, configure):
    configure(runs_dir=tmp_path / "runs")
    frame = people(Q49=[{1: "Awful", 10: "Great"}.get(1 + i % 10, 1 + i % 10) for i in range(60)])
    outcome = brought_in(tmp_path / "a.csv", frame, bank)
    assert outcome.account.refused == ("Q49",)
    assert item(outcome, "Q49").strange == 12
    line = next(line.message() for line in outcome.account.lines() if "Refused" in line.message())
    assert "Q49" in line
    assert "“Awful” (6)" in line
    assert not keep("a", outcome.frame, outcome.account, rest=False).kept
    assert private_names() == []
    assert keep("a", outcome.frame, outcome.account, rest=True).kept
    assert account_of("a") == outcome.account
    assert load_first().reference("Q6", Persona(country="CHN")).survey == "a"
    assert load_first().reference("Q49", Persona(country="CHN")).survey == "wvs7"
    forget_private("a")
    load_first().reload()


@pytest.mark.parametrize(
    "recoded",
    [
        [round((i % 4) / 3, 3) for i in range(60)],
        [i % 4 for i in range(60)],
        [(i % 4) - 1.5 for i in range(60)],
        [f"{1 + i % 4} of 4" for i in range(60)],
    ],
)
def test_a_recoded_scale_is_refused_and_nothing_is_rounded(tmp_path, bank, recoded):
    outcome = brought_in(tmp_path / "a.csv", people(Q6=recoded), bank)
    assert outcome.account.refused == ("Q6",)
    assert set(outcome.frame["item_id"]) == {"Q49"}


def test_a_scale_from_zero_is_refused_where_zero_is_rare(tmp_path, bank):
    outcome = brought_in(tmp_path / "a.csv", people(300, Q6=[0, *[1 + i % 3 for i in range(299)]]), bank)
    assert outcome.account.refused == ("Q6",)


def test_a_few_strange_values_are_told_and_left_out(tmp_path, bank):
    outcome = brought_in(tmp_path / "a.csv", people(300, Q6=["7", *[1 + i % 4 for i in range(299)]]), bank)
    found = item(outcome, "Q6")
    assert (found.refused, found.strange, found.valid) == (False, 1, 299)
    assert any("“7” (1)" in line.message() for line in outcome.account.lines())


def test_one_country_that_is_recoded_is_not_hidden_by_the_others(tmp_path, bank):
    rows = people(3000, B_COUNTRY_ALPHA=["CHN"] * 2970 + ["DEU"] * 30, Q6=[1 + i % 4 for i in range(2970)] + [9] * 30)
    found = item(brought_in(tmp_path / "a.csv", rows, bank), "Q6")
    assert found.refused
    assert found.where == "DEU"


def test_declared_missing_answers_and_blanks_are_missing(tmp_path, bank):
    answers = ["-1", "-5", "", "NA", ".a", "Don’t know", "No answer", "不知道", *[1 + i % 4 for i in range(52)]]
    found = item(brought_in(tmp_path / "a.csv", people(Q6=answers), bank), "Q6")
    assert (found.valid, found.missing, found.strange) == (52, 8, 0)


def test_decimal_commas_are_read_in_every_column(tmp_path, bank):
    frame = people(Q49=[f"{1 + i % 10},0" for i in range(60)], W_WEIGHT="1,5", A_YEAR="2018,0")
    outcome = brought_in(tmp_path / "a.csv", frame, bank, sep=";")
    assert len(whole(outcome, "Q49")) == 10
    assert set(outcome.frame["weight_status"]) == {"applied"}


@pytest.mark.parametrize(
    ("before", "behind", "encoding"),
    [
        ("sep=;\r\n", "", "utf-8"),
        ("\r\n;;;\r\n", ";;;;;;;\r\n;;;;;;;\r\n", "utf-8-sig"),
        ("sep=;\r\n\r\n", "\r\n\r\n", "latin-1"),
    ],
)
def test_what_spreadsheets_write_around_the_rows_changes_nothing(tmp_path, bank, before, behind, encoding):
    plain = brought_in(tmp_path / "a.csv", people(), bank)
    text = people().to_csv(index=False, sep=";", lineterminator="\r\n")
    (tmp_path / "b.csv").write_bytes((before + text + behind).encode(encoding))
    outcome = import_file(tmp_path / "b.csv", bank, options=Options(least=1))
    pd.testing.assert_frame_equal(outcome.frame, plain.frame)
    assert outcome.account.read == 60


def test_an_extract_without_a_weight_is_unweighted_and_says_so(tmp_path, bank):
    frame = people().drop(columns=["W_WEIGHT", "Q275R"])
    outcome = brought_in(tmp_path / "a.csv", frame, bank)
    assert set(outcome.frame["weight_status"]) == {"none"}
    assert "no weight" in " ".join(line.message() for line in outcome.account.lines())
    assert "education" not in set(outcome.frame["group_dim"])


def test_renamed_columns_are_proposed_and_taken_once_confirmed(tmp_path, bank):
    frame = people().rename(columns={"B_COUNTRY_ALPHA": "country", "Q260": "gender", "Q49": "happy"})
    with pytest.raises(InputError, match=r"country = country, sex = gender"):
        brought_in(tmp_path / "a.csv", frame, bank)
    told = Options(least=1, columns={"Q49": "happy"}, confirmed=True)
    outcome = brought_in(tmp_path / "a.csv", frame, bank, told)
    assert len(whole(outcome, "Q49")) == 10
    assert "sex" in set(outcome.frame["group_dim"])
    with pytest.raises(InputError, match="no column “joy”"):
        brought_in(tmp_path / "a.csv", frame, bank, Options(columns={"Q49": "joy"}))


def test_questions_under_another_name_are_guessed_shown_and_taken_once_confirmed(tmp_path, bank):
    frame = people().rename(columns={"Q49": "wvs_q049"})
    outcome = brought_in(tmp_path / "a.csv", frame, bank)
    assert "Q49" not in set(outcome.frame["item_id"])
    assert "nobody confirmed them: Q49 = wvs_q049" in " ".join(line.message() for line in outcome.account.lines())
    asked = []
    path = tmp_path / "a.csv"
    found = import_file(path, bank, options=Options(least=1), confirm=lambda match: not asked.append(match))
    assert [match.guesses() for match in asked] == [{"Q49": "wvs_q049"}]
    assert len(whole(found, "Q49")) == 10
    with pytest.raises(InputError, match="taken for several questions: Q6, Q49"):
        brought_in(tmp_path / "a.csv", people(), bank, Options(columns={"q49": "Q6"}))
    none = brought_in(tmp_path / "a.csv", frame, bank, Options(least=1, columns={"Q49": "wvs_q049", "Q6": ""}))
    assert set(none.frame["item_id"]) == {"Q49"}


def test_labels_of_columns_name_questions_too(tmp_path, bank):
    frame = people().rename(columns={"Q49": "lifesat", "Q6": "relig"})
    labels = {"lifesat": "Q49: Satisfaction with your life", "relig": "Importance of religion, see Q6"}
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), column_labels=[labels.get(name, "") for name in frame])
    with pytest.raises(InputError, match=r"Q49 = lifesat\."):
        import_file(tmp_path / "a.sav", bank)
    taken = import_file(tmp_path / "a.sav", bank, options=Options(least=1, confirmed=True))
    assert len(whole(taken, "Q49")) == 10


def test_a_mapping_is_read_as_text_and_as_a_file(tmp_path):
    assert read_mapping("Q49=happy, really\ncountry=land") == {"Q49": "happy, really", "country": "land"}
    path = tmp_path / "map.csv"
    path.write_text("what;column\nQ49;happy\nweight;\n")
    assert read_mapping(str(path)) == {"Q49": "happy", "weight": ""}
    for text, says in (("nothing", "no such file"), ("Q49=a,Q49=b", "two columns")):
        with pytest.raises(InputError, match=says):
            read_mapping(text)
    path.write_text("what,column\n,happy\n")
    with pytest.raises(InputError, match="Line 2"):
        read_mapping(str(path))


def test_the_joint_file_is_known_by_its_columns(tmp_path, bank):
    names = {"B_COUNTRY_ALPHA": "cntry_AN", "A_YEAR": "year", "W_WEIGHT": "gwght", "Q260": "X001", "Q262": "X003"}
    frame = people().rename(columns={**names, "Q275R": "X025R", "Q6": "A006", "Q49": "A170"})
    frame["cntry_AN"] = ["CN"] * 40 + ["NIR"] * 20
    outcome = brought_in(tmp_path / "a.csv", frame, bank)
    assert outcome.account.layout == "EVS/WVS Joint 2017-2022"
    assert set(outcome.frame["country_iso3"]) == {"CHN", "NIR"}
    assert set(outcome.frame["item_id"]) == {"Q6", "Q49"}


def test_a_file_of_the_european_social_survey_is_known_by_its_columns(tmp_path, bank):
    frame = pd.DataFrame(
        {
            "cntry": ["DE"] * 40 + ["GB"] * 20,
            "inwyys": [2018] * 59 + [9999],
            "pspwght": [0.5, 1.5] * 30,
            "gndr": [1, 2] * 30,
            "agea": [18 + i for i in range(59)] + [999],
            "eisced": [i % 8 for i in range(59)] + [55],
            "health": [1 + i % 5 for i in range(50)] + [7, 8, 9] * 3 + [1],
            "happy": [i % 11 for i in range(60)],
        }
    )
    outcome = brought_in(tmp_path / "ess.csv", frame, bank)
    account = outcome.account
    assert account.layout == "European Social Survey"
    assert (account.places, [item.name for item in account.items]) == (("DEU", "GBR"), ["Q47"])
    assert (account.items[0].missing, account.items[0].strange, account.refused) == (9, 0, ())
    assert [out.reason for out in account.left_out] == ["no_year"]
    assert {trait.name: trait.strange for trait in account.traits} == {"sex": 0, "age": 0, "education": 0}
    assert whole(outcome, "Q47", "DEU")[1] == pytest.approx(0.2)
    assert {"lower", "middle", "higher"} <= set(outcome.frame["group"])


LONG = "question,option,group,share,n,country,year\n"


def tables(path, text, bank):
    path.write_text(text)
    return import_file(path, bank)


def test_a_table_of_groups_alone_is_used(tmp_path, bank, configure):
    configure(runs_dir=tmp_path / "runs")
    rows = "".join(f"Q165,{o},{g},{s},800,CHN,2018\n" for g, o, s in [("18-29", "Yes", 0.6), ("18-29", "No", 0.4)])
    outcome = tables(tmp_path / "ages.csv", LONG + rows, bank)
    save_private("ages", outcome.frame, outcome.account)
    (private,) = read_private(load())
    assert private.reference("Q165", Persona(country="CHN", age="18-29")).shares == pytest.approx((0.6, 0.4))


def test_a_published_table_that_counts_dont_know_is_rescaled_and_says_so(tmp_path, bank):
    rows = "".join(f"Q6,{o},all,{s},1000,USA,2017\n" for o, s in [(1, 0.14), (2, 0.41), (3, 0.35), (4, 0.07)])
    for more in ("", "Q6,Don't know,all,0.03,1000,USA,2017\n", "Q6,-1,all,0.03,1000,USA,2017\n"):
        outcome = tables(tmp_path / "p.csv", LONG + rows + more, bank)
        assert whole(outcome, "Q6", "USA")[2] == pytest.approx(0.41 / 0.97)
        assert set(outcome.frame["n"]) == {970}
        assert "rescaled" in " ".join(line.message() for line in outcome.account.lines())


def test_all_questions_that_do_not_add_up_are_named_at_once(tmp_path, bank):
    rows = "".join(f"{q},1,all,{s},100,USA,2017\n" for q, s in [("Q6", 0.5), ("Q49", 0.7), ("Q165", 1.0)])
    outcome = tables(tmp_path / "p.csv", LONG + rows, bank)
    assert outcome.account.refused == ("Q6", "Q49")
    assert set(outcome.frame["item_id"]) == {"Q165"}


@pytest.mark.parametrize(
    "text",
    [
        "question,option,count,country,year\nQ165,Yes,30,CHN,2018\nQ165,No,10,CHN,2018\n",
        "question,Yes,No,country,year\nQ165,30,10,CHN,2018\n",
        "question,1,2,n,country,year\nQ165,0.75,0.25,40,CHN,2018\n",
        "question,1,2,n,country,year\nQ165,75%,25%,40,CHN,2018\n",
        "question,1,2,n,country,year\nQ165,75,25,40,CHN,2018\n",
        "question;option;percent;n;country;year\nQ165;Yes;75,0;40;156;2018\nQ165;No;25,0;40;156;2018\n",
    ],
)
def test_long_and_wide_tables_of_counts_and_shares_are_the_same(tmp_path, bank, text):
    outcome = tables(tmp_path / "p.csv", text, bank)
    assert whole(outcome, "Q165") == pytest.approx({1: 0.75, 2: 0.25})
    assert set(outcome.frame["n"]) == {40}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("year", pd.NA),
        ("country_iso3", "156"),
        ("n", 0),
        ("share", float("nan")),
        ("group", "tall"),
        ("option_code", 77),
    ],
)
def test_what_could_not_be_read_again_is_not_kept(tmp_path, bank, configure, column, value):
    configure(runs_dir=tmp_path / "runs")
    frame = brought_in(tmp_path / "a.csv", people(), bank).frame.astype({column: object})
    frame.loc[0, column] = value
    with pytest.raises(DataError, match=column):
        save_private("bad", frame)
    assert list(private_dir().iterdir()) == []


def test_files_that_cannot_be_read_are_left_out_named_and_removable(tmp_path, bank, configure):
    configure(runs_dir=tmp_path / "runs")
    good = brought_in(tmp_path / "a.csv", people(), bank).frame
    save_private("good", good)
    folder = private_dir()
    good.assign(year=pd.array([pd.NA] * len(good), dtype="Int64")).to_parquet(folder / "no-year.parquet")
    good.assign(country_iso3="156").to_parquet(folder / "numbers.parquet")
    good.drop(columns="n_eff").to_parquet(folder / "narrow.parquet")
    good.assign(share="much").to_parquet(folder / "words.parquet")
    (folder / "broken.parquet").write_bytes(b"PAR1 no")
    (folder / "My File.parquet").write_bytes(b"")
    (folder / "folder.parquet").mkdir()
    (folder / "nowhere.parquet").symlink_to(folder / "gone")
    assert [private.id for private in read_private(load())] == ["good"]
    left_out = {found.name: found.why.message() for found in unreadable(load())}
    assert set(left_out) == set(private_names()) - {"good"}
    assert all(name in why for name, why in left_out.items())
    for name in left_out:
        forget_private(name)
    assert private_names() == ["good"]
