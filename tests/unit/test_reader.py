"""Reading a run answer by answer: filters, order, printed forms, notes, and two runs cell by cell."""

import pytest

from core.findings.compare.cells import CELL_COLUMNS, paired_cells
from core.store import Store
from core.store.files.cell_notes import note_on, notes_by_cell, with_note
from core.store.files.run_info import RunInfo
from core.store.index.reader import (
    AnswerFilter,
    answer_places,
    answers,
    choices,
    printed_beside,
    runs_in,
    under_half,
)
from core.store.index.scopes import ALL, OWN, scope_of
from tests.unit.store_rows import START, row


def kept(store, run_id, rows, **changes):
    with store.create(RunInfo(run_id=run_id, kind="alignment", created=START, **changes)) as held:
        store.append(held, rows)


def answer(i, run_id="run-1", **changes):
    usual = {"model_id": "m", "question_id": "Q1", "prompt_version": "options-2", "provider": "local"}
    return row(i, run_id, **(usual | changes))


ROWS = [
    answer(0, question_id="Q2", valid_mass=0.2),
    answer(1, codes=(1, 2), mass=(0.6, 0.2), valid_mass=0.8),
    answer(2, codes=(2, 1), mass=(0.5, 0.25), valid_mass=0.75),
    answer(3, codes=(1, 2), mass=(0.1, 0.1), valid_mass=0.2, prompt_version="options-2/numbers"),
    answer(4, codes=(1, 2), mass=(0.1, 0.1), valid_mass=0.2, country="USA"),
    answer(5, outcome="error", codes=(), mass=(), valid_mass=None, error_kind="refused", error_text="no"),
    answer(6, outcome="refusal", valid_mass=0.1),
]


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path / "runs")
    kept(opened, "run-1", ROWS)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("chosen", "cells"),
    [
        ({}, {0, 1, 2, 3, 4, 5, 6}),
        ({"questions": ("Q2",)}, {0}),
        ({"personas": ("USA||female|",)}, {4}),
        ({"outcomes": ("error", "refusal")}, {5, 6}),
        ({"mass": "under_half"}, {0, 3, 4}),
        ({"mass": "from_half"}, {1, 2}),
        ({"mass": "under_half", "questions": ("Q1",)}, {3, 4}),
        ({"languages": ("en",)}, set()),
        ({"cells": ("cell-2",)}, {2}),
    ],
)
def test_a_filter_keeps_just_the_answers_that_fit(store, chosen, cells):
    wanted = AnswerFilter(run_ids=("run-1",), **chosen)
    assert set(answer_places(store, wanted)["cell_id"]) == {f"cell-{i}" for i in cells}
    assert list(answers(store, wanted)["cell_id"]) == list(answer_places(store, wanted)["cell_id"])


def test_readings_under_half_are_counted_without_errors_and_refusals(store):
    assert under_half(store, "run-1") == 3


def test_answers_to_one_question_by_one_person_are_read_together(store):
    read = answers(store, AnswerFilter(run_ids=("run-1",)))
    where = list(zip(read["question_id"], read["persona"], strict=True))
    assert where == sorted(where)
    assert choices(store, "run-1") == {
        name: sorted(set(read[name])) for name in ("model_id", "question_id", "persona", "language", "outcome")
    }


def test_every_printed_form_of_a_question_stands_beside_an_answer_and_nothing_else(store):
    assert {"cell-1", "cell-2", "cell-3"} <= set(printed_beside(store, "run-1", "cell-2"))
    assert not {"cell-0", "cell-4"} & set(printed_beside(store, "run-1", "cell-2"))
    assert printed_beside(store, "run-1", "cell-4") == ["cell-4"]


def test_runs_of_made_up_answers_alone_are_known(store):
    kept(store, "run-mock", [answer(0, "run-mock", provider="mock")])
    assert runs_in(store, scope_of(ALL)) == {"run-1", "run-mock"}
    assert runs_in(store, scope_of(OWN, mock=False)) == {"run-1"}


def test_two_runs_are_paired_prompt_by_prompt_and_the_most_moved_comes_first(store):
    later = [
        answer(11, "run-2", codes=(1, 2), mass=(0.2, 0.6)),
        answer(12, "run-2", codes=(2, 1), mass=(1.0, 0.5)),
        answer(13, "run-2", codes=(1, 2), mass=(0.1, 0.1), prompt_version="options-2/numbers"),
        answer(16, "run-2", outcome="option"),
    ]
    kept(store, "run-2", later)
    before, after = (store.responses([run], columns=CELL_COLUMNS) for run in ("run-1", "run-2"))
    found = paired_cells(before, after).set_index("cell_before")
    assert found.index[0] == "cell-1"
    assert found.loc["cell-1", "cell_after"] == "cell-11"
    assert found.loc["cell-1", "moved"] == pytest.approx(0.5)
    assert found.loc["cell-2", "moved"] == pytest.approx(0.0)  # twice the mass, the same shares
    assert dict(found["differs"]) == {"cell-1": True, "cell-2": False, "cell-3": False, "cell-6": True}
    assert "cell-4" not in found.index


def test_one_model_that_was_renamed_between_two_runs_is_paired_with_itself(store):
    kept(store, "run-2", [answer(1, "run-2", model_id="m-2", codes=(1, 2), mass=(0.6, 0.2))])
    before, after = (store.responses([run], columns=CELL_COLUMNS) for run in ("run-1", "run-2"))
    assert list(paired_cells(before, after)["cell_before"]) == ["cell-1"]


def test_notes_on_answers_live_in_the_note_of_the_run_and_leave_the_rest_of_it_alone():
    note = with_note("My run.\nSecond line.", "c1", "odd\n order ")
    assert note == "My run.\nSecond line.\n[cell c1] odd order"
    both = with_note(note, "c2", "[cell c1] quoted")
    assert notes_by_cell(both) == {"c1": "odd order", "c2": "[cell c1] quoted"}
    assert note_on(with_note(both, "c1", "new"), "c1") == "new"
    assert with_note(with_note(both, "c1", ""), "c2", " ") == "My run.\nSecond line."
