"""What moves answers, how far formats disagree, how large a place effect is: figures with intervals, words by rule."""

import warnings

import numpy as np
import pandas as pd
import pytest

from core import i18n
from core.audits.stability.decomposition import PARTS
from core.audits.stability.waves import drift
from core.findings.moving import formats_words, moving, moving_dilemmas, moving_words
from core.findings.wording import STANDS_OUT, Figure, place_words
from core.settings import DATA
from core.stats.decomposition import share_intervals, shares_of
from core.surveys.dilemmas import load_dilemmas
from core.surveys.questions import load_questions
from core.types import both_directions, cyclic_orders
from tests.unit.store_rows import START

BANK = load_questions(DATA / "questions" / "wvs7.toml")
ASKED = [name for name, q in BANK.items() if not q.is_ladder][:10] + [n for n, q in BANK.items() if q.is_ladder][:20]
CORPUS = dict(list(load_dilemmas().items())[:12])
T = i18n.texts("en")
NAMES = {"model": "M", "language": "English"}


def softmax(logits):
    odds = np.exp(np.asarray(logits) - np.max(logits))
    return odds / odds.sum()


def printed_of(model, content, place, names=ASKED):
    """Rows of a store: the logits of the model add ``content`` per option and ``place`` per printed place."""
    rows = []
    for name in names:
        question = BANK[name]
        k = len(question.codes)
        ways = [("letters", order) for order in cyclic_orders(k)]
        if question.is_ladder:
            ways = [(style, order) for style in ("numbers", "letters") for order in both_directions(k)]
        for language in ("en", "zh"):
            for style, order in ways:
                logits = content(name, k)[list(order)] + place * -np.arange(k)
                codes = tuple(question.codes[at] for at in order)
                head = (model, name, "|||", language, "options-2", 1)
                rows.append((*head, style, codes, tuple(0.9 * softmax(logits)), START, "full"))
    keys = ("model_id", "question_id", "persona", "language", "template", "wording", "labels", "codes", "mass")
    return pd.DataFrame(rows, columns=[*keys, "created", "method"])


def reads(name, k):
    return np.random.default_rng(sum(map(ord, name))).normal(0, 1.5, k)


def nothing(name, k):
    return np.zeros(k)


def test_shares_have_intervals_that_hold_them_and_a_lead_of_its_own():
    rng = np.random.default_rng(3)
    parts = [{"content": float(a), "order": float(b), "rest": 1.0} for a, b in rng.gamma(2, 1, (40, 2))]
    found = share_intervals(parts, [f"b{i // 4}" for i in range(40)], "order")
    whole = shares_of(parts)
    assert found.mean == pytest.approx([whole[name] for name in found.names])
    assert (found.low < found.mean).all()
    assert (found.mean < found.high).all()
    assert found.lead.mean == pytest.approx(whole["content"] - whole["order"])
    assert found.lead.low < found.lead.mean < found.lead.high
    assert np.isnan(share_intervals([{"content": 0.0, "order": 0.0}], None, "order").mean).all()
    assert share_intervals([]).names == ()


def test_a_reader_and_a_model_that_takes_the_first_place_are_told_apart_by_parts_and_formats():
    printed = pd.concat([printed_of("reader", reads, 0.0), printed_of("placed", nothing, 1.0)], ignore_index=True)
    found = moving(printed, BANK)
    shares = found.parts.set_index(["model_id", "part"])
    # Twenty of the thirty questions are ladders, which are printed upwards and downwards only.
    assert shares.loc[("placed", "content"), "share"] == pytest.approx(0, abs=1e-9)
    assert shares.loc[("reader", "content"), "share"] == pytest.approx(1)
    assert shares.loc[("placed", "order"), "low"] > 0.9
    assert "moves the answers of R more than the place" in moving_words(T, found.parts, "reader", "R")
    assert "place of an option in the list moves the answers of P more" in moving_words(T, found.parts, "placed", "P")
    assert all("The formats agree" in line for line in formats_words(T, found.formats, "reader", "R"))
    assert all("in part how it was asked" in line for line in formats_words(T, found.formats, "placed", "P"))
    assert moving_words(T, found.parts, "absent", "A") == ""
    assert formats_words(T, found.formats, "absent", "A") == []


def test_two_models_are_split_up_on_the_questions_that_both_have():
    printed = pd.concat([printed_of("long", reads, 0.5), printed_of("short", reads, 0.5, ASKED[:20])])
    found = moving(printed, BANK)
    shares = found.parts.pivot(index="part", columns="model_id", values="share")
    assert shares["long"].to_numpy() == pytest.approx(shares["short"].to_numpy())
    assert found.shared.aside == {"long": 10, "short": 0}
    assert moving(printed.iloc[:0], BANK).parts.empty


