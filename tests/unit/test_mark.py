"""Traces of a scripted model: the vote by hand, bad stage outputs, what is shared, and the way through a run."""

import threading

import pandas as pd
import pytest

from core.audits import AUDITS
from core.audits.base import Bank
from core.audits.traces import walk
from core.audits.traces.audit import Spec, plan_units
from core.audits.traces.bounds import prompts_of
from core.audits.traces.scores import frames, gather
from core.audits.traces.store import load_trace, load_traces, stored_traces
from core.audits.traces.type_dynamics import PLACES, check_stack, functions, stacks, type_probabilities
from core.audits.traces.types import Options
from core.cli.specs import read_order
from core.errors import DataError, InputError, Unreachable
from core.prompts.traces import FUNCTIONS
from core.runs import create_run, estimate, parse_spec, run_audit
from core.runs.bank import load_bank
from core.settings import DATA
from core.store import Store
from core.surveys import SURVEYS
from core.types import Persona
from tests.unit.scripted_traces import SOMEONE, TEA, Script, model, one, trace, unit
from tests.unit.test_runner import Shelf


def test_the_table_has_sixteen_types_each_with_one_function_of_each_pair():
    table = stacks()
    assert len(table) == 16
    assert functions() == FUNCTIONS
    for name, stack in table.items():
        dominant, auxiliary, tertiary, inferior = stack
        opposite = {"S": "N", "N": "S", "T": "F", "F": "T"}
        assert inferior[0] == opposite[dominant[0]]
        assert tertiary[0] == opposite[auxiliary[0]]
        assert dominant[1] != auxiliary[1]
        assert dominant[1] == name[0].lower()
        assert {dominant[0], auxiliary[0]} == set(name[1:3])
    assert len(PLACES) == 4


@pytest.mark.parametrize("stack", [("Ni", "Ni", "Ti", "Se"), ("Ni", "Fe"), (), ("Ni", "Fe", "Ti", "Xx")])
def test_a_stack_that_names_a_function_twice_or_an_unknown_one_is_refused(stack):
    with pytest.raises(DataError):
        check_stack(stack)


def test_the_type_is_the_most_probable_of_the_valid_pairs():
    found = type_probabilities({"Ni": 0.6, "Fe": 0.4}, {"Ni": 0.7, "Fe": 0.2, "Te": 0.1})
    # Ni first: Fe (INFJ) .6 x .2, Te (INTJ) .6 x .1; Fe first: Ni (ENFJ) .4 x .7. Ni with Ni is no type.
    total = 0.12 + 0.06 + 0.28
    assert found["ENFJ"] == pytest.approx(0.28 / total)
    assert found["INFJ"] == pytest.approx(0.12 / total)
    assert sum(found.values()) == pytest.approx(1)


def test_the_vote_is_the_one_computed_by_hand():
    made = trace(unit(), Script(), Shelf())
    assert made.type == "INFJ"
    assert made.stack == ("Ni", "Fe", "Ti", "Se")
    # Fe is distorted for certain and keeps half of its 0.3: 0.4, 0.15, 0.2, 0.1 over 0.85.
    assert made.weights == pytest.approx({"Ni": 0.4 / 0.85, "Fe": 0.15 / 0.85, "Ti": 0.2 / 0.85, "Se": 0.1 / 0.85})
    # Scale order is Yes (3), A little (1), No (2): Ni and Se say 3, Fe says 1, Ti says 2.
    assert made.vote == pytest.approx((0.5 / 0.85, 0.15 / 0.85, 0.2 / 0.85))
    assert made.conclusion == pytest.approx((1, 0, 0))
    assert made.agrees
    assert not made.problems


def test_a_distortion_that_is_half_sure_costs_half_as_much():
    script = Script(situation=lambda request: [0.5, 0.5])
    made = trace(unit(options=Options(penalty=1)), script, Shelf())
    assert made.weights == pytest.approx({"Ni": 0.4, "Fe": 0.3, "Ti": 0.2, "Se": 0.1})


