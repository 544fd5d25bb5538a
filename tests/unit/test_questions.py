"""The question bank and its loader."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from core.errors import DataError
from core.settings import DATA
from core.surveys.questions import load_questions, topics
from core.types import LANGUAGES, Question

BANK = DATA / "questions" / "wvs7.toml"
HUMAN = DATA / "human" / "wvs7_marginals.parquet"
QUESTIONS = load_questions(BANK)
CJK = re.compile(r"[\u4e00-\u9fff]")
LADDERS = [q for q in QUESTIONS.values() if len(q.options) == 10]

# The survey's own short labels for battery items are headings, not questions: none may stand as a stem.
HEADING = re.compile(r"^(Important in life|Neighbors|Confidence|Involved in corruption|Justifiable|Believe in):", re.I)


@pytest.fixture(scope="module")
def human() -> pd.DataFrame:
    columns = ["country_iso3", "item_id", "option_code", "group_dim", "share"]
    table = pd.read_parquet(HUMAN, columns=columns)
    return table[table["group_dim"] == "all"]


@pytest.fixture(scope="module")
def means(human: pd.DataFrame) -> pd.Series:
    weighted = human.assign(part=human["option_code"] * human["share"])
    return weighted.groupby(["item_id", "country_iso3"])["part"].sum()


def test_106_items_of_one_survey() -> None:
    assert len(QUESTIONS) == 106
    assert {q.survey for q in QUESTIONS.values()} == {"wvs7"}
    assert all(key == q.id for key, q in QUESTIONS.items())


def test_option_codes_are_those_of_the_human_data(human: pd.DataFrame) -> None:
    asked = {item: set(codes) for item, codes in human.groupby("item_id")["option_code"].unique().items()}
    assert {q.id: set(q.codes) for q in QUESTIONS.values()} == asked


@pytest.mark.parametrize(
    ("item", "china", "usa"),
    [("Q182", 2.3, 6.2), ("Q164", 2.8, 7.0)],
)
def test_long_ladders_point_the_way_the_human_means_say(means: pd.Series, item: str, china: float, usa: float) -> None:
    assert means[item, "CHN"] == pytest.approx(china, abs=0.06)
    assert means[item, "USA"] == pytest.approx(usa, abs=0.06)
    assert QUESTIONS[item].polarity == 1


@pytest.mark.parametrize(
    ("item", "more", "less"),
    [
        ("Q6", "USA", "CHN"),  # religion matters more
        ("Q29", "CHN", "USA"),  # men seen as better leaders
        ("Q56", "CHN", "USA"),  # better off than parents
        ("Q71", "CHN", "USA"),  # confidence in the government
        ("Q107", "CHN", "USA"),  # state ownership
        ("Q112", "USA", "CHN"),  # corruption seen
        ("Q121", "CHN", "DEU"),  # immigrants good for development
        ("Q124", "DEU", "CHN"),  # immigration raises crime
        ("Q162", "USA", "CHN"),  # science knowledge unimportant
        ("Q171", "USA", "CHN"),  # attending services
        ("Q197", "CHN", "USA"),  # state right to monitor the internet
        ("Q209", "USA", "CHN"),  # petitions
    ],
)
def test_polarity_agrees_with_what_is_known_of_countries(human: pd.DataFrame, item: str, more: str, less: str) -> None:
    question = QUESTIONS[item]
    place = {code: i for i, code in enumerate(question.codes)}

    def level(country: str) -> float:
        rows = human[(human["item_id"] == item) & (human["country_iso3"] == country)]
        return question.polarity * float((rows["option_code"].map(place) * rows["share"]).sum())

    assert level(more) > level(less)


def test_ladders_have_ten_options_whose_ends_carry_words(human: pd.DataFrame) -> None:
    assert {q.id for q in LADDERS} == set(human.loc[human["option_code"] == 10, "item_id"])
    for question in LADDERS:
        assert question.codes == tuple(range(1, 11))
        for language in LANGUAGES:
            texts = [option.text.get(language) for option in question.options]
            assert texts[1:-1] == [str(n) for n in range(2, 10)]
            assert re.match(r"1( – |——)\S", texts[0])
            assert re.match(r"10( – |——)\S", texts[-1])


@pytest.mark.parametrize("question", LADDERS, ids=lambda q: q.id)
def test_a_ladder_stem_names_the_scale_and_both_ends(question: Question) -> None:
    assert "scale from 1 to 10, where 1 means" in question.stem.en
    assert "1到10之间选一个数，1表示" in question.stem.zh
    for option in (question.options[0], question.options[-1]):
        assert option.text.en.split(" – ")[1] in question.stem.en
        assert option.text.zh.split("——")[1] in question.stem.zh


def test_only_ladders_speak_of_numbers_or_letters() -> None:
    for question in QUESTIONS.values():
        if question not in LADDERS:
            assert "scale from" not in question.stem.en, question.id
            assert not re.search(r"\b[A-J][.):]", question.stem.en), question.id


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda q: q.id)
def test_stem_is_a_question_in_both_languages(question: Question) -> None:
    assert len(question.stem.en.split()) >= 4
    assert "?" in question.stem.en
    assert "？" in question.stem.zh
    assert not CJK.search(question.stem.en)
    assert not HEADING.match(question.stem.en)
    assert len(CJK.findall(question.stem.zh)) >= 5
    assert not re.search(r"[A-Za-z]", question.stem.zh)
    assert not re.search(r"[,.;:?!()\"']", question.stem.zh), "half-width punctuation"


def test_stems_and_labels_are_distinct() -> None:
    for language in LANGUAGES:
        for field in ("stem", "short"):
            texts = [getattr(q, field).get(language) for q in QUESTIONS.values()]
            assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=lambda q: q.id)
def test_options_of_an_item_differ(question: Question) -> None:
    for language in LANGUAGES:
        texts = [option.text.get(language).casefold() for option in question.options]
        assert len(set(texts)) == len(texts)


def test_chart_labels_are_short() -> None:
    for question in QUESTIONS.values():
        assert len(question.short.en) <= 40, question.id
        assert len(question.short.zh) <= 14, question.id


def test_two_options_are_nominal() -> None:
    assert all(q.scale == "nominal" for q in QUESTIONS.values() if len(q.options) == 2)


def test_q56_stands_in_scale_order_not_code_order() -> None:
    assert QUESTIONS["Q56"].codes == (2, 3, 1)


def test_topics_stand_together_in_file_order() -> None:
    found = topics(QUESTIONS)
    assert len(found) == len(set(found)) == 14
    runs = [q.topic for q in QUESTIONS.values()]
    changes = 1 + sum(a != b for a, b in itertools.pairwise(runs))
    assert changes == len(found)


GOOD = """\
survey = "test"
[option_sets.yes_no]
options = [{ code = 1, en = "Yes", zh = "是" }, { code = 2, en = "No", zh = "否" }]
[[question]]
id = "T1"
topic = "one"
short = { en = "First", zh = "第一" }
stem = { en = "Is it so?", zh = "是这样吗？" }
option_set = "yes_no"
scale = "nominal"
polarity = 0
[[question]]
id = "T2"
topic = "two"
short = { en = "Second", zh = "第二" }
stem.en = "How much? Use a scale from 1 to 10, where 1 means none and 10 means all."
stem.zh = "有多少？请在1到10之间选一个数，1表示没有，10表示全部。"
ladder.low = { en = "none", zh = "没有" }
ladder.high = { en = "all", zh = "全部" }
scale = "ordinal"
polarity = 1
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], dict[str, Question]]:
    def write_and_load(text: str) -> dict[str, Question]:
        path = tmp_path / "bank.toml"
        path.write_text(text, encoding="utf-8")
        return load_questions(path)

    return write_and_load


