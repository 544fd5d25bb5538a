"""How questions are put: kinds, batteries, wordings, and ladders by number and by letter."""

from __future__ import annotations

import csv
import itertools

import pytest

from core.audits.alignment import audit as alignment
from core.audits.base import Bank
from core.audits.choice import chosen_questions
from core.audits.citizens import plan as citizens
from core.audits.representation import plan as representation
from core.parsing.answers import parse_answer
from core.prompts.render import (
    label_style_of,
    labels_for,
    printed_options,
    render,
    template_of,
    wording_of,
)
from core.providers.hosted.sampling import printed_options as printed_in
from core.providers.labels import bare, label_token_ids
from core.providers.mock import MockProvider
from core.runs.rows import prepare
from core.settings import DATA
from core.store.files.run_info import parse_info
from core.surveys.questions import at_edition, batteries, load_questions, of_kinds
from core.types import (
    KINDS,
    Capabilities,
    Cell,
    Model,
    Origin,
    Persona,
    Question,
    Variant,
    both_directions,
    cell_id,
    number_labels,
)
from tests.unit.test_labels import Vocabulary

BANK = load_questions(DATA / "questions" / "wvs7.toml")
NO_VALUES = {
    *(f"Q{n}" for n in (46, 47, 48, 49, 50, 52, 56, 131, 144, 145, 171, 172, 173)),
    *(f"Q{n}" for n in (*range(112, 118), *range(201, 213))),
}
MENDED = {"Q21", "Q64", "Q109", "Q123", "Q164", "Q165", "Q171", "Q172", "Q173", "Q198", "Q207"}
MODEL = Model(
    id="m",
    name="M",
    provider="mock",
    remote_id="m",
    family="F",
    developer="D",
    link="https://example.org",
    origin=Origin(base="USA", tuner="USA"),
    capabilities=Capabilities(logprobs="full"),
)
WORLD = Bank(questions=BANK, models={"m": MODEL})


def test_every_item_has_a_kind_and_a_battery() -> None:
    assert all(question.kind in KINDS and question.battery for question in BANK.values())
    assert {name for name, question in BANK.items() if question.kind in ("perception", "behaviour")} == NO_VALUES
    assert set(of_kinds(BANK)) == set(BANK) - NO_VALUES
    assert set(of_kinds(BANK, KINDS)) == set(BANK)


def test_a_battery_is_one_stretch_of_the_questionnaire() -> None:
    stretches: dict[str, list[int]] = {}
    for name, battery in batteries(BANK).items():
        stretches.setdefault(battery, []).append(int(name[1:]))
    spans = sorted((min(numbers), max(numbers)) for numbers in stretches.values())
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(spans))


def test_uneven_steps_and_hard_to_say_are_noted() -> None:
    uneven = {name for name, question in BANK.items() if question.steps == "uneven"}
    assert uneven == {f"Q{n}" for n in (*range(113, 118), 171, 172, *range(201, 213))}
    for question in BANK.values():
        says = any(option.text.en == "Hard to say" for option in question.options)
        assert (question.middle == "hard_to_say") == says


