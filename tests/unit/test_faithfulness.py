"""Interventions on scripted models, and the reasoning against people."""

import numpy as np
import pandas as pd
import pytest

from core.audits.traces.faithfulness import effects, move, moves, variants_of, verdict_of
from core.audits.traces.gain import against_people, gains
from core.audits.traces.types import INTERVENTIONS, Options, Step, Trace
from core.errors import InputError
from core.surveys import SURVEYS
from core.types import Persona
from tests.unit.scripted_traces import Script, function_in, model, one, trace, unit
from tests.unit.test_runner import Shelf


def traces_of(script: Script) -> list[Trace]:
    shelf, plain = Shelf(), unit(options=Options(texts=False))
    return [trace(each, script, shelf) for each in (plain, *variants_of(plain))]


def effect(script: Script, kind: str):
    return next(e for e in effects(moves(traces_of(script))) if e.intervention == kind)


def test_a_model_that_ignores_stage_1_is_told_no_change():
    found = effect(Script(), "no_stress")
    assert found.verdict == "no_change"
    assert found.distance.mean == pytest.approx(0, abs=1e-12)
    assert found.unmoved == 1
    assert found.mode_changed == 0


def test_a_model_that_uses_stage_1_moves_by_what_was_planted():
    def answer(request):
        stressed = "What weighs on you" in request.messages[-1].content
        return [{3: 0.2, 1: 0.2, 2: 0.6}[c] if stressed else {3: 0.5, 1: 0.2, 2: 0.3}[c] for c in request.codes]

    found = effect(Script(cognition=answer), "no_stress")
    assert found.distance.mean == pytest.approx(0.3)
    assert found.largest == pytest.approx(0.3)
    assert found.mode_changed == 1
    assert found.verdict == "moves"


def test_equal_weights_move_the_vote_by_what_follows_from_the_weights():
    plain = np.array([0.5, 0.15, 0.2]) / 0.85
    assert effect(Script(), "equal_weights").largest == pytest.approx(np.abs(plain - [0.5, 0.25, 0.25]).sum() / 2)


def test_a_permuted_stack_keeps_the_functions_and_moves_each():
    plain, *changed = traces_of(Script())
    permuted = next(t for t in changed if t.unit.options.intervention == "permuted")
    assert set(permuted.stack) == set(plain.stack)
    assert all(a != b for a, b in zip(plain.stack, permuted.stack, strict=True))


def test_a_random_type_is_another_type_and_the_same_each_time():
    first, second = ([t.type for t in traces_of(Script())] for _ in range(2))
    assert first == second
    plain, random = first[0], first[1 + INTERVENTIONS.index("random_type")]
    assert random != plain


def test_where_all_functions_answer_alike_nothing_but_stage_1_could_matter():
    script = Script(cognition=lambda request: one(request, 1))
    assert {e.verdict for e in effects(moves(traces_of(script)))} == {"no_change"}


def test_a_function_specific_answer_makes_the_type_matter():
    script = Script(
        cognition=lambda request: one(request, 3 if function_in(request) in ("Ni", "Fe", "Ti", "Se") else 2)
    )
    plain, *changed = traces_of(script)
    random = next(t for t in changed if t.unit.options.intervention == "random_type")
    shared = sum(weight for name, weight in random.weights.items() if name in plain.stack)
    assert move(plain, random).distance == pytest.approx(1 - shared)


def test_traces_of_different_cells_cannot_be_compared():
    first = trace(unit(), Script(), Shelf())
    second = trace(unit(persona=Persona(country="USA")), Script(), Shelf())
    with pytest.raises(InputError):
        move(first, second)


def test_traces_made_with_other_settings_are_not_held_against_each_other():
    shelf = Shelf()
    plain = trace(unit(options=Options(texts=True)), Script(), shelf)
    other = trace(unit(options=Options(texts=False, intervention="no_stress")), Script(), shelf)
    assert moves([plain, other]) == []
    with pytest.raises(InputError):
        move(plain, other)


@pytest.mark.parametrize(
    ("distances", "verdict"),
    [([0.0, 0.004], "no_change"), ([0.0, 0.01], "slight"), ([0.2, 0.0], "moves"), ([0.0, 0.06], "slight")],
)
def test_verdicts_at_their_thresholds(distances, verdict):
    assert verdict_of(distances) == verdict