def test_a_small_bank_loads(load: Callable[[str], dict[str, Question]]) -> None:
    bank = load(GOOD)
    assert list(bank) == ["T1", "T2"]
    assert topics(bank) == ("one", "two")
    assert bank["T1"].codes == (1, 2)
    assert bank["T2"].options[0].text.get("zh") == "1——没有"
    assert bank["T2"].options[-1].text.get("en") == "10 – all"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('stem.zh = "有多少？请在1到10之间选一个数，1表示没有，10表示全部。"\n', "", "item T2: stem.zh"),
        ('zh = "有多少？请在1到10之间选一个数，1表示没有，10表示全部。"', 'zh = ""', "item T2: stem.zh"),
        (" and 10 means all.", ".", "item T2: the en stem of a ladder"),
        ('id = "T2"', 'id = "T1"', "item T1: this id appears twice"),
        ('option_set = "yes_no"', 'option_set = "maybe"', "item T1: there is no option_set “maybe”"),
        ("polarity = 1", "polarity = 0", "item T2: T2: polarity"),
        ("polarity = 1", "polarity = 2", "item T2: polarity"),
        ('scale = "nominal"\npolarity = 0', 'scale = "nominal"\npolarity = -1', "item T1: T1: polarity"),
        ('scale = "ordinal"', 'scale = "interval"', "item T2: scale"),
        ('option_set = "yes_no"\n', "", "item T1: give either options or a ladder"),
        ('ladder.low = { en = "none", zh = "没有" }', 'option_set = "yes_no"', "item T2: ladder.low"),
        ("{ code = 2, en", "{ code = 1, en", "item T1: T1: an option code appears twice"),
        (', { code = 2, en = "No", zh = "否" }', "", "item T1: options"),
        ('en = "No", ', "", "option_set yes_no: options.1.en"),
        ('id = "T2"', 'colour = "red"\nid = "T2"', "item T2: colour"),
        ('id = "T2"\n', "", "item number 2: id"),
        ('survey = "test"', "", "head: survey"),
        ("[[question]]", "[[other]]", "no [[question]]"),
        ("[option_sets.yes_no]", "[option_sets.yes_no", "whole file"),
    ],
)
def test_a_damaged_bank_is_named(load: Callable[[str], dict[str, Question]], old: str, new: str, named: str) -> None:
    assert old in GOOD
    with pytest.raises(DataError) as caught:
        load(GOOD.replace(old, new))
    assert "bank.toml" in caught.value.message
    assert named in caught.value.message
    assert caught.value.hint


def test_a_set_and_own_options_exclude_each_other(load: Callable[[str], dict[str, Question]]) -> None:
    own = 'option_set = "yes_no"\noptions = [{ code = 1, en = "A", zh = "甲" }]'
    with pytest.raises(DataError, match="item T1: give either an option_set or options of its own"):
        load(GOOD.replace('option_set = "yes_no"', own))


def test_a_missing_bank_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.toml"):
        load_questions(tmp_path / "none.toml")
