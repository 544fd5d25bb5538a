"""Cells in batches: none lost, none twice, what belongs together kept together, few changes of person."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from core.runs.batches import batches, persona_by_persona
from core.types import Cell, Persona, Question, Variant, cyclic_orders
from tests.unit.test_runner import TEA, model

MODEL = model()
QUESTIONS = [TEA.model_copy(update={"id": f"own-{number}"}) for number in range(6)]
PERSONAS = [Persona(), Persona(country="CHN"), Persona(country="USA"), Persona(country="DEU")]


def option_cells(question: Question, persona: Persona) -> list[Cell]:
    """All rotations of one question for one person."""
    orders = cyclic_orders(len(question.options))
    return [
        Cell(kind="options", model=MODEL, question=question, persona=persona, variant=Variant(order=order))
        for order in orders
    ]


def text_cell(question: Question, persona: Persona) -> Cell:
    """One written answer."""
    return Cell(kind="text", model=MODEL, question=question, persona=persona)


groups = st.lists(
    st.builds(
        lambda question, persona, text: [text_cell(question, persona)] if text else option_cells(question, persona),
        st.sampled_from(QUESTIONS),
        st.sampled_from(PERSONAS),
        st.booleans(),
    ),
    max_size=30,
)
sizes = st.integers(1, 8)


def identities(cells: list[Cell]) -> list[int]:
    return sorted(id(cell) for cell in cells)


@given(groups, sizes)
def test_batches_hold_all_cells_in_their_order_and_one_kind_each(made: list[list[Cell]], size: int) -> None:
    cells = [cell for group in made for cell in group]
    found = list(batches(cells, size))
    assert [id(cell) for batch in found for cell in batch] == [id(cell) for cell in cells]
    assert all(1 <= len(batch) <= size and len({cell.kind for cell in batch}) == 1 for batch in found)


@given(groups, sizes)
def test_no_cell_is_lost_and_texts_stay_behind_what_stood_before_them(made: list[list[Cell]], size: int) -> None:
    cells = [cell for group in made for cell in group]
    found = list(persona_by_persona(cells, size))
    assert identities(found) == identities(cells)

    def between_texts(given: list[Cell]) -> list[list[int]]:
        return [identities(list(part)) for _, part in groupby(given, key=lambda cell: cell.kind)]

    assert between_texts(found) == between_texts(cells)


def test_rotations_stay_together_and_questions_in_order() -> None:
    cells = [cell for question in QUESTIONS for persona in PERSONAS for cell in option_cells(question, persona)]
    found = list(persona_by_persona(cells, 9))
    # 72 cells are a window of eight batches: each person once, each with all questions.
    assert [key for key, _ in groupby(found, key=lambda cell: cell.persona.key)] == [p.key for p in PERSONAS]
    for _, mine in groupby(found, key=lambda cell: cell.persona.key):
        assert [cell.question.id for cell in mine] == [q.id for q in QUESTIONS for _ in TEA.options]


def test_all_persons_are_asked_a_few_questions_before_the_next_questions() -> None:
    cells = [cell for question in QUESTIONS for persona in PERSONAS for cell in option_cells(question, persona)]
    found = list(persona_by_persona(cells, 3))
    first = found[:24]
    assert {cell.persona.key for cell in first} == {persona.key for persona in PERSONAS}
    assert {cell.question.id for cell in first} == {"own-0", "own-1"}