def test_weights_that_sum_to_1_1_are_normalised_and_weights_of_0_are_refused():
    script = Script(situation=lambda request: one(request, 1))
    made = trace(unit(options=Options(base=(0.5, 0.3, 0.2, 0.1))), script, Shelf())
    assert sum(made.weights.values()) == pytest.approx(1)
    assert made.weights["Ni"] == pytest.approx(5 / 11)
    for bad in ((0, 0, 0, 0), (-0.1, 0.5, 0.3, 0.3), (float("nan"), 1, 1, 1)):
        with pytest.raises(ValueError, match="weights"):
            Options(base=bad)


def test_the_models_own_conclusion_is_kept_and_its_disagreement_shows():
    made = trace(unit(), Script(conclusion=lambda request: one(request, 2)), Shelf())
    assert made.agrees is False
    assert made.vote == pytest.approx((0.5 / 0.85, 0.15 / 0.85, 0.2 / 0.85))


def test_stages_of_a_person_are_asked_once_for_all_questions():
    shelf, script = Shelf(), Script()
    trace(unit(), script, shelf)
    first = list(script.asked)
    other = TEA.model_copy(update={"id": "own-rice", "stem": TEA.stem.model_copy(update={"en": "Rice?"})})
    made = trace(unit(question=other), script, shelf)
    again = script.asked[len(first) :]
    assert first.count("stress") == 10
    assert first.count("dominant") == first.count("auxiliary") == 8
    assert not {"stress", "dominant", "auxiliary"} & set(again)
    assert {"situation", "cognition", "conclusion", "direct"} <= set(again)
    assert made.find("personality", "stack").decision == "INFJ"
    assert made.find("stress", "age").cached


def test_the_number_of_prompts_is_foreseen():
    script = Script()
    units = [unit(), unit(options=Options(intervention="equal_weights"))]
    shelf = Shelf()
    for one_unit in units:
        trace(one_unit, script, shelf)
    options, texts = prompts_of(units)
    # The second conclusion and explanation are asked anew only where the weights shown differ, as they do here.
    assert (len(script.asked), len(script.texts)) == (options, texts)


def test_a_stage_that_cannot_be_read_is_kept_named_and_asked_again():
    shelf, script = Shelf(), Script(stress=lambda request: [0.0] * 5)
    made = trace(unit(), script, shelf)
    assert {(s.step, s.problem) for s in made.problems} == {("age", "unreadable"), ("country", "unreadable")}
    assert made.vote is not None
    assert any(row.outcome == "invalid" for row in shelf.rows)
    healed = Script()
    again = trace(unit(), healed, shelf)
    assert healed.asked.count("stress") == 10
    assert not again.problems


def test_a_blank_text_is_kept_named_left_out_and_asked_again():
    shelf, script = Shelf(), Script(text="   ")
    made = trace(unit(), script, shelf)
    assert {(s.step, s.problem) for s in made.problems} == {("profile", "empty"), ("explanation", "empty")}
    assert not any("Your life at present" in row.rendered_prompt for row in shelf.rows)
    healed = Script()
    trace(unit(), healed, shelf)
    assert healed.texts


def test_a_function_named_twice_is_recorded_and_a_valid_stack_is_taken():
    script = Script(auxiliary=lambda request: [0.5 if c == 4 else 0.3 if c == 7 else 0.02 for c in request.codes])
    made = trace(unit(), script, Shelf())
    assert made.find("personality", "auxiliary").decision == "Ni"
    assert made.find("personality", "stack").problem == "twice"
    assert made.type == "INFJ"


def test_a_function_that_cannot_be_read_does_not_vote_and_the_rest_sums_to_one():
    def answer(request):
        return [0.0] * 3 if "inner picture" in request.messages[-1].content else one(request, 2)

    made = trace(unit(), Script(cognition=answer), Shelf())
    assert set(made.weights) == {"Fe", "Ti", "Se"}
    assert sum(made.weights.values()) == pytest.approx(1)
    assert made.vote == pytest.approx((0, 0, 1))


