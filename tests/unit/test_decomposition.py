"""What moves an answer, how far formats disagree, and averages over orders: on answers whose make-up is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.audits.alignment.decomposition import PARTS, decomposition
from core.audits.alignment.formats import FORMATS, format_answers, format_disagreement, format_summary
from core.audits.option_table import newest, option_table
from core.settings import DATA
from core.stats.decomposition import shares_of, sums_of_squares
from core.store import RunFolder, Store
from core.store.index.readings import ReadingFilter
from core.surveys import SURVEYS
from core.surveys.coverage import common_items, on_common_items
from core.surveys.questions import load_questions
from core.types import Persona, cyclic_orders
from tests.unit.store_rows import info, row

BANK = load_questions(DATA / "questions" / "wvs7.toml")


def centred(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Effects that sum to zero over every axis, the options among them."""
    effect = rng.normal(size=shape)
    for axis in range(effect.ndim):
        effect = effect - effect.mean(axis=axis, keepdims=True)
    return effect


def test_planted_components_come_back() -> None:
    rng = np.random.default_rng(1)
    shape = {"order": 4, "language": 2, "persona": 3}
    k, factors = 4, tuple(shape)
    content = centred(rng, k)
    main = {name: centred(rng, n, k) for name, n in shape.items()}
    both = centred(rng, 4, 2, k)
    three = centred(rng, 4, 2, 3, k)
    answers = (
        1 / k
        + content
        + main["order"][:, None, None]
        + main["language"][None, :, None]
        + main["persona"][None, None, :]
        + both[:, :, None]
        + three
    )
    cells = 4 * 2 * 3
    wanted = {
        "content": (content**2).sum() * cells,
        **{name: (effect**2).sum() * cells / shape[name] for name, effect in main.items()},
        "order x language": (both**2).sum() * cells / 8,
        "rest": (three**2).sum(),
    }
    found = sums_of_squares(answers, factors, [("order", "language")])
    assert found == pytest.approx(wanted)
    assert sum(found.values()) == pytest.approx(((answers - 1 / k) ** 2).sum())
    shares = shares_of([found, found])
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["content"] == pytest.approx(wanted["content"] / sum(wanted.values()))


def test_an_even_guess_has_no_parts() -> None:
    parts = sums_of_squares(np.full((2, 2, 3), 1 / 3), ("order", "language"))
    assert all(np.isnan(share) for share in shares_of([parts]).values())
    with pytest.raises(ValueError, match="axis"):
        sums_of_squares(np.ones((2, 2)), ("order", "language"))


PLACE = np.array([2.0, 0.5, -0.5, -1.0])
CONTENT = np.array([0.1, 0.2, 0.3, 0.4])


def printed_rows(logit_of, questions=("Q6",), languages=("en", "zh"), personas=("|||", "CHN|||")) -> pd.DataFrame:
    """Rows as the store gives them, of all rotations; ``logit_of`` takes place effect free arguments."""
    rows = []
    for name in questions:
        codes = BANK[name].codes
        for language in languages:
            for persona in personas:
                for order in cyclic_orders(len(codes)):
                    logits = logit_of(name, language, persona)[list(order)]
                    logits = logits + (PLACE[: len(codes)] if name in placed else 0)
                    mass = np.exp(logits) / np.exp(logits).sum() * 0.8
                    printed = tuple(codes[place] for place in order)
                    rows.append(
                        ("m", name, persona, language, "options-1", 1, "letters", printed, tuple(mass), 0, "full")
                    )
    names = [
        "model_id",
        "question_id",
        "persona",
        "language",
        "template",
        "wording",
        "labels",
        "codes",
        "mass",
        "created",
        "method",
    ]
    return pd.DataFrame(rows, columns=names)


placed: set[str] = set()


def part(frame: pd.DataFrame, name: str) -> float:
    return float(frame.set_index("part").loc[name, "share"])


def test_a_model_that_reads_the_question_is_all_content_and_a_place_biased_one_all_order() -> None:
    placed.clear()
    reader = decomposition(printed_rows(lambda *_: np.log(CONTENT)), BANK)
    assert list(reader["part"]) == list(PARTS)
    assert part(reader, "content") == pytest.approx(1)
    assert (reader["questions"].iat[0], reader["answers"].iat[0], reader["left_out"].iat[0]) == (1, 16, 0)
    placed.add("Q6")
    biased = decomposition(printed_rows(lambda *_: np.zeros(4)), BANK)
    assert part(biased, "order") == pytest.approx(1)
    assert part(biased, "content") == pytest.approx(0, abs=1e-12)


def test_a_model_that_flips_by_language_or_by_person_is_told_apart() -> None:
    placed.clear()
    by_language = printed_rows(lambda _, language, __: np.log(CONTENT if language == "en" else CONTENT[::-1]))
    assert part(decomposition(by_language, BANK), "language") == pytest.approx(1)
    by_person = printed_rows(lambda _, __, person: np.log(CONTENT if person == "|||" else CONTENT[::-1]))
    assert part(decomposition(by_person, BANK), "persona") == pytest.approx(1)


def test_answers_outside_of_a_full_grid_are_counted() -> None:
    placed.clear()
    rows = printed_rows(lambda *_: np.log(CONTENT))
    extra = printed_rows(lambda *_: np.log(CONTENT), languages=("en",), personas=("USA|||",))
    found = decomposition(pd.concat([rows, extra], ignore_index=True), BANK)
    assert (found["answers"].iat[0], found["left_out"].iat[0]) == (16, 4)


