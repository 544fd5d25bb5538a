"""The ranked list of models, and what a model's card says that its figures cannot tell."""

import numpy as np
import pandas as pd
import pytest

from core.findings.card import LIMITS, Facts, facts_of, limits_of, measured
from core.findings.world import EVEN, OTHERS, Fields, about, clearly_nearer, rankable, ranked_models
from core.store import Store
from core.store.files.run_info import RunInfo
from core.store.index.scopes import ALL, scope_of
from tests.unit.store_rows import START, row

AUDITS = ("alignment", "stability")


def fields(near=0.1, far=0.4, even=0.3, others=0.2):
    """Two models, six questions in three batteries, two places; the second place is as far again."""
    wobble = np.linspace(-0.02, 0.02, 6)[:, None] * np.ones((6, 2))
    scale = np.array([1.0, 2.0])
    distance = np.array([(near + wobble) * scale, (far + wobble) * scale])
    names = tuple(f"Q{i}" for i in range(6))
    return Fields(
        ("near", "far"),
        names,
        ("AAA", "BBB"),
        ("x", "x", "y", "y", "z", "z"),
        distance,
        np.full((6, 2), even) * scale,
        np.full((6, 2), others) * scale,
    )


def test_the_baselines_stand_in_the_list_at_their_place():
    table = ranked_models(fields(), "AAA")
    assert list(table["name"]) == ["near", OTHERS, EVEN, "far"]
    assert list(table["rank"]) == [1, 2, 3, 4]
    assert (table["rank_low"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_high"]).all()


def test_over_all_places_each_counts_the_same():
    one, other, both = (ranked_models(fields(), place).set_index("name")["distance"] for place in ("AAA", "BBB", None))
    assert both["near"] == pytest.approx((one["near"] + other["near"]) / 2)
    assert both[EVEN] == pytest.approx((one[EVEN] + other[EVEN]) / 2)


def test_a_place_or_topic_without_questions_ranks_nobody():
    assert ranked_models(fields(), "CCC").empty
    assert ranked_models(about(fields(), set()), "AAA").empty
    assert about(fields(), {"Q1", "Q4"}).batteries == ("x", "z")


def test_nearer_than_an_even_guess_is_only_what_is_sure_and_matters():
    table = ranked_models(fields(), "AAA")
    assert "near" in set(clearly_nearer(table)["name"])
    assert "far" not in set(clearly_nearer(table)["name"])
    little = ranked_models(fields(near=0.295, even=0.3), "AAA").assign(net_high=-0.001, p_adjusted=0.001)
    assert "near" not in set(clearly_nearer(little)["name"])


def test_nearer_than_the_mean_of_others_is_only_what_is_sure_and_matters():
    """The difference is paired by question, so that a smaller mean distance alone is no finding."""
    assert ranked_models(fields(near=0.1, others=0.2), "AAA").set_index("name")["beats_others"].to_dict() == {
        "near": True,
        "far": False,
        EVEN: False,
        OTHERS: False,
    }
    assert not ranked_models(fields(near=0.195, others=0.2), "AAA")["beats_others"].any(), "half a hundredth"
    unsure = fields(near=0.15, others=0.2)
    away = np.array([-0.3, -0.3, 0.1, 0.1, 0.05, 0.05])[:, None] * np.ones((6, 2))
    moved = ranked_models(unsure._replace(distance=unsure.distance + np.stack([away, away])), "AAA").set_index("name")
    assert moved.loc["near", "distance"] < moved.loc[OTHERS, "distance"]
    assert not moved["beats_others"].any()


def test_a_model_with_few_answers_takes_no_questions_away_from_the_others():
    rows = [("big", f"Q{i}") for i in range(10)] + [("half", f"Q{i}") for i in range(5)] + [("one", "Q0")]
    kept, few = rankable(pd.DataFrame(rows, columns=["model_id", "question_id"]))
    assert set(kept["model_id"]) == {"big", "half"}
    assert few == {"one": 1}


FULL = Facts(
    frozenset(AUDITS),
    frozenset(("en", "zh")),
    frozenset(("full",)),
    1,
    0.1,
    content=0.6,
    form=0.2,
    spread=0.05,
    chat=True,
)


@pytest.mark.parametrize(
    ("changes", "limits"),
    [
        ({}, []),
        ({"audits": frozenset(("alignment",))}, ["unmeasured"]),
        ({"audits": frozenset(("probe",))}, ["published_only"]),
        ({"languages": frozenset(("zh",))}, ["one_language"]),
        ({"methods": frozenset(("sampled", "top_k"))}, ["sampled", "top_k"]),
        ({"beside": 0.5}, ["beside"]),
        ({"content": 0.1, "form": 0.4}, ["form"]),
        ({"spread": 0.2}, ["format"]),
        ({"chat": False, "revisions": 2}, ["base", "revision"]),
        ({"beside": None, "content": None, "form": None, "spread": None}, []),
    ],
)
def test_each_limit_has_its_rule(changes, limits):
    assert limits_of(FULL._replace(**changes), AUDITS) == limits
    assert set(limits) <= set(LIMITS)


def test_what_was_measured_counts_each_kind_of_answer_and_leaves_single_asks_out(tmp_path):
    store = Store(tmp_path / "runs")
    rows = [
        row(0, model_id="m", provider="local"),
        row(1, model_id="m", provider="local", valid_mass=0.3, language="en"),
        row(
            2, model_id="m", provider="local", outcome="error", valid_mass=None, mass=(), codes=(), error_kind="refused"
        ),
        row(3, model_id="m", provider="local", outcome="refusal", valid_mass=0.1, model_revision="r2"),
        row(4, model_id="other", provider="local"),
    ]
    with store.create(RunInfo(run_id="run-1", kind="alignment", created=START)) as held:
        store.append(held, rows)
    with store.create(RunInfo(run_id="ask-1", kind="probe", created=START)) as held:
        store.append(held, [row(9, "ask-1", model_id="m", provider="local")])
    [found] = measured(store, "m", scope_of(ALL, single=False)).to_dict("records")
    assert (found["answers"], found["errors"], found["refusals"]) == (3, 1, 1)
    assert (found["readings"], found["beside"]) == (2, 1)
    facts = facts_of(measured(store, "m", scope_of(ALL, single=False)), {"content": 0.5, "order": 0.2}, None, chat=True)
    assert facts.beside == 0.5
    assert facts.languages == {"en", "zh"}
    assert (facts.revisions, facts.form) == (2, 0.2)
    store.close()