def test_where_no_function_can_be_read_there_is_no_vote():
    made = trace(unit(), Script(cognition=lambda request: [0.0] * 3), Shelf())
    assert made.vote is None
    assert made.find("synthesis", "vote").problem == "no_vote"


def test_where_no_personality_can_be_read_there_is_no_vote():
    nothing = {name: (lambda request: [0.0] * 8) for name in ("dominant", "auxiliary")}
    made = trace(unit(), Script(**nothing), Shelf())
    assert made.vote is None
    assert made.find("personality", "stack").problem == "no_type"


def test_an_error_of_the_provider_ends_the_trace_and_is_asked_again():
    shelf = Shelf()
    script = Script(situation=lambda request: Unreachable("Cut.", "Connect."))
    made = trace(unit(), script, shelf)
    assert made.vote is None
    assert {s.problem for s in made.problems} == {"error"}
    assert trace(unit(), Script(), shelf).vote is not None


def test_a_person_without_attributes_cannot_be_traced():
    with pytest.raises(InputError):
        trace(unit(persona=Persona()), Script(), Shelf())


def test_later_stages_are_told_what_earlier_ones_found_in_the_prompt_language():
    shelf = Shelf()
    trace(unit(), Script(text="I drink tea."), shelf)
    told = next(row.rendered_prompt for row in shelf.rows if row.tag == "mark-1:cognition:Ni")
    assert "much stress" in told
    assert "I drink tea." in told
    assert "bent it out of shape" not in told
    bent = next(row.rendered_prompt for row in shelf.rows if row.tag == "mark-1:cognition:Fe")
    assert "bent it out of shape" in bent


def test_a_chinese_trace_is_asked_in_chinese():
    shelf = Shelf()
    trace(unit(language="zh"), Script(text="茶"), shelf)
    asked = [row.rendered_prompt for row in shelf.rows if row.tag.startswith("mark-1")]
    assert asked
    assert not any("mind" in text or "stress" in text or "weight" in text for text in asked)


def spec(**changes) -> Spec:
    given = {"models": ("scripted",), "questions": (TEA.id,), "personas": (SOMEONE,)}
    return Spec.model_validate({**given, **changes})


BANK = Bank(questions={TEA.id: TEA}, models={"scripted": model()})


def make(store: Store, script: Script, run_id: str, **changes):
    """A run of traces, made or gone on with."""
    if run_id not in set(store.runs().run_id):
        create_run(store, "traces", spec(**changes), BANK, run_id=run_id)
    return run_audit(store, run_id, BANK, script.provider)


def test_a_run_of_traces_is_read_back_as_it_was_made_and_goes_on_without_asking(tmp_path):
    store = Store(tmp_path)
    script = Script(stress=lambda request: [0.0] * 5)
    info = make(store, script, "t", interventions=("no_stress",))
    assert info.status == "done"
    assert info.counts["answers"] == info.counts["planned"] == len(script.asked) + len(script.texts)
    table = stored_traces(store)
    assert list(table["intervention"]) == ["none", "no_stress"]
    back = load_trace(store, table.iloc[0], model(), {})
    again = trace(back.unit, Script(stress=lambda request: [0.0] * 5), Shelf())
    assert back.unit.id == table.iloc[0]["cell_id"]
    assert back.vote == pytest.approx(again.vote)
    assert [(s.stage, s.step, s.decision, s.problem) for s in back.steps] == [
        (s.stage, s.step, s.decision, s.problem) for s in again.steps
    ]
    asked, rows = len(script.asked), len(store.responses(["t"]))
    assert make(store, script, "t").counts == info.counts
    assert (len(script.asked), len(store.responses(["t"]))) == (asked, rows)


