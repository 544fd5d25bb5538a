"""Models side by side are compared on what all of them answered, and what is left aside is told."""

import pandas as pd
import pytest

from core.audits.alignment.floor import floor_draws
from core.audits.alignment.frames import matrix
from core.audits.alignment.scores import question_scores, shared_questions
from core.audits.alignment.traits import comparable, not_comparable
from core.audits.alignment.traits import left_aside as traits_left_aside
from core.audits.representation import together
from core.audits.representation.together import Panel, left_aside, measure_together
from core.audits.shared import shared_items
from core.audits.stability.scores import score
from core.findings.compare import left_aside as items_left_aside
from core.findings.compare import questions_aside
from core.surveys.dilemmas import load_dilemmas
from core.surveys.wvs7 import load
from core.types import Persona, Reference
from tests.unit.audit_child import mock_model

NOBODY, CHINA = Persona().key, Persona(country="CHN").key


@pytest.fixture(scope="module")
def survey():
    return load()


@pytest.fixture(scope="module")
def asked(survey):
    """Questions that people of China and of the USA answered, group by group."""

    def exact(name, place):
        found = survey.reference(name, Persona(country=place, sex="female"))
        return isinstance(found, Reference) and found.matched == "exact"

    return [name for name in survey.questions() if exact(name, "CHN") and exact(name, "USA")]


def like(survey, names, place="CHN", key=NOBODY):
    """A model that answers ``names`` as people of ``place``."""
    return {(key, name): survey.reference(name, Persona(country=place)).shares for name in names}


def test_one_with_few_items_takes_nothing_from_the_others():
    found = shared_items({"a": set("pqrstu"), "b": set("pqrs"), "few": {"p"}})
    assert (found.items, found.apart) == (frozenset("pqrs"), {"few"})
    assert found.aside == {"a": 2, "b": 0, "few": 0}
    assert (found.kept("few", {"p"}), found.kept("a", "pqrstu")) == ({"p"}, frozenset("pqrs"))
    assert shared_items({"a": {"p"}, "b": {"q"}}).apart == {"a", "b"}
    assert shared_items({}) == (frozenset(), frozenset(), {})


