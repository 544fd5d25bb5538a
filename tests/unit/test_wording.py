"""No word of a finding without an interval that carries it; no number that reads as it should not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import i18n
from core.findings import wording
from core.findings.wording import Figure, decimals, direction, points, span
from core.i18n.locale import number, percent

reals = st.floats(-2, 2)
figures = st.builds(
    lambda mean, down, up, p, tests, least: Figure(mean, mean - down, mean + up, p, tests, least),
    reals,
    st.floats(0, 1),
    st.floats(0, 1),
    st.one_of(st.floats(0, 1), st.just(math.nan)),
    st.integers(1, 40),
    st.sampled_from([0.0, 0.01, 0.25]),
)
NAMES = {"model": "M", "near": "N", "far": "F", "country": "C", "dimension": "D", "language": "L"}
FINDING = {
    "en": ("move towards", "nearer to", "further from", "is nearer", "takes them", "brings them", "changes its mind"),
    "zh": ("靠近，", "更接近", "更远离", "离 30 岁以下的人更", "就改了主意", "更近，"),
}


def sentences(t, figure, flagged):
    """All sentences that a figure may become."""
    return [
        wording.change_words(t, "W", figure, 19, ("China", "USA")),
        wording.difference_words(t, figure, ("China", "USA")),
        wording.gap_words(t, figure, NAMES, 60, flagged, 13),
        wording.youth_words(t, figure, flagged, NAMES, 60),
        wording.turning_words(t, "M", figure, {}, 60),
        wording.arm_words(t, "A", figure, 24, 0.125),
    ]


@given(figures, st.booleans())
def test_a_word_of_a_finding_needs_an_interval_an_adjusted_p_and_an_effect_that_matters(figure, flagged):
    carried = (figure.low > 0 or figure.high < 0) and abs(figure.mean) >= figure.least
    carried = carried and (figure.p < 0.05 or (figure.tests == 1 and math.isnan(figure.p)))
    assert (direction(figure) in ("above", "below")) == carried
    for language in i18n.languages():
        said = sentences(i18n.texts(language), figure, flagged)
        if not carried:
            assert not any(word in sentence for sentence in said for word in FINDING[language])
        if not (carried and flagged):
            assert not any(word in sentence for sentence in said[2:4] for word in FINDING[language])


@given(figures)
def test_every_sentence_names_its_figure_and_holds_no_negative_zero(figure):
    for language in i18n.languages():
        for sentence in sentences(i18n.texts(language), figure, True):
            assert "-0.00 " not in sentence
            assert "-0.000" not in sentence
            assert "nan" not in sentence


def test_why_it_is_no_finding_is_said():
    t = i18n.texts()
    many = Figure(-0.016, -0.031, -0.002, 0.21, 12, 0.01)
    said = wording.gap_words(t, many, NAMES, 60, False, 13)
    assert "12" in said
    assert "0.210" in said
    small = Figure(-0.0012, -0.002, -0.0004, least=0.01)
    assert direction(small) == "small"
    assert "0.010" in wording.arm_words(t, "A", small, 24, 0.001)
    assert direction(Figure(0.1, math.nan, math.nan)) == "unknown"
    contradicted = Figure(-0.02, -0.031, -0.012, 0.21, least=0.01)
    assert direction(contradicted) == "untested", "a single figure whose test speaks against it"
    assert "0.210" in wording.arm_words(t, "A", contradicted, 24, 0.001)
    blind = wording.arm_words(t, "A", Figure(0.1, -0.1, 0.3, 0.5, 8), 7, 0.125)
    assert "0.125" in blind
    assert "0.125" not in wording.arm_words(t, "A", Figure(0.1, -0.1, 0.3, 0.5, 8), 7, 0.001).replace("[-0.100", "")


@pytest.mark.parametrize("language", i18n.languages())
def test_what_rounds_to_nothing_has_no_sign(language):
    assert number(-0.0004, language, 3) == number(-0.0004, language, 3, signed=True) == "0.000"
    assert number(0.0004, language, 3, signed=True) == "0.000"
    assert percent(-0.0004, language, 1, signed=True) == "0.0%"
    assert percent(-0.004, language) == "0%"
    assert number(-0.0006, language, 3, signed=True) == "-0.001"


def test_a_difference_of_shares_is_in_points():
    assert points()(0.123) == "+12.3"
    assert span(Figure(0.1, 0.05, 0.2), points()) == "+10.0 [+5.0, +20.0]"
    assert span(Figure(0.1, math.nan, math.nan), decimals()) == "+0.100"
    assert wording.p_words(0.0001) == "< 0.001"


def test_a_model_leans_only_where_its_first_option_leads():
    t = i18n.texts()
    assert "leans" not in wording.option_words(t, "M", ["Yes", "No", "Maybe"], [0.37, 0.36, 0.27])
    assert "leans to “Yes”" in wording.option_words(t, "M", ["Yes", "No"], [0.6, 0.4])
    assert "None of 4" in wording.nearer_words(t, 0, 4)


def test_no_text_says_up_to_nothing():
    for language in i18n.languages():
        texts = [(key, form) for key, entry in i18n.catalogue(language).items() for form in entry.forms.values()]
        assert not [key for key, text in texts if "up to {" in text and not key.startswith("error.")]
        still = wording.moved_words(i18n.texts(language), {"before": "B", "after": "A", "option": "O"}, 0.003, 0.003)
        assert "0%" not in still.replace("1%", "")


@pytest.mark.parametrize(
    ("figure", "moves", "says"),
    [
        (Figure(0.12, 0.08, 0.16, least=0.05), True, "moves by +12.0 [+8.0, +16.0]"),
        (Figure(-0.12, -0.16, -0.08, least=0.05), True, "moves by -12.0"),
        (Figure(0.03, 0.02, 0.04, least=0.05), False, "sure but small"),
        (Figure(0.12, -0.08, 0.32, least=0.05), False, "does not clearly move"),
    ],
)
def test_a_consequence_moves_a_choice_beyond_its_interval_and_by_what_matters(figure, moves, says):
    said = wording.consequence_words(i18n.texts("en"), {"model": "M", "kind": "good"}, figure, 80)
    assert ("moves by" in said) is moves
    assert says in said.replace("\N{MINUS SIGN}", "-")
