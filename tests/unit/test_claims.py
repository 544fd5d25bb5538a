import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.findings.china_west import published_answers
from core.findings.claims.evidence import (
    REVERSED,
    country_misses,
    country_variation,
    dilemma_runs,
    language_changes,
    persona_misses,
    public_answers,
    published_series,
    size_steps,
    tuning_side,
    usa_advantage,
    youth_gaps,
)
from core.findings.claims.power import needed
from core.findings.claims.publics import publics_of
from core.findings.claims.verdicts import CLAIMS, COLUMNS, VERDICTS, Effect, Rule, combine, decide, judge, verdict_of
from core.runs.bank import load_bank
from core.stats.two_way import TwoWay
from core.surveys import shipped_survey
from core.types import Persona

NAN = float("nan")


def world(values, side="", questions=20, makers=None, noise=0.0, seed=0):
    """One model a value, each of a developer of its own unless ``makers`` names them."""
    rng = np.random.default_rng(seed)
    rows = [
        (
            f"{side}m{i}",
            f"m{i}",
            side,
            makers[i] if makers else f"{side}d{i}",
            "own",
            f"Q{q}",
            value + rng.normal(0, noise),
            questions,
            f"Q{q}",
        )
        for i, value in enumerate(values)
        for q in range(questions)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


RULE = Rule(least=0.1)
SIDES = Rule(least=0.1, shape="difference", sides=("a", "b"))
BOTH = Rule(least=0.1, shape="both", sides=("a", "b"))


@pytest.mark.parametrize(
    ("values", "verdict", "reason"),
    [
        ([0.5] * 8, "supported", "above"),
        ([0.0] * 8, "not_supported", "below"),
        ([-0.5] * 8, "not_supported", "below"),
        ([3, -2, 2, -3, 4, -1, 1, -2], "unknown", "wide"),
        ([0.5] * 5, "unknown", "models"),
        ([], "unknown", "none"),
    ],
)
def test_planted_worlds_get_their_verdict(values, verdict, reason):
    found = judge(world(values, noise=0.02), RULE)
    assert (found.verdict, found.reason) == (verdict, reason)
    assert found.effect.models == len(values)


def test_a_clear_effect_that_is_too_small_to_matter_is_not_supported():
    assert judge(world([0.05] * 9, noise=0.005), RULE).verdict == "not_supported"


def test_many_models_of_few_developers_do_not_count_as_many():
    found = judge(world([0.5] * 12, makers=["x"] * 6 + ["y"] * 6), RULE)
    assert (found.verdict, found.reason) == ("unknown", "developers")


def test_models_with_few_questions_do_not_count():
    found = judge(world([0.5] * 12, questions=3), RULE)
    assert (found.verdict, found.reason) == ("unknown", "items")
    mixed = pd.concat([world([0.5] * 12, questions=3), world([0.5] * 2, side="z")])
    assert judge(mixed, RULE).effect.models == 2


def test_two_sides_are_compared_and_the_smaller_one_gives_the_n():
    apart = pd.concat([world([0.6] * 9, "a", noise=0.02), world([0.1] * 7, "b", noise=0.02)])
    found = judge(apart, SIDES)
    assert found.verdict == "supported"
    assert found.effect.mean == pytest.approx(0.5, abs=0.05)
    assert found.effect.models == 7
    short = pd.concat([world([0.6] * 9, "a"), world([0.1] * 2, "b")])
    assert judge(short, SIDES).verdict == "unknown"
    assert judge(world([0.6] * 9, "a"), SIDES).verdict == "unknown"


def test_both_sides_must_hold():
    def of(left, right):
        return judge(pd.concat([world([left] * 8, "a", noise=0.02), world([right] * 8, "b", noise=0.02)]), BOTH)

    assert of(0.5, 0.6).verdict == "supported"
    assert (of(0.5, -0.5).verdict, of(0.5, -0.5).reason) == ("not_supported", "one_side")
    assert of(-0.5, -0.5).reason == "below"
    one = judge(world([-0.5] * 8, "a"), BOTH)
    assert one.verdict == "unknown"


def test_bodies_of_evidence_that_contradict_leave_it_open():
    yes, no = judge(world([0.5] * 8), RULE), judge(world([-0.5] * 8), RULE)
    silent = judge(world([0.5]), RULE)
    assert combine({"published": yes, "runs": no}) == ("unknown", "disagree")
    assert combine({"published": yes, "runs": silent}) == ("supported", "above")
    assert combine({"published": silent, "runs": no}) == ("not_supported", "below")
    assert combine({"published": silent, "runs": silent}) == ("unknown", "models")


counts = st.integers(0, 12)


@given(st.floats(-2, 2), st.floats(0, 3), counts, counts, counts)
def test_no_verdict_below_the_least_n(mean, half, models, developers, items):
    verdict, _ = decide(Effect(mean, mean - half, mean + half, models, developers, items), RULE)
    if models < RULE.models or developers < RULE.developers or items < RULE.items:
        assert verdict == "unknown"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1, 1), max_size=9), st.integers(1, 3), st.integers(1, 14))
