import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from core.errors import DataError, InputError
from core.surveys import NotAsked
from core.surveys.base import group_of
from core.surveys.countries import country_choices, country_name
from core.surveys.wvs7 import MARGINALS, Wvs7, load
from core.types import LocalText, Option, Persona, Question


@pytest.fixture(scope="module")
def wvs7():
    return load()


def question(codes, **changes):
    text = LocalText(en="words", zh="词")
    options = tuple(Option(code=code, text=text) for code in codes)
    given = {"id": "Q1", "survey": "wvs7", "topic": "t", "short": text, "stem": text, "options": options}
    return Question.model_validate(given | {"scale": "ordinal", "polarity": 1} | changes)


def table(*rows):
    names = ["item_id", "country_iso3", "group_dim", "group", "option_code", "share"]
    return pd.DataFrame(rows, columns=names).assign(year=2018, n=100, n_eff=90.0, weight_status="none")


@pytest.fixture
def small():
    """Scale order 1, 0, 2 as in "hard to say" items; BBB lacks code 2; CCC has an answer that is no option."""
    frame = table(
        ("Q1", "AAA", "all", "all", 0, 0.2),
        ("Q1", "AAA", "all", "all", 1, 0.3),
        ("Q1", "AAA", "all", "all", 2, 0.5),
        ("Q1", "AAA", "age", "50+", 2, 1.0),
        ("Q1", "AAA", "age", "18-29", 0, 1.0),
        ("Q1", "BBB", "all", "all", 0, 0.4),
        ("Q1", "BBB", "all", "all", 1, 0.6),
        ("Q1", "CCC", "all", "all", 1, 0.4),
        ("Q1", "CCC", "all", "all", 9, 0.6),
    )
    return Wvs7({"Q1": question((1, 0, 2))}, frame)


@pytest.mark.parametrize(
    ("persona", "want"),
    [
        (Persona(country="CHN"), ("all", "all")),
        (Persona(age="50+"), ("age", "50+")),
        (Persona(sex="male"), ("sex", "male")),
        (Persona(education="middle"), ("education", "middle")),
        (Persona(age="18-29", sex="female"), ("age_x_sex", "18-29|female")),
        (Persona(age="18-29", education="middle"), None),
        (Persona(sex="male", education="middle"), None),
        (Persona(age="18-29", sex="female", education="middle"), None),
    ],
)
def test_a_persona_names_a_group(persona, want):
    assert group_of(persona) == want


def test_shares_follow_the_scale_order_not_the_codes(small):
    reference = small.reference("Q1", Persona(country="AAA"))
    assert reference.codes == (1, 0, 2)
    assert reference.shares == pytest.approx((0.3, 0.2, 0.5))


def test_a_code_nobody_chose_counts_as_zero(small):
    assert small.reference("Q1", Persona(country="BBB")).shares == pytest.approx((0.6, 0.4, 0))


def test_an_answer_that_is_no_option_is_left_out_and_the_rest_rescaled(small):
    assert small.reference("Q1", Persona(country="CCC")).shares == pytest.approx((1, 0, 0))


def test_mean_of_others_leaves_the_country_out(small):
    assert small.mean_of_others("Q1", "AAA") == pytest.approx((0.8, 0.2, 0))
    assert small.mean_of_others("Q1", "ZZZ") == pytest.approx((1.9 / 3, 0.2, 0.5 / 3))
    alone = Wvs7({"Q1": question((1, 2))}, table(("Q1", "AAA", "all", "all", 1, 1.0)))
    assert alone.mean_of_others("Q1", "AAA") is None


def test_groups_come_in_their_own_order(small):
    frame = small.groups("Q1", "AAA", "age")
    assert frame["group"].drop_duplicates().tolist() == ["18-29", "50+"]
    assert small.groups("Q1", "BBB", "age").empty


def test_means_use_the_codes(small):
    assert small.means(["Q1"], "AAA")["mean"].item() == pytest.approx(0.3 * 1 + 0.5 * 2)
    nobody = small.means(["Q1"], "ZZZ").iloc[0]
    assert pd.isna(nobody["mean"])
    assert nobody["n"] == 0
    nominal = Wvs7({"Q1": question((1, 2), scale="nominal", polarity=0)}, table(("Q1", "AAA", "all", "all", 1, 1.0)))
    with pytest.raises(InputError, match="no order"):
        nominal.means(["Q1"], "AAA")
    with pytest.raises(InputError, match="no order"):
        nominal.country_means(["Q1"])


def test_means_of_all_countries_are_those_of_each(wvs7):
    items = [name for name, asked in wvs7.questions().items() if asked.scale == "ordinal"]
    every = wvs7.country_means(items)
    assert list(every.columns) == items
    assert every.isna().to_numpy().any()
    for country, means in every.iterrows():
        assert means.tolist() == pytest.approx(wvs7.means(items, country)["mean"].tolist(), nan_ok=True)


