"""Sources that others measured, in the verdicts: what decides, what is only shown, what a reader takes out."""

import pytest

from core.findings.claims.sources import PART, RULES, SHOWN, disagreeing, outcome_of, rules_of
from core.findings.claims.verdicts import CLAIMS
from tests.unit.test_claims import world


def test_every_source_belongs_to_a_claim_of_the_paper():
    assert set(RULES) <= set(CLAIMS)
    for claim in CLAIMS:
        assert list(rules_of(claim))[: len(CLAIMS[claim].streams)] == list(CLAIMS[claim].streams)


def test_a_least_effect_is_the_same_part_of_each_range():
    assert CLAIMS["us_centric"].streams["published"].least == PART * 9
    assert RULES["us_centric"]["mfq2"].least == pytest.approx(1 / 9)
    assert RULES["multilingual"]["criticism"].least == pytest.approx(1 / 36)


def test_a_source_that_is_only_shown_decides_nothing():
    west = world([0.5] * 8, side="West", questions=36, noise=0.02).assign(n_items=36)
    assert outcome_of("us_centric", {"mfq2": west}).verdict == "supported"
    shown = outcome_of("us_centric", {"mfq2_zh": west})
    assert "mfq2_zh" in SHOWN
    assert shown.streams["mfq2_zh"].verdict == "supported"
    assert shown.verdict == "unknown"


def test_a_source_that_is_taken_out_no_longer_counts():
    yes, no = (world([value] * 8, side="West", questions=36, noise=0.02) for value in (0.5, -0.5))
    both = {"mfq2": yes, "mfq2_2026": no}
    torn = outcome_of("us_centric", both)
    assert (torn.verdict, torn.reason) == ("unknown", "disagree")
    assert disagreeing(torn) == {"mfq2": "supported", "mfq2_2026": "not_supported"}
    kept = outcome_of("us_centric", both, without={"mfq2_2026"})
    assert kept.verdict == "supported"
    assert "mfq2_2026" not in kept.streams
    assert disagreeing(kept) == {}


def test_a_claim_without_any_source_left_cannot_be_told():
    nothing = outcome_of("us_centric", {}, without=set(rules_of("us_centric")))
    assert (nothing.verdict, nothing.reason, nothing.streams) == ("unknown", "none", {})
