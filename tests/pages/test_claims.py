"""The Claims page: a verdict with its n on every card, and none without."""

from core.audits.claims import CLAIMS
from tests.pages.test_pages import texts
from tests.pages.test_representation import bare, measured

__all__ = ["bare", "measured"]


def test_every_claim_has_a_card_with_rule_verdict_and_n(app):
    test = app("claims")
    shown = texts(test)
    assert not test.exception
    assert shown.count("Counted: ") == len(CLAIMS)
    assert shown.count("Rule: at least") == sum(len(claim.streams) for claim in CLAIMS.values())
    assert "0 of 8 claims are supported, 0 are not, and for 8" in shown


def test_without_runs_only_published_figures_speak(bare):
    test = bare("claims")
    assert not test.exception
    assert "Counted: 0 models" in texts(test)
    assert "Counted: 7 models, 4 developers, 19 questions" in texts(test)


def test_a_run_of_ones_own_is_counted(measured):
    test = measured("claims")
    assert not test.exception
    assert "1 models" in texts(test)