def test_a_foreign_table_is_refused():
    with pytest.raises(DataError, match="weight_status"):
        Wvs7({"Q1": question((1, 2))}, table().drop(columns="weight_status"))
    with pytest.raises(DataError, match="No human answers for Q1"):
        Wvs7({"Q1": question((1, 2))}, table(("Q2", "AAA", "all", "all", 1, 1.0)))
    with pytest.raises(DataError, match="Q1 in AAA"):
        Wvs7({"Q1": question((1, 2))}, table(("Q1", "AAA", "all", "all", 7, 1.0)))


def test_a_missing_or_broken_file_is_said_in_words(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path / "none.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path / "broken.parquet")


def test_every_offered_code_is_in_the_human_data(wvs7):
    """No option of the bank goes unmatched over all countries, and no answer in the table is lost."""
    frame = pd.read_parquet(MARGINALS, columns=["item_id", "option_code"])
    human = frame.groupby("item_id", observed=True)["option_code"].agg(set).to_dict()
    assert {name: set(q.codes) for name, q in wvs7.questions().items()} == human


def test_shares_come_from_the_table_unchanged(wvs7):
    frame = pd.read_parquet(MARGINALS)
    part = frame[
        (frame["item_id"] == "Q106") & (frame["country_iso3"] == "USA") & (frame["group"] == "18-29|female")
    ].set_index("option_code")
    reference = wvs7.reference("Q106", Persona(country="USA", age="18-29", sex="female"))
    assert (reference.dimension, reference.matched) == ("age_x_sex", "exact")
    assert reference.n == part["n"].iloc[0]
    assert reference.weight_status == "applied"
    assert dict(zip(reference.codes, reference.shares, strict=True)) == pytest.approx(part["share"].to_dict(), abs=1e-4)


@pytest.mark.parametrize(
    ("question_id", "persona"),
    [
        ("Q164", Persona(country="CHN", age="18-29")),  # only the country as a whole for this item
        ("Q106", Persona(country="AND", sex="female")),  # a country without groups
        ("Q106", Persona(country="USA", education="lower")),  # a group under 50 people
        ("Q106", Persona(country="USA", sex="female", education="higher")),  # no such table
    ],
)
def test_the_country_stands_in_where_the_group_is_unknown(wvs7, question_id, persona):
    reference = wvs7.reference(question_id, persona)
    assert reference.matched == "country"
    assert (reference.dimension, reference.group) == ("all", "all")
    whole = wvs7.reference(question_id, Persona(country=persona.country))
    assert whole.matched == "exact"
    assert reference.shares == whole.shares


def test_a_country_that_was_not_asked_says_so(wvs7):
    assert wvs7.reference("Q164", Persona(country="IND", age="18-29")) == NotAsked(
        question_id="Q164", country="IND", reason="not_asked"
    )
    assert sum(wvs7.mean_of_others("Q164", "IND")) == pytest.approx(1)


def test_china_is_unweighted_and_says_so(wvs7):
    assert wvs7.reference("Q164", Persona(country="CHN")).weight_status == "none"


def test_the_survey_is_as_large_as_it_says(wvs7):
    assert len(wvs7.questions()) == 106
    assert len(wvs7.countries()) == 65
    assert wvs7.years == (2017, 2023)


def test_lookups_are_quick(wvs7):
    persona = Persona(country="USA", age="18-29", sex="female")
    start = time.perf_counter()
    for _ in range(200):
        wvs7.reference("Q106", persona)
        wvs7.mean_of_others("Q106", "USA")
    assert (time.perf_counter() - start) / 200 < 1e-3


def test_threads_see_the_same_answers(wvs7):
    questions = list(wvs7.questions())

    def ask(question_id):
        return wvs7.reference(question_id, Persona(country="USA")), wvs7.mean_of_others(question_id, "USA")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, questions)) == [ask(question_id) for question_id in questions]


def test_country_names_in_both_languages():
    assert country_name("CHN", "en") == "China"
    assert country_name("USA", "zh") == "美国"
    with pytest.raises(InputError, match="XXX"):
        country_name("XXX", "en")


def test_countries_stand_in_the_order_a_reader_expects():
    codes = ["USA", "TUR", "CHN", "ARG", "TUN"]
    assert [code for code, _ in country_choices(codes, "en")] == ["ARG", "CHN", "TUN", "TUR", "USA"]
    # 阿根廷 a, 美国 mei, 突尼斯 tu-n, 土耳其 tu-e, 中国 zhong: by first character's pinyin.
    order = [code for code, _ in country_choices(codes, "zh")]
    assert (order[0], order[1], order[-1]) == ("ARG", "USA", "CHN")
