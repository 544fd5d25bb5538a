"""Prompts as a model is given them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.prompts.render import describe_persona, printed_order, render_question
from core.types import LABELS, LocalText, Option, Persona, Question, Variant, cyclic_orders


def question(k: int = 4) -> Question:
    return Question(
        id="own-1",
        topic="own",
        short=LocalText(en="Tea", zh="茶"),
        stem=LocalText(en="How often do you drink tea?", zh="您多久喝一次茶？"),
        options=tuple(Option(code=10 + i, text=LocalText(en=f"choice {i}", zh=f"选项{i}")) for i in range(k)),
        scale="ordinal",
        polarity=1,
    )


NOBODY, PLAIN = Persona(), Variant()


def content(persona: Persona = NOBODY, variant: Variant = PLAIN) -> str:
    prompt = render_question(question(), persona, variant)
    assert [m.role for m in prompt.messages] == ["user"]
    return prompt.messages[0].content


def test_options_are_lettered_in_printed_order():
    lines = content(variant=Variant(order=(2, 3, 0, 1))).splitlines()
    assert [line for line in lines if line[1:3] == ". "] == ["A. choice 2", "B. choice 3", "C. choice 0", "D. choice 1"]


def test_the_letter_i_is_never_a_label():
    assert "I" not in LABELS
    assert len(LABELS) == 10


def test_the_empty_persona_leaves_no_trace():
    assert describe_persona(Persona(), "en") == ""
    assert content().startswith("Question:")


def test_a_persona_is_told_in_the_prompt_language():
    persona = Persona(country="CHN", age="18-29", sex="female", education="higher")
    english, chinese = content(persona), content(persona, Variant(language="zh"))
    assert "Country: China" in english
    assert "between 18 and 29" in english
    assert "国家或地区：中国" in chinese
    assert "茶" in chinese
    assert "tea" not in chinese


def test_prompts_of_a_sweep_share_everything_before_the_options():
    texts = {content(Persona(country="CHN"), Variant(order=order)) for order in cyclic_orders(4)}
    assert len(texts) == 4
    assert len({text.split("A. ")[0] for text in texts}) == 1


def test_an_order_that_does_not_fit_is_refused():
    with pytest.raises(InputError):
        printed_order(question(), Variant(order=(0, 1)))


@given(st.integers(min_value=2, max_value=10))
def test_in_the_cyclic_orders_each_option_stands_once_in_each_place(k):
    orders = cyclic_orders(k)
    for place in range(k):
        assert sorted(order[place] for order in orders) == list(range(k))


@given(
    st.builds(
        Persona,
        country=st.sampled_from([None, "CHN", "USA"]),
        age=st.sampled_from([None, "18-29", "50+"]),
        sex=st.sampled_from([None, "male"]),
        education=st.sampled_from([None, "lower"]),
    )
)
def test_a_persona_comes_back_from_its_key(persona):
    assert Persona.from_key(persona.key) == persona