def test_adding_models_never_gives_a_verdict_below_the_least_n(values, per_maker, questions):
    """Model after model is added; only a world of enough models, developers and questions may be decided."""
    for n in range(len(values) + 1):
        makers = [f"d{i // per_maker}" for i in range(n)]
        found = judge(world(values[:n], questions=questions, makers=makers), RULE)
        enough = n >= RULE.models and len(set(makers)) >= RULE.developers and questions >= RULE.items
        assert found.verdict in VERDICTS
        assert enough or found.verdict == "unknown"


def test_an_unknown_interval_decides_nothing():
    assert decide(Effect(0.5, NAN, NAN, 9, 9, 90), RULE) == ("unknown", "wide")


def test_without_evidence_every_claim_is_open():
    for claim in CLAIMS:
        outcome = verdict_of(claim, {})
        assert (outcome.verdict, outcome.reason) == ("unknown", "none")


def test_published_means_bear_on_three_claims_with_their_n():
    means = published_answers()
    for claim, frame, models in (
        ("multilingual", language_changes(means), 7),
        ("us_centric", usa_advantage(means), 7),
        ("neither", persona_misses(means), 8),
    ):
        outcome = verdict_of(claim, {"published": frame})
        effect = outcome.streams["published"].effect
        assert outcome.verdict in VERDICTS
        assert (effect.models, effect.developers, effect.items) == (models, 4, 19)
        assert effect.low < effect.mean < effect.high


def test_the_us_advantage_of_the_middle_is_none():
    means = published_answers().assign(mean=5.5)
    assert usa_advantage(means)["value"].abs().max() == pytest.approx(0, abs=1e-9)


def scores(far):
    """Made-up distances of models told two countries, twelve questions."""
    rows = [
        (model, country, f"Q{q}", value, 0.2)
        for model, value in far.items() for country in ("CHN", "USA") for q in range(12)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["model_id", "country", "question_id", "distance", "others"])


def test_steps_in_size_stay_within_a_family():
    models = load_bank().models
    sizes = ("qwen2.5-0.5b-instruct", "llama-3.2-1b-instruct", "smollm2-135m-instruct")
    assert size_steps(scores(dict.fromkeys(sizes, 0.3)), models, dict.fromkeys(sizes, "own")).empty
    qwen3 = sorted((m for m in models.values() if m.family == "Qwen3" and m.parameters), key=lambda m: m.parameters)
    small, large = qwen3[0].id, qwen3[-1].id
    step = size_steps(scores({small: 0.2, large: 0.4}), models, {small: "own", large: "own"})
    assert step["value"].tolist() == [1 - REVERSED]
    assert step["n_items"].tolist() == [12]


def test_missing_the_baseline_speaks_for_the_claim():
    name = "smollm2-135m-instruct"
    frame = country_misses(scores({name: 0.5}), load_bank().models, {name: "own"})
    assert frame["value"].tolist() == pytest.approx([0.3] * 12)
    one = scores({name: 0.5})
    assert country_misses(one[one["country"] == "CHN"], load_bank().models, {name: "own"}).empty


@pytest.mark.parametrize(
    ("tuning", "side"),
    [
        ("SFT + RLHF", "rlhf"),
        ("SFT + PPO + DPO", "rlhf"),
        ("SFT", "full"),
        ("full fine-tuning", "full"),
        ("SFT + DPO", None),
        (None, None),
    ],
)
def test_only_tuning_that_is_stated_counts(tuning, side):
    assert tuning_side(tuning) == side


def test_figures_that_were_read_off_are_shown_by_series():
    assert published_series().groupby("series")["model"].nunique().to_dict() == {"llama3": 4, "mistral": 3}


def test_the_effect_is_counted_from_the_average_public_and_must_lie_beyond_nearly_all():
    publics = world(list(np.linspace(0.0, 1.0, 61)), "", noise=0.01)
    like_them, beyond = (judge(world([value] * 8, noise=0.02), RULE, publics) for value in (0.55, 2.0))
    assert like_them.plain.mean == pytest.approx(0.55, abs=0.02)
    assert like_them.effect.mean == pytest.approx(0.05, abs=0.02)
    assert like_them.verdict == "not_supported"
    assert judge(world([0.55] * 8, noise=0.02), RULE).verdict == "supported"
    assert beyond.verdict == "supported"
    assert beyond.publics.below(2.0) == 1
    assert beyond.publics.passed == pytest.approx(0.9, abs=0.02)
    assert beyond.least == pytest.approx(0.45, abs=0.03)