def test_two_models_stand_beside_each_other_on_the_questions_that_both_answered(survey, asked):
    """The longer model answers one more battery; on the pages it was compared on all of its own questions."""
    some = asked[: 3 * len(asked) // 4]
    panels = {
        "long": Panel(like(survey, asked, "USA"), "CHN"),
        "short": Panel(like(survey, some, "USA"), "CHN"),
    }
    found = measure_together(panels, survey)
    for name in ("groups", "questions"):
        # Both answer alike, so on the same questions every figure is the same.
        pd.testing.assert_frame_equal(found.frames["long"][name], found.frames["short"][name])
    told = left_aside(found.sets, "none")
    assert dict(zip(told["panel"], told["aside"], strict=True)) == {"long": len(asked) - len(some)}
    assert told["comparable"].all()


def test_a_panel_on_the_same_questions_is_not_measured_again(survey, asked, monkeypatch):
    alone = {"here": Panel(like(survey, asked), "CHN")}
    measured = {}
    first = measure_together(alone, survey, measured=measured)
    seen = []
    measure_panels = together.measure_panels

    def watched(panels, *given):
        seen.append(sorted(panels))
        return measure_panels(panels, *given)

    monkeypatch.setattr(together, "measure_panels", watched)
    beside = alone | {"there": Panel(like(survey, asked), "USA")}
    found = measure_together(beside, survey, measured=measured)
    assert found.frames["here"] is first.frames["here"]
    assert found.used["here"] == first.used["here"]
    afresh = measure_together(beside, survey)
    for name, frame in afresh.frames["there"].items():
        pd.testing.assert_frame_equal(found.frames["there"][name], frame)
    # Beside a country that lacks a question the first one loses it too, so its figures are others.
    fewer = measure_together(alone | {"there": Panel(like(survey, asked[:-1]), "USA")}, survey, measured=measured)
    assert fewer.used["here"] != first.used["here"]
    assert set(fewer.frames["here"]["questions"]["question_id"]) == set(asked[:-1])
    assert seen == [["there"], ["here", "there"], ["here", "there"]]


def test_two_countries_and_a_model_with_hardly_any_question(survey, asked):
    panels = {
        (model, place): Panel(like(survey, names), place)
        for model, names in (("whole", asked), ("few", asked[:3]))
        for place in ("CHN", "USA")
    }
    found = measure_together(panels, survey)
    used = {key: set(frames["questions"]["question_id"]) for key, frames in found.frames.items()}
    assert used["whole", "CHN"] == used["whole", "USA"] == set(asked)
    told = left_aside(found.sets, "none").set_index("panel")
    assert list(told.index) == [("few", "CHN"), ("few", "USA")]
    assert not told["comparable"].any()
    assert told["aside"].tolist() == [0, 0]


def test_the_matrix_names_cells_that_rest_on_questions_of_their_own(survey, asked):
    some = asked[: 2 * len(asked) // 3]
    answers = {
        name: like(survey, names, key=CHINA) for name, names in (("long", asked), ("short", some), ("few", asked[:2]))
    }
    scores = question_scores(answers, survey, ["CHN"])
    shown = matrix(scores, floor_draws(scores, survey)).set_index("model_id")
    assert shown["questions"].to_dict() == {"long": len(some), "short": len(some), "few": 2}
    assert shown["comparable"].to_dict() == {"long": True, "short": True, "few": False}
    aside = shared_questions(scores).aside
    assert aside == {("long", "CHN"): len(asked) - len(some), ("short", "CHN"): 0, ("few", "CHN"): 0}
    both = scores[scores["question_id"].isin(some)]
    assert traits_left_aside(scores, both) == {"long": len(asked) - len(some), "short": 0, "few": 0}


def test_a_model_of_few_countries_leaves_the_others_theirs_under_a_trait(survey, asked):
    """Gemma, asked as two countries, left models that were asked as eight only two of them."""
    places = ["CHN", "USA", "BRA", "IND", "JPN"]

    def known(name):
        return all(isinstance(survey.reference(name, Persona(country=place)), Reference) for place in places)

    names = [name for name in asked if known(name)]

    def asked_as(countries):
        parts = [like(survey, names, place, Persona(country=place).key) for place in countries]
        return {key: value for part in parts for key, value in part.items()}

    def model(name, size):
        return mock_model(name).model_copy(update={"parameters": size})

    models = {name: model(name, size) for name, size in (("wide", 1), ("also", 2), ("narrow", 3))}
    answers = {"wide": asked_as(places), "also": asked_as(places), "narrow": asked_as(places[:2])}
    scores = question_scores(answers, survey, places)
    found = comparable(scores, models, "parameters")
    assert set(found["country"]) == set(places)
    assert set(found["model_id"]) == {"wide", "also"}
    assert found.groupby("model_id")["question_id"].nunique().nunique() == 1
    assert not_comparable(scores, models, "parameters") == ("narrow",)
    assert set(found["trait"]) == {1, 2}


def test_compared_sides_tell_how_many_items_are_paired_nowhere():
    rows = [("x", side, item, item, 0.1, 0.2) for side, items in (("a", "pqr"), ("b", "pq")) for item in items]
    rows += [("y", "a", "r", "r", 0.1, 0.2), ("z", "a", "s", "s", 0.1, 0.2), ("z", "b", "t", "t", 0.1, 0.2)]
    items = pd.DataFrame(rows, columns=["place", "side", "item", "battery", "value", "base"]).assign(others=0.0)
    # r is compared in y, where b has no item at all.
    assert items_left_aside(items, ["a", "b"]) == {"a": 1, "b": 1}
    answers = {"a": {(NOBODY, "p"): (1.0,), (NOBODY, "q"): (1.0,), (CHINA, "r"): (1.0,)}, "b": {(NOBODY, "p"): (1.0,)}}
    assert questions_aside(answers, NOBODY) == {"a": 1, "b": 0}


def test_two_models_are_steady_or_not_in_the_variants_in_which_both_chose():
    """Both turn in the same half of the dilemmas; one chose nothing in a part of those where neither turns."""
    corpus = dict(list(load_dilemmas().items())[:8])
    rows = [
        row(model, dilemma, first, paraphrase, number)
        for model in ("whole", "part")
        for number, dilemma in enumerate(corpus)
        for first in (1, 2)
        for paraphrase in (0, 1)
    ]
    frame = pd.DataFrame(rows)
    alone = turning(score(frame, corpus))
    assert alone["part"] > alone["whole"]
    together = score(frame, corpus, together=["whole", "part"])
    beside = turning(together)
    assert beside["part"] == beside["whole"] == alone["part"]
    told = together["shared"].set_index("model_id")
    # Two variants, plain and in other words, of the two dilemmas.
    assert told["aside"].to_dict() == {"whole": 4, "part": 0}
    assert told["variants"].to_dict() == {"whole": 12, "part": 12}
    assert set(together["readings"]["dilemma"]) == set(corpus)


def turning(frames):
    axes = frames["axes"]
    return axes[(axes["axis"] == "again") & (axes["group"] == "all")].set_index("model_id")["excess"].to_dict()


def row(model, dilemma, first, paraphrase, number):
    turns = paraphrase and number % 2
    silent = model == "part" and number in (0, 2)
    share = 0.1 if turns else 0.9
    mass = (share, 1 - share) if first == 1 else (1 - share, share)
    return {
        "kind": "options",
        "outcome": "option",
        "model_id": model,
        "question_id": dilemma,
        "question_json": None,
        "language": "en",
        "codes": (first, 3 - first),
        "mass": tuple(0.1 * m for m in mass) if silent else mass,
        "n": None,
        "method": "full",
        "run_id": "r",
        "cell_id": f"{model}{dilemma}{first}{paraphrase}",
        "tag": "",
        "paraphrase": paraphrase,
    }
