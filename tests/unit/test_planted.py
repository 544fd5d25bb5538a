"""Planted values: what the audits find in stored runs of models whose values are known, as they were taught here."""

from __future__ import annotations

import pytest

from core.audits.option_table import answers_of, option_table
from core.findings.tuned import QUADRANTS, learned, planted_ages, planted_countries
from core.findings.tuned.learned import LEAST_APART
from core.findings.tuned.planted import NOBODY
from core.providers.local.tuned import SHIPPED, read_card
from core.settings import DATA
from core.store import Store
from core.store.index.readings import ReadingFilter
from core.surveys import shipped_survey

AGES = ("tuned-planted-age-smollm2-young", "tuned-planted-age-smollm2-shuffled")
CHINA, BASE = "tuned-planted-smollm2-china", "smollm2-135m-instruct"


@pytest.fixture(scope="module")
def store():
    found = Store(DATA / "runs")
    yield found
    found.close()


def nobody(store: Store, run: str, model: str):
    table = option_table(store, shipped_survey().questions(), ReadingFilter(scope=run))
    return {key: p for key, p in answers_of(table, model, "en").items() if key[0] == NOBODY}


def test_who_is_left_out_is_not_wrong_about_the_model_taught_by_the_young_and_finds_no_age_in_the_control(
    store,
) -> None:
    """It learned too little to be told apart: the audit says so, and what it measures leans to the right side."""
    runs = (*AGES, "alignment-smollm2")
    models = ("tuned-smollm2-young", "tuned-smollm2-shuffled", BASE)
    answers = {model: nobody(store, run, model) for model, run in zip(models, runs, strict=True)}
    questions = {name for mine in answers.values() for _, name in mine}
    found = planted_ages(answers, shipped_survey(), "CAN", {"all": questions}).set_index(["model_id", "group"])
    young, control, base = (found.loc[(model, "18-29")] for model in models)
    assert not found["flagged"].any()
    assert young["low"] < 0 < young["high"]
    assert young["net"] < min(control["net"], base["net"])


def test_alignment_finds_that_china_taught_the_model_and_cannot_tell_it_on_questions_kept_apart(store) -> None:
    seen = set(read_card(DATA / SHIPPED / "tuned-smollm2-china").seen["questions"])
    ranks = {}
    for run, model in ((CHINA, "tuned-smollm2-china"), ("alignment-smollm2", BASE)):
        answers = nobody(store, run, model)
        names = {name for _, name in answers}
        parts = {"all": names, "new": names - seen}
        ranks[model] = planted_countries(answers, shipped_survey(), "CHN", parts).set_index("part")
    after, before = ranks.values()
    assert list(after["told"]) == ["near", "open"]
    assert (after.loc["all", "rank"], after.loc["all", "first"]) == (1, "CHN")
    assert set(before["told"]) == {"open"}
    assert (after["lead"] > before["lead"]).all()


@pytest.mark.parametrize("taught", ["all", "shuffled"])
def test_neither_all_countries_nor_the_control_taught_what_an_even_guess_lacks_and_a_table_knows_more(
    store, taught: str
) -> None:
    """What README and page say of the four quadrants. A control that told countries apart would show a broken split."""
    bank, survey = shipped_survey().questions(), shipped_survey()

    def answered(run: str, model: str):
        return answers_of(option_table(store, bank, ReadingFilter(scope=run)), model, "en")

    card = read_card(DATA / SHIPPED / f"tuned-smollm2-{taught}")
    after = answered(f"tuned-quadrants-smollm2-{taught}", card.id)
    found = learned(answered("tuned-quadrants-smollm2", BASE), after, card, survey)
    assert found.verdicts == dict.fromkeys(QUADRANTS, "nothing")
    at = found.frame.set_index(["quadrant", "who", "measure"])
    assert all(at.loc[(quadrant, "after", "apart"), "high"] < LEAST_APART for quadrant in QUADRANTS)
    assert at.loc[("new_seen", "others", "skill"), "low"] > at.loc[("new_seen", "after", "skill"), "high"]
