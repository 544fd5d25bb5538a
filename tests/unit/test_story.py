"""The figures of the five slides."""

import pandas as pd
import pytest

from core.findings.story import PUBLICS, asked, lean, moved
from core.surveys import every_survey
from core.surveys.published import positions
from core.types import Persona


def test_the_question_is_shown_as_both_publics_answered_it():
    found = asked(every_survey())
    assert list(dict.fromkeys(found.people["country"])) == list(PUBLICS)
    for country, mean in zip(PUBLICS, (found.china, found.usa), strict=True):
        mine = found.people[found.people["country"] == country]
        assert mine["share"].sum() == pytest.approx(1)
        assert mine["code"] @ mine["share"] == pytest.approx(mean, abs=0.01)


def test_a_public_that_was_not_asked_is_an_error_and_no_empty_slide():
    class Nobody:
        def reference(self, question_id, persona):
            return every_survey().reference(question_id, Persona(country="ISL"))

    with pytest.raises(LookupError, match="CHN was not asked Q185"):
        asked(Nobody())


def test_the_coin_leans_to_the_usa_and_the_slide_says_how_many_lean_less():
    found = lean()
    leans = positions()["lean"].dropna()
    assert found.middle > 0  # what the slide says of it
    assert found.measured == len(leans)
    assert found.less == int((leans < found.middle).sum())
    assert found.clear_china <= found.clear <= found.to_usa <= found.measured


def test_what_moves_answers_comes_in_three_parts_that_sum_to_one_best_first():
    parts = {
        "content": 0.1,
        "order": 0.4,
        "format": 0.1,
        "language": 0.05,
        "persona": 0.0,
        "order x language": 0.2,
        "rest": 0.15,
    }
    other = parts | {"content": 0.3, "order": 0.2}
    rows = [("a", name, share) for name, share in parts.items()] + [("b", name, share) for name, share in other.items()]
    found = moved(pd.DataFrame(rows, columns=["model_id", "part", "share"]))
    assert list(found["model_id"]) == ["b", "a"]
    assert found[["question", "asked", "both"]].sum(axis=1).tolist() == pytest.approx([1, 1])
    assert found.set_index("model_id").loc["a", "asked"] == pytest.approx(0.55)
    assert found.set_index("model_id").loc["a", "both"] == pytest.approx(0.35)