def readings_of(p_of):
    """Readings of dilemmas; ``p_of`` gives p(a) from the dilemma's number, what is printed first, wording, language."""
    rows = []
    for number, (name, dilemma) in enumerate(CORPUS.items()):
        for first in ("a", "b"):
            for wording in ("base", "paraphrase:1", "paraphrase:2"):
                for language in ("en", "zh"):
                    p, mass = p_of(number, first, wording, language)
                    axis = wording.partition(":")[0]
                    step = wording.partition(":")[2]
                    facts = (dilemma.domain, dilemma.ambiguity, dilemma.worse, dilemma.value_a, dilemma.value_b)
                    head = ("m", name, language, first, axis, step, wording, p, mass, np.nan, "full", "r", "c")
                    rows.append((*head, *facts))
    names = ["model_id", "dilemma", "language", "first", "axis", "step", "variant", "p", "valid_mass", "n", "method"]
    facts = ["domain", "ambiguity", "worse", "value_a", "value_b"]
    return pd.DataFrame(rows, columns=[*names, "run_id", "cell_id", *facts])


@pytest.mark.parametrize(
    ("p_of", "part"),
    [
        (lambda n, first, wording, language: (0.9 if n % 2 else 0.2, 0.9), "content"),
        (lambda n, first, wording, language: (0.8 if first == "a" else 0.2, 0.9), "order"),
        (lambda n, first, wording, language: ({"base": 0.9, "paraphrase:1": 0.5}.get(wording, 0.1), 0.9), "wording"),
        (lambda n, first, wording, language: (0.9 if language == "en" else 0.1, 0.9), "language"),
    ],
)
def test_what_moves_choices_in_dilemmas_is_found(p_of, part):
    found = moving_dilemmas(readings_of(p_of), ["m"]).set_index("part")
    assert list(found.index) == list(PARTS)
    assert found.loc[part, "share"] == pytest.approx(1)
    assert (found["questions"].iloc[0], found["answers"].iloc[0], found["left_out"].iloc[0]) == (12, 144, 0)


def test_readings_that_chose_nothing_are_left_out_of_what_moves_choices_and_counted():
    silent = readings_of(lambda n, first, wording, language: (0.9, 0.1 if language == "zh" else 0.9))
    found = moving_dilemmas(silent, ["m"])
    assert (found["answers"].iloc[0], found["left_out"].iloc[0]) == (72, 72)
    assert moving_dilemmas(silent.assign(valid_mass=0.1), ["m"]).empty


@pytest.mark.parametrize(
    ("figure", "said", "unsaid"),
    [
        ((0.0345, 0.0299, 0.0390), "sure but small, less than 5 points", "go over"),
        (
            (0.21, 0.19, 0.23),
            "printed **first** in 71% [69%, 73%] of answers; 50 % would be fair. With the list",
            "small",
        ),
        ((-0.21, -0.23, -0.19), "42% [38%, 46%] of its answers go over", "small"),
        ((0.001, -0.01, 0.012), "of 5 points or more is ruled out", "go over"),
        ((0.04, -0.02, 0.10), "no preference for a place can be told", "ruled out."),
        ((0.3, np.nan, np.nan), "no preference for a place can be told", "go over"),
    ],
)
def test_a_place_effect_is_called_as_large_as_it_is(figure, said, unsaid):
    """53 % where 50 % is fair was said to be “a good part of what looks like a choice”."""
    text = place_words(T, NAMES, Figure(*figure, least=STANDS_OUT))
    assert said in text
    assert unsaid not in text


def test_waves_of_even_odds_have_no_choice_that_could_change():
    rows = [
        {
            **{"run_id": run, "kind": "options", "outcome": "option", "model_id": "m", "model_revision": "1"},
            **{"question_id": name, "question_json": None, "language": "en", "codes": codes, "mass": (0.5, 0.5)},
            **{"n": None, "method": "full", "cell_id": "c", "tag": "", "paraphrase": 0},
        }
        for run in ("one", "two")
        for name in list(CORPUS)[:3]
        for codes in ((1, 2), (2, 1))
    ]
    waves = pd.DataFrame({"run_id": ["one", "two"], "created": [START, START]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = drift(pd.DataFrame(rows), waves, CORPUS)
    assert found["moved"].tolist() == [0]
    assert np.isnan(found["changed"].iloc[0])


def test_answers_read_otherwise_than_most_are_in_no_share_and_in_no_format_and_are_counted():
    """Sampled answers to one order beside direct readings of the others looked like an effect of the order."""
    whole = printed_of("m", reads, 0.0)
    first = [codes == BANK[name].codes for name, codes in zip(whole["question_id"], whole["codes"], strict=True)]
    some = whole["question_id"].isin(ASKED[:3]) & pd.Series(first)
    counted = [tuple(0.9 * np.eye(len(mass))[int(np.argmax(mass))]) for mass in whole["mass"]]
    masses = [one if odd else mass for one, mass, odd in zip(counted, whole["mass"], some, strict=True)]
    mixed = whole.assign(mass=masses, method=np.where(some, "sampled", "full"))
    found = moving(mixed, BANK)
    parts = found.parts.set_index("part")
    assert parts["share"]["content"] == pytest.approx(1)
    assert parts["left_out"].iloc[0] == some.sum()