def test_few_real_publics_would_be_called_what_the_claims_call_models():
    """Under the plain rule half of the publics and more fail to generalise; beyond the other publics few do."""
    for evidence, rule in (
        (usa_advantage(public_answers()), CLAIMS["us_centric"].streams["published"]),
        (persona_misses(public_answers()), CLAIMS["neither"].streams["published"]),
    ):
        found = publics_of(evidence, rule.least)
        assert len(found.values) > 35
        passed = (found.values - found.mean >= max(rule.least, found.high - found.mean)).sum()
        assert passed <= np.ceil(0.05 * len(found.values))
    assert found.passed > 0.4


def test_what_would_decide_it_is_more_than_there_is_and_less_for_a_larger_effect():
    open_one = judge(world([0.4, -0.3, 0.6, -0.1, 0.7, 0.2], noise=0.3, seed=3), RULE)
    assert open_one.verdict == "unknown"
    assert open_one.power.developers > 6
    assert open_one.power.models == open_one.power.developers
    assert open_one.power.questions is None  # developers differ: asking more would not help
    assert judge(world([0.5] * 8, noise=0.02), RULE).power is None
    spread = TwoWay(0.2, -0.1, 0.5, 0.01, 0.005, 0.002, 7)
    near, far = (needed(spread, distance, 20, 8, 8) for distance in (0.25, 0.5))
    assert near.questions > far.questions >= 20
    assert needed(spread, 0.0, 20, 8, 8).questions is None


def test_a_design_of_the_size_that_is_named_does_decide():
    rng, spread_of, noise = np.random.default_rng(11), 0.6, 0.5
    cells = noise**2 / (20 * 8)
    spread = TwoWay(0.3, 0.0, 0.0, cells, spread_of**2 / 8 + cells, cells, 7)
    n = needed(spread, 0.3, 20, 8, 8).developers
    worlds = (world(list(rng.normal(0.3, spread_of, n)), noise=noise, seed=i) for i in range(60))
    decided = [judge(one, RULE).effect.low > 0 for one in worlds]
    assert 0.65 < np.mean(decided) < 0.95


def test_models_that_were_tuned_here_do_not_count_as_models_of_makers():
    made = {
        "stability": ["smollm2-135m-instruct", "tuned-mine"],
        "tuned-quadrants": ["smollm2-135m-instruct"],
        "mine": ["tuned-mine"],
    }
    runs = pd.DataFrame(
        {"run_id": run, "kind": "stability", "rows": 9 + place, "errors": 0, "created": pd.Timestamp(2026, 11, 1)}
        | {"spec": "{}", "models": json.dumps(models)}
        for place, (run, models) in enumerate(made.items())
    )
    assert dilemma_runs(runs) == {"stability": ["smollm2-135m-instruct"]}
    assert dilemma_runs(runs[:0]) == {}


def test_a_base_model_counts_in_no_claim_whether_it_names_sides_or_not():
    models, base, tuned = load_bank().models, "gemma-3-270m", "smollm2-135m-instruct"
    assert not models[base].chat
    both = dict.fromkeys((base, tuned), "own")
    assert set(country_misses(scores({base: 0.5, tuned: 0.5}), models, both)["model_id"]) == {tuned}
    larger = models[tuned].model_copy(update={"id": "larger", "parameters": 9.0, "chat": False})
    far = scores({tuned: 0.2, "larger": 0.4})
    assert size_steps(far, {**models, "larger": larger}, {**both, "larger": "own"}).empty
    table = pd.DataFrame(
        {"model_id": name, "run_id": "r", "persona": Persona().key, "question_id": "Q164", "probabilities": (0.1,) * 10}
        for name in (base, tuned)
    )
    for baseline in ("even", "whole"):
        found = youth_gaps(table, shipped_survey(), models, baseline=baseline)
        assert set(found["model_id"]) == {tuned}
    told = pd.concat([table.assign(persona=key, language="en") for key in ("CHN", "USA")], ignore_index=True)
    keys = {country: Persona(country=country).key for country in ("CHN", "USA")}
    told["persona"] = told["persona"].map(keys)
    assert set(country_variation(told, shipped_survey(), models)["model_id"]) == {tuned}
