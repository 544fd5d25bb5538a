"""What is typed to be asked, what a model answers, and keys."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from core.parsing.answers import another_kind, explained_place, named_labels, parse_answer
from core.prompts.render import render
from core.providers.hosted.keys import KeyRing, check_key, redact
from core.runs.runner import check_prompt_length
from core.store.files.cache_key import cache_key
from core.store.files.schema import to_responses, to_table
from core.text import clean_text, plain, visible, whole
from core.types import LABELS, Cell, LocalText, Option, OptionRequest, Question, canonical_json, cell_id, digest
from tests.unit.audit_child import mock_model
from tests.unit.hostile import ANY, MANY, in_words
from tests.unit.store_rows import row

LIMIT = 8_000


@MANY
@given(ANY, st.lists(ANY, min_size=2, max_size=4))
def test_a_typed_question_is_refused_in_words_or_can_be_asked_and_stored(stem: str, options: list[str]) -> None:
    checked = in_words(lambda: [check_prompt_length(text, LIMIT) for text in (stem, *options)])
    if checked is None:
        return
    stem, *texts = checked
    question = Question(
        id=f"own-{digest([stem, texts], 10)}",
        topic="own",
        short=LocalText(en="own", zh="own"),
        stem=LocalText(en=stem, zh=stem),
        options=tuple(Option(code=i, text=LocalText(en=t, zh=t)) for i, t in enumerate(texts)),
        scale="nominal",
        polarity=0,
    )
    cell = Cell(kind="options", model=mock_model(), question=question)
    prompt = render(cell)
    assert clean_text(stem) in prompt.messages[-1].content
    request = OptionRequest(
        model=cell.model, messages=prompt.messages, labels=LABELS[: len(texts)], codes=question.codes
    )
    assert len(cache_key(request, revision="1", prompt_version=prompt.version)) == 64
    assert cell_id(cell)
    kept = row(0, question_json=canonical_json(question.model_dump(mode="json")), rendered_prompt=stem)
    assert to_responses(to_table([kept])) == [kept]


@MANY
@given(ANY)
def test_a_free_prompt_is_refused_in_words_or_can_be_asked(text: str) -> None:
    prompt = in_words(lambda: check_prompt_length(text, LIMIT))
    if prompt is not None:
        cell = Cell(kind="text", model=mock_model(), text=prompt)
        assert render(cell).messages[-1].content.encode()


@MANY
@given(ANY, st.lists(ANY, min_size=2, max_size=5))
@example("1" * 10_000, ["1", "2"])
@example("I would answer " + "9" * 6_000, ["9", "10"])
def test_any_written_answer_is_read_or_left_unread(text: str, options: list[str]) -> None:
    labels = LABELS[: len(options)]
    found = parse_answer(text, labels, options)
    assert found.place is None or 0 <= found.place < len(options)
    assert set(named_labels(text, labels)) <= set(labels)
    assert explained_place(text, options) is None or another_kind(text, options) in (True, False)


def test_a_megabyte_is_read_and_shown_in_no_time() -> None:
    for part in ("a ", "中", "A. ", "1. ", "((", "<b>", "\x00", "**"):
        text = part * (1_000_000 // len(part))
        parse_answer(text[:100_000], ("A", "B"), ("yes", "no"))
        assert len(plain(text)) < 10_000
        assert visible(text[:100_000]) is not None
        assert whole(text) == text


@MANY
@given(ANY)
def test_a_key_is_taken_or_refused_and_never_told(text: str) -> None:
    ring = KeyRing()
    kept = in_words(lambda: check_key(text))
    if kept is None:
        return
    ring.put("name", text)
    assert kept not in repr(ring)
    assert kept not in redact(f"before {kept} after", kept).replace(redact(kept, kept), "")
    assert kept.isascii()
    assert json.loads(json.dumps(kept)) == kept