def made(question, persona: Persona, vote, direct) -> Trace:
    base = unit(question=question, persona=persona)
    codes = tuple(str(code) for code in question.codes)
    when = trace(unit(), Script(), Shelf()).steps[0].created

    def step(stage, name, mass):
        return Step(stage=stage, step=name, options=codes, mass=tuple(float(m) for m in mass), created=when)

    return Trace(unit=base, steps=(step("direct", "direct", direct), step("synthesis", "vote", vote)))


def test_a_vote_that_equals_people_beats_an_even_direct_answer_with_an_interval_that_says_so():
    survey = SURVEYS["wvs7"]()
    bank = survey.questions()
    person = Persona(country="CHN", sex="female")
    traces = []
    for name in ("Q6", "Q29", "Q46", "Q71", "Q106", "Q111", "Q121", "Q169"):
        k = len(bank[name].options)
        people = survey.reference(name, person)
        traces.append(made(bank[name], person, people.shares, [1 / k] * k))
    rows = against_people(traces, survey)
    assert rows["battery"].nunique() == 8
    assert (rows["mark_jsd"] < 1e-12).all()
    assert rows["direct_jsd"].to_numpy() == pytest.approx(rows["uniform_jsd"].to_numpy())
    table = gains(rows, "sex").set_index("measure")
    assert table.loc["jsd", "change"] == pytest.approx(-rows["uniform_jsd"].mean())
    assert table.loc["jsd", "verdict"] == "nearer"
    assert table.loc["jsd", "high"] < 0
    assert table.loc["jsd", "questions"] == table.loc["jsd", "batteries"] == 8
    assert table.loc["jsd", "p"] == 2 / 2**8
    assert table.loc["miss", "mark"] == 0


def gained(changes, batteries, groups=1):
    """Rows as :func:`against_people` gives them: the same ``changes`` of JSD in each of ``groups``."""
    rows = [
        {"question_id": f"Q{i}", "battery": block, "sex": f"g{group}", "direct_jsd": 0.5, "mark_jsd": 0.5 + change}
        | {"direct_emd": 0.5, "mark_emd": 0.5, "direct_miss": 0.0, "mark_miss": 0.0, "floor_jsd": 0.01}
        for group in range(groups)
        for i, (change, block) in enumerate(zip(changes, batteries, strict=True))
    ]
    table = gains(pd.DataFrame(rows), "sex")
    return table[table["measure"] == "jsd"]


def test_a_gain_counts_by_battery_and_by_the_least_that_matters():
    spread = [-0.05, -0.06, -0.04, -0.05, -0.07, -0.05, -0.04, -0.06]
    assert gained(spread, "abcdefgh")["verdict"].tolist() == ["nearer"]
    # The same eight questions out of three batteries cannot show it: no p under 2 / 2^3.
    assert gained(spread, "aaabbbcc")["verdict"].tolist() == ["unclear"]
    # Certain, but twelve ten-thousandths of the scale.
    tiny = [change / 40 for change in spread]
    assert gained(tiny, "abcdefgh").iloc[0]["high"] < 0
    assert gained(tiny, "abcdefgh")["verdict"].tolist() == ["unclear"]


def test_gains_of_many_groups_are_adjusted_for_one_another():
    noise = np.random.default_rng(0).normal(0, 0.1, size=(60, 10))
    rows = [
        {"question_id": f"Q{i}", "battery": str(i), "sex": f"g{group:02}", "direct_jsd": 0.5, "mark_jsd": 0.5 + change}
        | {"direct_emd": 0.5, "mark_emd": 0.5, "direct_miss": 0.0, "mark_miss": 0.0, "floor_jsd": 0.01}
        for group, changes in enumerate(noise)
        for i, change in enumerate(changes)
    ]
    table = gains(pd.DataFrame(rows), "sex")
    mine = table[table["measure"] == "jsd"]
    assert ((mine["high"] < 0) | (mine["low"] > 0)).sum() >= 2, "intervals alone find some where there is nothing"
    assert set(mine["verdict"]) == {"unclear"}
    assert (mine["tests"] == 60).all()


def test_one_question_gives_no_verdict_and_no_reference_gives_no_row():
    survey = SURVEYS["wvs7"]()
    question = survey.questions()["Q6"]
    person = Persona(country="CHN")
    people = survey.reference("Q6", person)
    rows = against_people([made(question, person, people.shares, [0.25] * 4)], survey)
    assert set(gains(rows, "country")["verdict"]) == {"unclear"}
    assert gains(rows, "age").empty
    nowhere = against_people([trace(unit(model=model()), Script(), Shelf())], survey)
    assert nowhere.empty
    assert gains(nowhere, "country").empty