def test_a_run_holds_all_the_rows_it_rests_on_even_those_measured_before(tmp_path):
    store = Store(tmp_path)
    make(store, Script(), "first")
    silent = Script()
    second = make(store, silent, "second")
    assert not silent.asked
    assert second.counts["copied"] == second.counts["answers"]
    cells = {run: set(store.responses([run])["cell_id"]) for run in ("first", "second")}
    assert cells["first"] == cells["second"]
    assert len(cells["first"]) > 40


def test_a_run_of_traces_says_with_what_it_was_made(tmp_path):
    info = make(Store(tmp_path), Script(), "t")
    assert {"python", "numpy"} <= info.libraries.keys()
    assert set(info.prompts) == {"free-1", "mark-1", "options-1"}
    assert info.models == {"scripted": "1"}
    assert info.seconds > 0


def test_a_trace_that_met_an_error_is_no_trace_until_its_run_goes_on(tmp_path):
    store = Store(tmp_path)
    info = make(store, Script(situation=lambda request: Unreachable("Cut.", "Connect.")), "t")
    assert (info.status, info.counts["errors"], info.counts["errors_unreachable"]) == ("done", 8, 8)
    assert info.counts["planned"] == info.counts["answers"] + info.counts["errors"]
    assert stored_traces(store).empty
    healed = Script()
    info = make(store, healed, "t")
    assert set(healed.asked) == {"situation", "cognition", "conclusion"}
    assert (info.counts["errors"], info.counts["answers"]) == (0, info.counts["planned"])
    [row] = [row for _, row in stored_traces(store).iterrows()]
    assert not load_trace(store, row, model(), {}).problems


def test_what_a_run_of_traces_would_take_is_told_and_grows_exact(tmp_path):
    store, script = Store(tmp_path), Script()
    before = estimate(store, "traces", spec(), BANK, script.provider)
    options, texts = prompts_of(plan_units(spec(), BANK))
    assert (before.cells, before.cached, before.prompts) == (options + texts, 0, options + texts)
    told = []
    create_run(store, "traces", spec(), BANK, run_id="t")
    run_audit(store, "t", BANK, script.provider, on_progress=told.append)
    assert told[0].total == options + texts
    assert (told[-1].done, told[-1].total) == (len(script.asked) + len(script.texts),) * 2
    after = estimate(store, "traces", spec(), BANK, script.provider)
    assert (after.cells, after.cached, after.prompts) == (told[-1].total, told[-1].total, 0)


PEOPLE = (SOMEONE, Persona(country="USA", age="50+"), Persona(country="DEU"))


def on(provider):
    """The bank of these tests, whose model is asked by ``provider``."""
    return BANK.model_copy(
        update={"models": {n: m.model_copy(update={"provider": provider}) for n, m in BANK.models.items()}}
    )


def test_of_three_people_of_whom_one_is_answered_the_others_alone_count_as_to_ask(tmp_path):
    store, script, bank = Store(tmp_path), Script(), on("local")
    alone = spec().model_copy(update={"personas": PEOPLE[:1]})
    create_run(store, "traces", alone, bank, run_id="t")
    answered = run_audit(store, "t", bank, script.provider).counts["answers"]
    told = estimate(store, "traces", spec().model_copy(update={"personas": PEOPLE}), bank, script.provider)
    options, texts = prompts_of(plan_units(spec().model_copy(update={"personas": PEOPLE[1:]}), bank))
    assert (told.cached, told.prompts, told.cells) == (answered, options + texts, answered + options + texts)


@pytest.mark.parametrize(("provider", "whole"), [("openai_like", 1), ("local", 0)])
def test_a_stopped_run_of_a_hosted_model_has_the_traces_that_it_paid_for(tmp_path, provider, whole):
    store, stop, bank = Store(tmp_path), threading.Event(), on(provider)
    profiles = []

    def text(request):
        profiles.append(request)
        if len(profiles) == 3:
            stop.set()
        return "A life with tea."

    create_run(store, "traces", spec().model_copy(update={"personas": PEOPLE}), bank, run_id="t")
    halted = run_audit(store, "t", bank, Script(text=text).provider, cancel=stop)
    assert halted.status == "cancelled"
    assert len(stored_traces(store)) == whole