def test_the_language_check_covers_every_item_and_names_those_that_changed() -> None:
    with (DATA / "questions" / "wvs7_language_check.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["item"] for row in rows} == set(BANK)
    changed = {row["item"] for row in rows if row["english_and_chinese"] == "mended"}
    assert changed == {name for name, question in BANK.items() if question.wording > 1} == MENDED
    assert all(row["remark"] for row in rows if row["item"] in changed)


@pytest.mark.parametrize("name", sorted(MENDED))
def test_a_mended_item_keeps_its_old_text_beside_the_new(name: str) -> None:
    new, old = BANK[name], BANK[name].at(1)
    assert (old.wording, new.wording) == (1, 2)
    assert (old.stem, old.options) != (new.stem, new.options)
    assert old.codes == new.codes
    assert new.at(2) is new
    cells = [Cell(kind="options", model=MODEL, question=question) for question in (old, new)]
    assert len({cell_id(cell) for cell in cells}) == 2
    assert len({prepare(cell, "r").key for cell in cells}) == 2
    assert [wording_of(render(cell).version) for cell in cells] == [1, 2]


def test_god_is_asked_alike_in_both_languages() -> None:
    for name in ("Q164", "Q165"):
        assert "(or a god)" in BANK[name].stem.en
        assert "（或神）" in BANK[name].stem.zh
        assert "(or a god)" not in BANK[name].at(1).stem.en


def test_items_that_were_not_mended_have_one_text_in_all_editions() -> None:
    assert {name for name, question in at_edition(BANK, 1).items() if question is not BANK[name]} == MENDED


def forms(name: str, **more: object) -> tuple[Variant, ...]:
    spec = alignment.Spec.model_validate({"models": ["m"], **more})
    return alignment.forms(BANK[name], spec)


def test_a_ladder_is_put_by_number_and_letter_in_both_directions() -> None:
    found = forms("Q182")
    assert [(variant.labels, variant.order[0]) for variant in found] == [
        ("numbers", 0),
        ("numbers", 9),
        ("letters", 0),
        ("letters", 9),
    ]
    assert all(variant.order in both_directions(10) for variant in found)
    assert len(forms("Q171")) == len(forms("Q172")) == 4
    assert [len(forms(name)) for name in ("Q57", "Q6", "Q121")] == [2, 4, 5]
    assert len(forms("Q182", edition=1)) == 10
    assert len(forms("Q182", orders="scale")) == 1


def content(name: str, labels: str, direction: int, language: str = "en") -> str:
    question = BANK[name]
    order = both_directions(len(question.options))[direction]
    variant = Variant.model_validate({"language": language, "order": order, "labels": labels})
    cell = Cell(kind="options", model=MODEL, question=question, variant=variant, template="options-2")
    return render(cell).messages[0].content


def test_numbers_turn_the_meaning_round_and_not_themselves() -> None:
    up, down = content("Q182", "numbers", 0), content("Q182", "numbers", 1)
    assert "from 0 to 9, where 0 means it is never justifiable and 9 means it is always justifiable" in up
    assert "from 0 to 9, where 0 means it is always justifiable and 9 means it is never justifiable" in down
    assert "1 to 10" not in up + down
    assert "0表示任何情况下都正当，9表示任何情况下都不正当" in content("Q182", "numbers", 1, "zh")
    assert content("Q171", "numbers", 1).count("\n1. Never or practically never\n") == 1


def test_letters_print_a_ladder_from_either_end() -> None:
    lines = content("Q182", "letters", 1).splitlines()
    options = [line for line in lines if line[1:3] == ". "]
    assert (options[0], options[1], options[-1]) == ("A. 10 – always justifiable", "B. 9", "K. 1 – never justifiable")


def test_labels_and_codes_stand_in_printed_order() -> None:
    down = Variant(order=both_directions(10)[1], labels="numbers")
    cell = Cell(kind="options", model=MODEL, question=BANK["Q182"], variant=down, template="options-2")
    request = prepare(cell, "r").request
    assert request.labels == tuple("0123456789")  # type: ignore[union-attr]
    assert request.codes == tuple(range(10, 0, -1))  # type: ignore[union-attr]


def test_each_number_is_one_digit() -> None:
    assert number_labels(10) == tuple("0123456789")
    assert number_labels(7) == tuple("1234567")
    assert all(len(label) == 1 for k in range(2, 11) for label in number_labels(k))


DIGITS = [*"0123456789", *(f" {digit}" for digit in range(10)), *"０１２３４５６７８９"]


@pytest.mark.parametrize(
    "more", [[], ["10", " 10", "100", "12"], ["▁1", "1.", "10."]], ids=["split", "grouped", "marked"]
)
def test_number_labels_are_disjoint_however_a_vocabulary_writes_ten(more: list[str]) -> None:
    """Vocabularies that write each digit alone (SmolLM2, Qwen2, Gemma) and ones that hold "10" as one token."""
    tokenizer = Vocabulary(*DIGITS, *more)
    sets = label_token_ids(tokenizer, number_labels(10))
    assert len({token for ids in sets for token in ids}) == sum(map(len, sets))
    for label, ids in zip(number_labels(10), sets, strict=True):
        assert len(ids) >= 3
        assert {bare(tokenizer.decode([token])) for token in ids} == {label}


@pytest.mark.model
def test_the_built_in_model_writes_each_digit_as_one_token(builtin_model_dir: object) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(builtin_model_dir)
    assert len(tokenizer.encode("10", add_special_tokens=False)) == 2, "10 begins with the token of 1"
    sets = label_token_ids(tokenizer, number_labels(10))
    assert all(
        tokenizer.encode(label, add_special_tokens=False)[0] in ids
        for label, ids in zip("0123456789", sets, strict=True)
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [("7", 7), ("0", 0), ("Zero", 0), ("零", 0), ("My answer is 3.", 3), ("我选 9 分", 9), ("10", None), ("B", None)],
)
def test_a_written_number_is_read_as_the_rung_it_names(text: str, place: int | None) -> None:
    variant = Variant(labels="numbers", order=both_directions(10)[1])
    question = BANK["Q182"]
    assert parse_answer(text, labels_for(question, variant), printed_options(question, variant)).place == place


def test_numbered_options_are_found_in_a_prompt() -> None:
    cell = Cell(
        kind="options",
        model=MODEL,
        question=BANK["Q171"],
        variant=Variant(labels="numbers"),
        template="options-2",
    )
    found = printed_in(render(cell).messages, number_labels(7))
    assert found[0] == "1 More than once a week"
    assert parse_answer("7. Never", number_labels(7), found).place == 6


def test_the_version_of_a_prompt_tells_all_that_differs() -> None:
    cell = Cell(
        kind="options", model=MODEL, question=BANK["Q164"], variant=Variant(labels="numbers"), template="options-2"
    )
    version = render(cell).version
    assert version == "options-2/numbers/wording-2"
    assert (template_of(version), label_style_of(version), wording_of(version)) == ("options-2", "numbers", 2)
    assert (template_of("options-1"), label_style_of("options-1"), wording_of("options-1")) == (
        "options-1",
        "letters",
        1,
    )


def test_only_values_and_attitudes_are_asked_unless_one_says_otherwise() -> None:
    def ids(**more: object) -> set[str]:
        return {c.question.id for c in alignment.plan(spec(**more), WORLD) if c.question}

    def spec(**more: object) -> alignment.Spec:
        return alignment.Spec.model_validate({"models": ["m"], "text_check": False, **more})

    assert ids() == set(BANK) - NO_VALUES
    assert ids(kinds=KINDS) == set(BANK)
    assert ids(questions=["Q46", "Q3"]) == {"Q46", "Q3"}, "what is named is asked whatever its kind"
    groups = representation.Spec(models=("m",), countries=("CHN",), dimensions=("sex",))
    assert {c.question.id for c in representation.plan(groups, WORLD) if c.question} == set(BANK) - NO_VALUES
    assert [q.id for q in chosen_questions(WORLD, ("Q5", "Q46"))] == ["Q5", "Q46"]


def test_a_run_from_before_editions_keeps_its_plan() -> None:
    raw = {"models": ["m"], "questions": ["Q164", "Q21"], "text_check": False}
    head = b'{"schema_version": 1, "run_id": "old", "kind": "first_token", "created": "2026-11-01T00:00:00Z", "spec": '
    info = parse_info(head + b'{"models": ["m"], "questions": ["Q164", "Q21"], "text_check": false}}')
    assert info.spec["edition"] == 1
    old = alignment.plan(alignment.Spec.model_validate(info.spec), WORLD)
    assert len(old) == 10 + 2
    assert {render(cell).version for cell in old} == {"options-1"}
    assert old[0].question == BANK["Q164"].at(1)
    new = alignment.plan(alignment.Spec.model_validate(raw), WORLD)
    assert len(new) == 4 + 2
    assert not {cell_id(cell) for cell in old} & {cell_id(cell) for cell in new}


def test_citizens_see_a_ladder_upwards_or_downwards() -> None:
    def orders(edition: int) -> set[tuple[int, ...]]:
        spec = citizens.Spec.model_validate(
            {"models": ["m"], "countries": ["CHN"], "questions": ["Q182"], "respondents": 12, "edition": edition}
        )
        return {cell.variant.order for cell in citizens.plan(spec, WORLD)}

    assert orders(2) == set(both_directions(10))
    assert len(orders(1)) > 2


def test_the_provider_without_a_model_answers_a_scale_with_a_number() -> None:
    cell = Cell(
        kind="text", model=MODEL, question=BANK["Q182"], variant=Variant(labels="numbers"), template="options-2"
    )
    text = MockProvider().generate([prepare(cell, "r").request])[0].text  # type: ignore[list-item, union-attr]
    assert parse_answer(text, number_labels(10), number_labels(10)).place is not None


def test_a_typed_question_has_the_id_it_had() -> None:
    question = Question.model_validate(
        {
            "id": "own",
            "topic": "own",
            "short": {"en": "Tea", "zh": "茶"},
            "stem": {"en": "Tea?", "zh": "茶？"},
            "options": [{"code": n, "text": {"en": str(n), "zh": str(n)}} for n in (1, 2)],
            "scale": "ordinal",
            "polarity": 1,
        }
    )
    told = set(question.model_dump(mode="json"))
    assert told == {"id", "survey", "topic", "short", "stem", "options", "scale", "polarity", "note"}
    assert set(Variant().model_dump()) == {"language", "order", "paraphrase"}
    assert Persona().is_empty
