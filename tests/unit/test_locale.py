"""Numbers, dates and line breaks in the reader's language."""

import math
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.style import wrapped
from core.i18n import languages, texts
from core.i18n.locale import UNKNOWN, day, listed, moment, money, number, percent


@pytest.mark.parametrize("language", languages())
def test_large_numbers_are_grouped_and_signs_are_written_where_asked(language):
    assert number(12345.678, language, 1) == "12,345.7"
    assert number(0.5, language, 2, signed=True) == "+0.50"
    assert number(-0.5, language, 2, signed=True) == "-0.50"
    assert percent(0.345, language, 1) == "34.5%"
    assert percent(-0.345, language, 1, signed=True) == "-34.5%"
    assert number(math.nan, language) == percent(math.inf, language) == UNKNOWN


@pytest.mark.parametrize(("language", "sign"), [("en", "$"), ("zh", "US$")])
def test_money_has_its_minus_before_the_sign_of_the_currency(language, sign):
    assert money(1234.5, language) == f"{sign}1,234.50"
    assert money(-3, language) == f"-{sign}3.00"
    assert money(math.nan, language) == UNKNOWN


def test_a_moment_is_told_in_utc():
    there = datetime(2026, 11, 24, 1, 5, tzinfo=timezone(timedelta(hours=8)))
    assert moment(there, "en") == "23 Nov 2026, 17:05 UTC"
    assert moment(there, "zh") == "2026 年 11 月 23 日 17:05 UTC"
    assert moment(there.astimezone(UTC).replace(tzinfo=None), "en") == moment(there, "en")
    assert day(there, "zh") == "2026 年 11 月 23 日"
    assert day(date(2026, 1, 2), "en") == "2 Jan 2026"


def test_names_in_a_line():
    assert listed(["a", "b"], "en") == "a, b"
    assert listed(["甲", "乙"], "zh") == "甲、乙"


@given(st.text(alphabet="中国美价值观，。（）“” aB1", max_size=60), st.integers(min_value=8, max_value=40))
def test_wrapping_chinese_loses_nothing_and_breaks_no_rule(text, width):
    lines = wrapped(text, width).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert not any(line[:1] in tuple("，。）”") for line in lines[1:] if line)


def test_a_latin_name_in_a_chinese_line_stays_whole():
    assert wrapped("SmolLM2-135M-Instruct，按此人设", 24).split("\n") == ["SmolLM2-135M-Instruct，", "按此人设"]


def test_one_is_not_spoken_of_as_many():
    assert texts("en")("runs.set_aside", n=1) == "Problems with run folders: 1"
