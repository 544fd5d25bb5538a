"""Ids of cells: they are those of the first version, whatever a cell has."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from core.types import Cell, Message, Persona, Variant, cell_id, digest
from tests.unit.audit_child import mock_model, question

ASKED = question(0)
TYPED = ASKED.model_copy(update={"survey": None, "id": 'mine "quoted" 中'})
QUESTIONS = (
    ASKED,
    TYPED,
    ASKED.model_copy(update={"survey": "wvs7", "id": "Q1"}),
    ASKED.model_copy(update={"survey": "wvs7", "id": "Q2", "wording": 2}),
    TYPED.model_copy(update={"wording": 2}),
)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
MESSAGES = st.builds(Message, role=st.sampled_from(("user", "assistant")), content=TEXTS)


def first_version(cell: Cell) -> str:
    """The id as it was computed when the first runs were stored: a dictionary, its canonical JSON, its hash."""
    plain = cell.question.model_dump(mode="json") if cell.question else None
    typed = cell.text or digest_text(plain)
    what = cell.question.key if cell.question and cell.question.survey else typed
    more: dict[str, object] = {}
    if cell.template or cell.memory:
        more = {"template": cell.template, "memory": [*cell.memory, cell.recall]}
    history = () if cell.memory else cell.history
    if cell.question and cell.question.wording > 1:
        more["wording"] = cell.question.wording
    persona = cell.persona
    return digest(
        {
            "kind": cell.kind,
            "model": cell.model.id,
            "what": what,
            "persona": "|".join(one or "" for one in (persona.country, persona.age, persona.sex, persona.education)),
            "variant": cell.variant.model_dump(mode="json"),
            "context": [cell.tag, cell.detail, [turn.model_dump() for turn in history]],
            "sampling": [cell.temperature, cell.seed, cell.sample, *([cell.top_p] if cell.top_p is not None else [])],
            **more,
        },
        20,
    )


def digest_text(value: object) -> str:
    """Canonical JSON, by its own rule."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    """Any cell: of a shipped, another or a typed question, or a text; with and without each of its parts."""
    asked = draw(st.sampled_from(QUESTIONS) | st.none())
    return Cell(
        kind=draw(st.sampled_from(("options", "text"))) if asked else "text",
        model=mock_model().model_copy(update={"id": draw(TEXTS)}),
        question=asked,
        text=None if asked else draw(TEXTS),
        persona=Persona(
            country=draw(st.sampled_from((None, "CHN", "USA"))),
            age=draw(st.sampled_from((None, "18-29", "50+"))),
            sex=draw(st.sampled_from((None, "male"))),
            education=draw(st.sampled_from((None, "lower"))),
        ),
        variant=Variant(
            language=draw(st.sampled_from(("en", "zh"))),
            order=draw(st.permutations(range(3)).map(tuple) | st.just(())),
            paraphrase=draw(st.integers(0, 9)),
            labels=draw(st.sampled_from(("letters", "numbers"))),
        ),
        tag=draw(TEXTS),
        detail=draw(TEXTS),
        history=tuple(draw(st.lists(MESSAGES, max_size=2))),
        template=draw(TEXTS),
        memory=tuple(draw(st.lists(TEXTS, max_size=2))),
        recall=draw(st.integers(0, 3)),
        sample=draw(st.integers(0, 10**6)),
        temperature=draw(st.none() | st.floats(allow_nan=False)),
        top_p=draw(st.none() | st.floats(allow_nan=False)),
        seed=draw(st.none() | st.integers(-(2**70), 2**70)),
    )


@given(cells())
@example(Cell(kind="text", model=mock_model(), text="", temperature=-0.0, top_p=0.0))
@example(Cell(kind="text", model=mock_model(), text="hi", temperature=1, top_p=1e16, seed=True))
def test_an_id_is_that_of_the_first_version(cell: Cell) -> None:
    assert cell_id(cell) == first_version(cell)
