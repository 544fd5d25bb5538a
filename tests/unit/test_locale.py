"""Numbers, dates and line breaks in the reader's language."""

import ast
import math
import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.style import wrapped
from core.i18n import languages
from core.i18n.locale import UNKNOWN, day, listed, moment, money, number, percent

PAGES = Path(__file__).resolve().parents[2] / "pages"


@pytest.mark.parametrize("language", languages())
def test_large_numbers_are_grouped_and_signs_are_written_where_asked(language):
    assert number(12345.678, language, 1) == "12,345.7"
    assert number(0.5, language, 2, signed=True) == "+0.50"
    assert number(-0.5, language, 2, signed=True) == "-0.50"
    assert percent(0.345, language, 1) == "34.5%"
    assert percent(-0.345, language, 1, signed=True) == "-34.5%"
    assert money(1234.5, language).endswith("$1,234.50")
    assert number(math.nan, language) == percent(math.inf, language) == UNKNOWN


def test_money_has_its_sign_before_the_currency():
    assert money(-3, "en") == "-$3.00"
    assert money(-3, "zh") == "-US$3.00"
    assert money(1234.5, "zh") == "US$1,234.50"
    assert money(math.nan, "en") == UNKNOWN


@given(
    st.floats(min_value=-0.001, max_value=0.001), st.integers(min_value=0, max_value=3), st.sampled_from(languages())
)
def test_what_rounds_to_zero_has_no_minus(value, digits, language):
    texts = [number(value, language, digits), percent(value / 100, language, digits), money(value, language)]
    for text in texts:
        assert not text.startswith("-") or any(digit in text for digit in "123456789"), text
    for text in (number(value, language, digits, signed=True), percent(value / 100, language, digits, signed=True)):
        assert (text[0] in "+-") == any(digit in text for digit in "123456789"), text


def test_a_negative_zero_is_a_zero():
    assert number(-0.0005, "en", 3) == number(-0.0, "en", 3) == "0.000"
    assert number(-0.0005, "en", 3, signed=True) == "0.000"
    assert percent(-0.0001, "en") == "0%"


def test_a_moment_is_told_in_utc():
    there = datetime(2026, 11, 24, 1, 5, tzinfo=timezone(timedelta(hours=8)))
    assert moment(there, "en") == "23 Nov 2026, 17:05 UTC"
    assert moment(there, "zh") == "2026 年 11 月 23 日 17:05 UTC"
    assert moment(there.astimezone(UTC).replace(tzinfo=None), "en") == moment(there, "en")
    assert day(there, "zh") == "2026 年 11 月 23 日"
    assert day(date(2026, 1, 2), "en") == "2 Jan 2026"


def test_names_in_a_line():
    assert listed(["a", "b"], "en") == "a, b"
    assert listed(["a", "b", "c"], "en") == "a, b, c"
    assert listed(["甲", "乙", "丙"], "zh") == "甲、乙和丙"
    assert listed(["甲"], "zh") == "甲"
    assert listed([], "en") == ""


@given(st.text(alphabet="中国美价值观，。（）“” aB1", max_size=60), st.integers(min_value=8, max_value=40))
def test_wrapping_chinese_loses_nothing_and_breaks_no_rule(text, width):
    lines = wrapped(text, width).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert not any(line[:1] in tuple("，。）”") for line in lines[1:] if line)


def test_a_latin_name_in_a_chinese_line_stays_whole():
    assert wrapped("SmolLM2-135M-Instruct，按此人设", 24).split("\n") == ["SmolLM2-135M-Instruct，", "按此人设"]


@pytest.mark.parametrize("path", sorted(PAGES.rglob("*.py")), ids=lambda path: str(path.relative_to(PAGES)))
def test_a_page_writes_its_numbers_in_one_place(path):
    # A format such as .2f writes -0.00, and never in the reader's language.
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            spec = ast.unparse(node.format_spec)
            assert not re.search(r"\.\d|\{|,", spec), f"{path.name}:{node.lineno}: {spec}"