def ladder_rows(mean_of) -> pd.DataFrame:
    """One ladder in four formats; ``mean_of`` gives the rung (0..9 of the scale) that a format answers with."""
    codes, rows = BANK["Q182"].codes, []
    for labels in ("numbers", "letters"):
        for direction, printed in (("up", codes), ("down", codes[::-1])):
            rung = mean_of(labels, direction)
            mass = tuple(0.9 if code == codes[rung] else 0.0 for code in printed)
            rows.append(("m", "Q182", "|||", "en", "options-2", 1, labels, printed, mass, 0, "full"))
    names = [
        "model_id",
        "question_id",
        "persona",
        "language",
        "template",
        "wording",
        "labels",
        "codes",
        "mass",
        "created",
        "method",
    ]
    return pd.DataFrame(rows, columns=names)


def test_formats_agree_for_a_reader_and_not_for_one_who_answers_by_the_place() -> None:
    reader = format_disagreement(format_answers(ladder_rows(lambda *_: 3), BANK))
    assert reader[list(FORMATS)].to_numpy() == pytest.approx(np.full((1, 4), 3 / 9))
    assert reader["spread"].iat[0] == pytest.approx(0)
    blind = format_answers(ladder_rows(lambda _, direction: 0 if direction == "up" else 9), BANK)
    summary = format_summary(format_disagreement(blind), BANK)
    assert (summary["spread"].iat[0], summary["questions"].iat[0]) == (1, 1)
    assert format_disagreement(blind[blind["format"] != "letters_up"]).empty, "all four are needed"


def test_rotated_orders_are_no_format() -> None:
    rows = ladder_rows(lambda *_: 3)
    codes = BANK["Q182"].codes
    rows.at[2, "codes"] = (*codes[1:], codes[0])
    assert set(format_answers(rows, BANK)["format"]) == set(FORMATS) - {"letters_up"}


@pytest.fixture
def store(tmp_path):
    """All rotations of Q6 by a model with a known content answer and a known effect of the place."""
    codes = BANK["Q6"].codes
    rows = []
    for n, order in enumerate(cyclic_orders(4)):
        odds = CONTENT[list(order)] * np.exp(PLACE)
        printed = {"codes": tuple(codes[place] for place in order), "mass": tuple(odds / odds.sum() * 0.9)}
        common = {"question_id": "Q6", "model_id": "m", "country": None, "sex": None, "prompt_version": "options-1"}
        rows.append(row(n, "run-a", survey="wvs7", language="en", **common, **printed))
    with RunFolder.create(tmp_path, info("run-a")) as folder:
        folder.append(rows)
    return Store(tmp_path)


def test_in_log_space_the_content_answer_comes_back_exactly(store) -> None:
    log = option_table(store, BANK, average="log")["probabilities"].iat[0]
    assert log == pytest.approx(CONTENT)
    plain = option_table(store, BANK)["probabilities"].iat[0]
    assert sum(plain) == pytest.approx(1)
    assert 0.5 * np.abs(np.array(plain) - CONTENT).sum() > 0.02, "the mean of probabilities is flatter"


def test_readings_of_two_templates_and_wordings_stay_apart(tmp_path) -> None:
    codes = BANK["Q182"].codes
    common = {"question_id": "Q182", "model_id": "m", "country": None, "sex": None, "survey": "wvs7", "language": "en"}
    versions = ["options-1", "options-2", "options-2/numbers", "options-2/wording-2", "options-2/numbers/wording-2"]
    rows = [
        row(n, "run-a", **common, prompt_version=version, codes=codes, mass=tuple([0.1 * (n == 0) + 0.01] * 10))
        for n, version in enumerate(versions)
    ]
    with RunFolder.create(tmp_path, info("run-a")) as folder:
        folder.append(rows)
    store = Store(tmp_path)
    every = option_table(store, BANK, every_template=True)
    found = every.set_index(["template", "wording"])["orders"].to_dict()
    assert found == {("options-1", 1): 1, ("options-2", 1): 2, ("options-2", 2): 2}
    one = option_table(store, BANK)
    assert one[["template", "wording"]].to_numpy().tolist() == [["options-2", 2]]
    assert len(store.printed()) == 5
    assert set(store.printed(ReadingFilter(question_ids=("Q182",), told=("none",)))["labels"]) == {"letters", "numbers"}
    assert store.printed(ReadingFilter(told=("country",))).empty


def test_the_newest_template_is_told_by_its_number() -> None:
    frame = pd.DataFrame(
        {
            "model_id": "m",
            "question_id": "Q1",
            "persona": "|||",
            "language": "en",
            "template": ["options-2", "options-10"],
            "wording": 1,
            "created": [1, 0],
        }
    )
    assert newest(frame)["template"].tolist() == ["options-10"]


def test_common_items_are_those_that_all_have() -> None:
    survey = SURVEYS["wvs7"]()
    both = common_items(survey, ["CHN", "IND"])
    assert set(both) < set(common_items(survey, ["CHN"])) == set(survey.questions())
    assert "Q3" not in both
    assert survey.reference("Q3", Persona(country="IND")).reason == "not_asked"  # type: ignore[union-attr]
    scores = pd.DataFrame(
        {"model_id": list("aabb"), "country": "CHN", "question_id": ["Q1", "Q2", "Q2", "Q3"], "distance": 0.1}
    )
    assert on_common_items(scores)["question_id"].tolist() == ["Q2", "Q2"]
    assert on_common_items(scores[:0]).empty
