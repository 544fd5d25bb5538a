"""Reading an option, a refusal or neither out of a written answer."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.parsing.answers import parse_answer
from core.types import LABELS

AGREE = ("Agree strongly", "Agree", "Disagree", "Strongly disagree")
YES_NO = ("Yes", "No")
LADDER = ("1 – never justifiable", *(str(n) for n in range(2, 10)), "10 – always justifiable")
TRUST = ("非常信任", "比较信任", "不太信任", "完全不信任")


def read(text: str, options: tuple[str, ...]) -> int | str:
    parsed = parse_answer(text, LABELS[: len(options)], options)
    return parsed.place if parsed.place is not None else parsed.outcome


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("B", AGREE, 1),
        (" B.", AGREE, 1),
        ("(C)", AGREE, 2),
        ("**D**", AGREE, 3),
        ("Ｂ", AGREE, 1),
        ("（Ａ）", AGREE, 0),
        ("A. Agree strongly", AGREE, 0),
        ("The answer is C.", AGREE, 2),
        ("I would choose option D because it is fair.", AGREE, 3),
        ("My answer: B) Agree", AGREE, 1),
        ("Disagree", AGREE, 2),
        ("Strongly disagree.", AGREE, 3),
        ("I think I disagree with this.", AGREE, 2),
        ("答案是B。", TRUST, 1),
        ("我选择C", TRUST, 2),
        ("选D。", TRUST, 3),
        ("我比较信任警察。", TRUST, 1),
        ("7", LADDER, 6),
        ("10/10", LADDER, 9),
        ("1", LADDER, 0),
        ("K", LADDER, 9),
        ("No", YES_NO, 1),
    ],
)
def test_an_answer_that_names_one_option_is_that_option(text, options, expected):
    assert read(text, options) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I cannot answer this question.",
        "As an AI, I do not have personal opinions.",
        "I'm sorry, but I prefer not to say.",
        "作为一个人工智能，我没有个人观点。",
        "抱歉，我无法回答这个问题。",
    ],
)
def test_a_refusal_is_a_refusal(text):
    assert read(text, AGREE) == "refusal"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", AGREE),
        ("   \n", AGREE),
        ("A person should decide for themselves.", AGREE),
        ("A. Agree strongly\nB. Agree\nC. Disagree\nD. Strongly disagree", AGREE),
        ("Either B. or C.", AGREE),
        ("Not sure.", YES_NO),
        ("Note that this is hard.", YES_NO),
        ("Nobody knows.", YES_NO),
        ("I like trains.", YES_NO),
        ("E", AGREE),
        ("I", LADDER),
        ("11", LADDER),
    ],
)
def test_what_names_no_option_or_several_is_invalid(text, options):
    assert read(text, options) == "invalid"


@given(st.text(max_size=300))
def test_any_text_is_read_without_error_and_never_as_an_option_that_is_not_there(text):
    found = read(text, AGREE)
    assert found in (0, 1, 2, 3, "refusal", "invalid")


@given(
    st.sampled_from(LABELS[:4]), st.sampled_from(["{}", "{}.", "({})", "**{}**", "Answer: {}", "答案：{}", "我选{}"])
)
def test_a_letter_is_read_in_every_usual_form(label, form):
    assert read(form.format(label), AGREE) == LABELS.index(label)


IMPORTANT = ("Very important", "Rather important", "Not very important", "Not at all important")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[THINK]Maybe A[/THINK]\nB", 1),
        (
            "<|channel|>analysis<|message|>Perhaps A is right<|end|><|start|>assistant<|channel|>final<|message|>B",
            1,
        ),
        ("<|channel|>analysis<|message|>Answer A, perhaps", "invalid"),
        ("<seed:think>A fits</seed:think>B", 1),
        ("<|begin_of_thought|>A?<|end_of_thought|>B", 1),
        ("A, B and C", "invalid"),
        ("Answer: A, C", "invalid"),
        ("答案：A、C", "invalid"),
        ("答案：A，C", "invalid"),
        ("ANSWER: b", 1),
        ("option b", 1),
        (r"$\\boxed{\\text{B}}$", 1),
        (r"$\boxed{\text{B}}$", 1),
        ("[Analysis] A is strong. [Answer] B", 1),
        ("【分析】A太强。【答案】B", 1),
        ("Thinking...\nA?\n...done thinking.\n\nB", 1),
        ("Answer: B\nA: too strong\nC: too weak", 1),
        ("The options are: A. Very important", "invalid"),
    ],
)
def test_thoughts_lists_and_lower_case_letters(text, expected):
    assert read(text, IMPORTANT) == expected


@pytest.mark.parametrize(
    "piece", ["<think>", "[THINK", "A, ", "<|channel|>", "\\boxed{", "<answer>", "A or ", "options: A. x\n", "<b>", "{"]
)
def test_a_long_answer_of_one_piece_is_read_in_little_time(piece):
    begun = time.process_time()
    read(piece * 3000, IMPORTANT)
    assert time.process_time() - begun < 10  # minutes where the time grows with the square of the length
