"""The switch of kinds of item: values and attitudes count unless one says otherwise, on every page of figures."""

import pytest

from core.surveys.questions import among_kinds
from core.surveys.wvs7 import load
from core.types import DEFAULT_KINDS, KINDS
from pages.parts.shared.kinds import KIND
from pages.parts.shared.question_notes import question_notes
from tests.pages.test_pages import texts
from tests.pages.test_representation import bare, measured

__all__ = ["bare", "measured"]


def test_perceptions_and_behaviour_leave_a_page_until_they_are_chosen(measured):
    """Five of the 24 questions that were asked are perceptions; the page counted them as values."""
    test = measured("alignment")
    bank = load().questions()
    lost = len(bank) - len(among_kinds(bank))
    assert f"{lost} questions of the bank are of other kinds (perceptions, behaviour)" in texts(test)
    shown = set(test.dataframe[0].value["Question"])
    perceptions = {q.short.en for q in bank.values() if q.kind not in DEFAULT_KINDS}
    assert shown
    assert not shown & perceptions
    every = measured("alignment", **{KIND: list(KINDS)})
    assert "of other kinds" not in texts(every)
    assert set(every.dataframe[0].value["Question"]) & perceptions
    assert every.query_params[KIND] == list(KINDS)
    assert KIND not in test.query_params


@pytest.mark.parametrize("page", ["country", "compare", "citizens", "representation"])
def test_each_page_of_figures_has_the_switch(app, page):
    test = app(page)
    assert not test.exception
    assert KIND in test.session_state
    assert "of other kinds" in texts(test)


def test_notes_tell_of_uneven_steps_a_middle_that_is_no_opinion_and_other_kinds():
    bank = load().questions()
    said = {name: question_notes(question) for name, question in bank.items()}
    assert any("no equal steps" in note for note in said["Q113"])
    assert any("hard to say" in note for note in said["Q122"])
    assert said["Q171"][-1].startswith("Kind: behaviour.")
    assert said["Q164"] == []
    assert {name for name, notes in said.items() if len(notes) and bank[name].kind in DEFAULT_KINDS} == {
        name
        for name, question in bank.items()
        if question.kind in DEFAULT_KINDS and (question.steps == "uneven" or question.middle)
    }
