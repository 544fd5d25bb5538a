"""The word for how sure a statement is follows one rule, and a sentence says no more than its figure bears out."""

from math import nan
from pathlib import Path

import pytest

from core import i18n
from core.findings.confidence import Stated, confidence, contradicted, line, reason, surest, unmeasured
from core.findings.wording import Figure, decimals, points

T = i18n.texts()
ROOT = Path(__file__).resolve().parents[2]
RISING = {"groups", "turns", "axis", "floor", "reason", "part"}
"""Sentences on figures of which only what lies above 0 means something."""

RULE = [
    (Figure(0.05, 0.02, 0.08, 0.01, 16, 0.01), True, "high"),
    (Figure(-0.05, -0.08, -0.02, 0.01, 16, 0.01), True, "high"),
    (Figure(0.05, 0.005, 0.08, 0.01, 16, 0.01), True, "moderate"),
    (Figure(0.05, 0.02, 0.08), True, "moderate"),
    (Figure(0.05, 0.02, 0.08, 0.2, 16, 0.01), True, "low"),
    (Figure(0.05, 0.02, 0.08, nan, 16, 0.01), True, "low"),
    (Figure(0.05, 0.02, 0.08, 0.01, 16, 0.01), False, "low"),
    (Figure(0.008, 0.001, 0.015, least=0.01), True, "low"),
    (Figure(0.001, -0.004, 0.006, least=0.01), True, "equal"),
    (Figure(0.005, 0.001, 0.009, least=0.01), True, "equal"),
    (Figure(0.001, -0.02, 0.03, least=0.01), True, "open"),
    (Figure(0.001, -0.02, 0.03), True, "open"),
    (Figure(0.4, nan, nan, least=0.01), True, "open"),
]


@pytest.mark.parametrize(("figure", "upheld", "word"), RULE)
def test_the_word_follows_interval_adjustment_and_margin(figure, upheld, word):
    assert confidence(figure, upheld) == word
    for language in i18n.languages():
        why = reason(i18n.texts(language), figure, decimals(), upheld)
        assert why
        assert "nan" not in why


def test_a_sentence_says_no_more_than_its_figure():
    words = {"model": "M", "country": "C", "baseline": "an even guess", "n": 75}
    nearer = line(T, "cell", Figure(0.05, 0.02, 0.08, 0.01, 16, 0.01), decimals(), **words)
    assert "comes nearer" in nearer.text
    assert "+0.050 [+0.020, +0.080], 75 questions" in nearer.text
    assert "Adjusted for 16 figures" in nearer.reason
    further = line(T, "cell", Figure(-0.05, -0.08, -0.02, 0.01, 16, 0.01), decimals(), **words)
    assert "stands further" in further.text
    unadjusted = line(T, "cell", Figure(0.05, 0.02, 0.08, 0.3, 16, 0.01), decimals(), **words)
    assert "neither clearly" in unadjusted.text
    assert "adjusted p = 0.300" in unadjusted.reason
    refuted = line(T, "cell", Figure(0.05, 0.02, 0.08, 0.01, 16, 0.01), decimals(), upheld=False, **words)
    assert "neither clearly" in refuted.text


def test_where_only_a_rise_means_something_a_fall_is_no_finding_but_a_sure_no():
    fallen = line(T, "turns", Figure(-0.05, -0.08, -0.02, least=0.01), points(), rising=True, model="M")
    assert "It is not shown" in fallen.text
    assert fallen.confidence == "high"


@pytest.mark.parametrize(
    ("high", "word"), [(-0.01, "high"), (0.2, "moderate"), (0.3, "open")], ids=["below 0", "below least", "reaches it"]
)
def test_a_claim_is_contradicted_from_one_side(high, word):
    assert contradicted(T, "not so", Figure(-0.2, -0.9, high, least=0.25), decimals()).confidence == word


def test_the_surest_come_first_and_no_sentence_twice():
    low, open_, high = (Stated(name, name, "") for name in ("low", "open", "high"))
    assert surest([open_, low, open_, high], 2) == (high, low)
    assert surest([open_, open_]) == (open_,)


def test_what_has_no_interval_cannot_be_told():
    assert unmeasured(T, "one answer").confidence == "open"


def test_every_sentence_of_a_brief_has_its_forms_and_a_place_where_it_is_said():
    keys = {key.removeprefix("brief_line.") for key in i18n.catalogue() if key.startswith("brief_line.")}
    formed = {key.rpartition("_")[0] for key in keys if key.endswith(("_above", "_below", "_none"))}
    forms = {f"{name}_{end}" for name in formed for end in ("above", "none")}
    forms |= {f"{name}_below" for name in formed - RISING}
    assert formed >= RISING
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "pages" / "parts").rglob("*.py")))
    assert {key for key in keys if key in forms} == forms
    assert not [name for name in formed if f'"{name}"' not in source]
    assert not [key for key in keys - forms if f'"brief_line.{key}"' not in source]


def test_every_reason_is_given_somewhere():
    sources = [*sorted((ROOT / "pages" / "parts").rglob("*.py")), ROOT / "core" / "findings" / "confidence.py"]
    source = "".join(path.read_text(encoding="utf-8") for path in sources)
    keys = {key for key in i18n.catalogue() if key.startswith("confidence_why.")}
    made = {f"confidence_why.{word}" for word in ("high", "moderate", "high_of", "moderate_of", "equal", "open")}
    assert not [key for key in keys - made if f'"{key}"' not in source]
    assert made <= keys
