"""Planted values: what the audits find in stored runs of models whose values are known, because they were taught here.

Each test runs on a shipped run and is left out while that run does not ship; `python -m core demo NAME` makes it.
"""

from __future__ import annotations

import pytest

from core.audits.option_table import answers_of, option_table
from core.findings.tuned import planted_ages, planted_countries
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
    if not (DATA / "runs" / run).is_dir():
        pytest.skip(f"{run} does not ship yet")
    table = option_table(store, shipped_survey().questions(), ReadingFilter(scope=run))
    return {key: p for key, p in answers_of(table, model, "en").items() if key[0] == NOBODY}


def test_who_is_left_out_finds_the_young_in_the_model_taught_by_them_and_not_in_the_control(store) -> None:
    names = ("tuned-smollm2-young", "tuned-smollm2-shuffled")
    answers = {name: nobody(store, run, name) for name, run in zip(names, AGES, strict=True)}
    questions = {name for mine in answers.values() for _, name in mine}
    found = planted_ages(answers, shipped_survey(), "CAN", {"all": questions}).set_index(["model_id", "group"])
    assert found.loc[(names[0], "18-29"), "high"] < 0
    assert not found.loc[(names[1], "18-29"), "high"] < 0


def test_alignment_is_not_wrong_about_the_model_taught_by_china_on_questions_kept_apart(store) -> None:
    answers = nobody(store, CHINA, "tuned-smollm2-china")
    seen = read_card(DATA / SHIPPED / "tuned-smollm2-china").seen["questions"]
    names = [name for _, name in answers if name not in seen]
    found = planted_countries(answers, shipped_survey(), "CHN", names)
    before = planted_countries(nobody(store, "alignment-smollm2", BASE), shipped_survey(), "CHN", names)
    assert found is not None
    assert before is not None
    assert found.lead_high > 0
    assert found.lead > before.lead