def test_texts_of_several_people_are_asked_together_and_change_no_trace(tmp_path, monkeypatch):
    wanted, bank = spec().model_copy(update={"personas": PEOPLE}), on("local")

    def run(name: str) -> tuple[list[int], dict[str, tuple[float, ...]]]:
        store, together = Store(tmp_path / name), []
        provider = Script().provider()
        generate = provider.generate

        def watched(requests, *more, **named):
            together.append(len(requests))
            return generate(requests, *more, **named)

        provider.generate = watched
        create_run(store, "traces", wanted, bank, run_id="t")
        info = run_audit(store, "t", bank, lambda _: provider)
        assert (info.status, info.counts["answers"]) == ("done", info.counts["planned"])
        made = [load_trace(store, row, model(), {}) for _, row in stored_traces(store).iterrows()]
        return together, {found.unit.id: found.vote for found in made}

    together, votes = run("together")
    assert together == [3, 3]  # the profiles, then the explanations
    monkeypatch.setattr(walk, "PEOPLE", 1)
    alone, same = run("alone")
    assert alone == [1] * 6
    assert votes == same
    assert len(votes) == 3


def test_a_run_of_traces_stops_and_goes_on(tmp_path):
    store, stop = Store(tmp_path), threading.Event()

    def answer(request):
        stop.set()
        return one(request, FUNCTIONS.index("Ni") + 1)

    create_run(store, "traces", spec(), BANK, run_id="t")
    halted = run_audit(store, "t", BANK, Script(dominant=answer).provider, cancel=stop)
    assert halted.status == "cancelled"
    assert 0 < halted.counts["answers"] < halted.counts["planned"]
    script = Script()
    assert run_audit(store, "t", BANK, script.provider).status == "done"
    assert not {"direct", "stress"} & set(script.asked)
    assert {"situation", "cognition", "conclusion"} <= set(script.asked)
    assert len(stored_traces(store)) == 1


def test_the_scores_are_the_frames_of_the_page_from_rows_alone(tmp_path):
    store = Store(tmp_path)
    make(store, Script(), "t", interventions=("no_stress", "equal_weights"))
    rows = store.rows("t", list(store.responses(["t"]).cell_id))
    found = AUDITS["traces"]().scores(rows, BANK)
    loaded = load_traces(store, stored_traces(store), BANK.models, {})
    for name, frame in frames(gather(loaded, SURVEYS["wvs7"]())).items():
        pd.testing.assert_frame_equal(found[name], frame)
    assert list(found["moves"]["intervention"]) == ["no_stress", "equal_weights"]


@pytest.mark.parametrize("wrong", [{"models": ("none",)}, {"questions": ("none",)}, {"personas": (Persona(),)}])
def test_a_spec_that_names_what_is_not_there_is_refused(wrong):
    with pytest.raises(InputError):
        plan_units(spec(**wrong), BANK)


@pytest.mark.parametrize("path", sorted((DATA / "specs").glob("mark*.toml")), ids=lambda path: path.stem)
def test_the_shipped_specs_can_be_planned(path):
    order = read_order(path)
    units = plan_units(parse_spec(order.audit, order.spec), load_bank())
    assert len({one_unit.id for one_unit in units}) == len(units)


def test_a_spec_file_of_the_time_before_traces_were_runs_is_still_read(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(
        'audit = "mark"\ntitle = "Small"\nmodels = ["mock"]\nquestions = ["Q57"]\npersonas = ["CHN|18-29||"]\n',
        encoding="utf-8",
    )
    order = read_order(path)
    assert (order.id, order.title) == ("small", "Small")
    assert parse_spec(order.audit, order.spec).personas == (Persona(country="CHN", age="18-29"),)
