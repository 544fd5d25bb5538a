"""Simulated citizens: who is drawn, what the arms share, what is remembered, and what comes out of it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as within
from hypothesis import strategies as st

from core.audits import AUDITS
from core.audits.base import Bank
from core.audits.citizens.draw import Tag, code_of, configured
from core.audits.citizens.memory import wave_stages
from core.audits.citizens.people import citizens, joint, region_lists, women_share
from core.audits.citizens.plan import Spec, arms, plan
from core.audits.citizens.scores import by_question, seed_changes, summary
from core.errors import InputError, Unreachable
from core.providers.mock import MockProvider
from core.runs import create_run, run_audit
from core.runs.bank import load_bank
from core.runs.rows import failed, prepare
from core.store import Store
from core.surveys import SURVEYS
from core.types import Capabilities, Cell, Persona, cell_id
from tests.unit.audit_child import mock_model
from tests.unit.store_rows import row

ASKED = ("Q6", "Q29", "Q46", "Q57")
COUNTRIES = st.sampled_from(sorted(joint()))


def bank_of(method: str = "full", **more: object) -> Bank:
    return Bank(
        questions=load_bank().questions,
        models={"mock": mock_model(capabilities=Capabilities(logprobs=method, **more))},
    )


def spec_of(**changes: object) -> Spec:
    given = {"models": ("mock",), "countries": ("CHN",), "questions": ASKED, "respondents": 8}
    return Spec.model_validate(given | changes)


def carried_out(tmp_path, spec: Spec, bank: Bank, provider: MockProvider):
    store = Store(tmp_path)
    run_id = create_run(store, "citizens", spec, bank)
    info = run_audit(store, run_id, bank, lambda name: provider)
    rows = store.rows(run_id, list(store.responses([run_id]).cell_id))
    store.close()
    return info, rows


@within(max_examples=30, deadline=None)
@given(COUNTRIES, st.integers(2, 300), st.integers(0, 10_000))
def test_each_kind_of_person_comes_up_in_proportion(country: str, n: int, seed: int) -> None:
    drawn = Counter(citizen.persona.key for citizen in citizens(country, n, seed, 3))
    assert sum(drawn.values()) == n
    for person, share in joint()[country]:
        assert abs(drawn[person.key] - n * share) < 1 + 1e-9


@within(max_examples=20, deadline=None)
@given(COUNTRIES, st.integers(0, 10_000), st.integers(1, 10))
def test_the_same_seed_draws_the_same_people_and_settings_stay_in_their_bounds(country, seed, memory) -> None:
    first, second = (citizens(country, 12, seed, memory) for _ in range(2))
    assert first == second
    known = region_lists().get(country)
    for citizen in first:
        assert 0.6 <= citizen.temperature <= 1.4
        assert 0.8 <= citizen.top_p <= 1
        assert 1 <= citizen.recalls <= memory
        assert citizen.region in ({r.id for r in known.regions} if known else {""})


def test_regions_come_up_by_their_share_of_the_population() -> None:
    drawn = Counter(citizen.region for citizen in citizens("CHN", 2_000, 1, 3))
    for region in region_lists()["CHN"].regions:
        assert drawn[region.id] / 2_000 == pytest.approx(region.share, abs=0.04)


@pytest.mark.parametrize("country", sorted(region_lists()))
def test_a_list_of_regions_says_who_counted_and_where_that_was_read_and_its_shares_are_sane(country: str) -> None:
    listed = region_lists()[country]
    assert country in joint()
    assert listed.source
    assert listed.address.startswith(("https://", "http://"))
    assert 2015 <= listed.year <= 2026
    assert len({region.id for region in listed.regions}) == len(listed.regions) > 1
    shares = [region.share for region in listed.regions]
    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0.005
    assert max(shares) < 0.9
    assert all(region.name.en and region.name.zh for region in listed.regions)


def test_counts_of_smaller_units_are_added_up() -> None:
    shares = {region.id: region.share for region in region_lists()["CAN"].regions}
    prairies, whole = 4443 + 1384 + 1180, 992 + 789 + 521 + 164 + 8604 + 14826 + 4443 + 1384 + 1180 + 5215
    assert shares["prairies"] == pytest.approx(prairies / whole)


def test_all_arms_ask_the_same_people_the_same_options_in_the_same_order() -> None:
    cells = plan(spec_of(), bank_of())
    by_arm: dict[str, set[object]] = {}
    for cell in cells:
        tag = Tag.read(cell.tag)
        by_arm.setdefault(tag.arm, set()).add((tag.number, cell.persona.key, cell.question.id, cell.variant.order))
    assert list(arms(spec_of())) == ["none", "prompt", "configuration", "memory", "all"] == [*arms(spec_of())]
    assert set(by_arm) == set(arms(spec_of()))
    assert len({frozenset(asked) for asked in by_arm.values()}) == 1
    assert len({cell_id(cell) for cell in cells}) == len(cells)


def test_each_source_changes_only_what_it_names() -> None:
    for cell in plan(spec_of(), bank_of()):
        tag = Tag.read(cell.tag)
        worded, configured_, remembers = (tag.arm in (name, "all") for name in ("prompt", "configuration", "memory"))
        assert bool(cell.detail) == bool(tag.region) == worded
        assert worded or cell.template == "citizens-1-0"
        assert configured_ or (tag.temperature, tag.top_p) == (1, 1)
        assert remembers or not cell.memory


def test_sources_can_be_switched_off_and_unknown_names_are_told() -> None:
    assert list(arms(spec_of(sources=("memory",)))) == ["none", "memory"]
    assert list(arms(spec_of(ablation=False))) == ["all"]
    assert list(arms(spec_of(sources=("prompt", "memory"), ablation=False))) == ["prompt+memory"]
    for wrong in ({"questions": ("Q9999",)}, {"countries": ("XXX",)}, {"models": ("nobody",)}):
        with pytest.raises(InputError):
            plan(spec_of(**wrong), bank_of())


def test_a_model_that_writes_is_asked_in_text_and_without_any_setting_has_no_configuration() -> None:
    cells = plan(spec_of(), bank_of("none", temperature=False, top_p=False, seed=False))
    assert {cell.kind for cell in cells} == {"text"}
    assert {(cell.temperature, cell.top_p, cell.seed) for cell in cells} == {(None, None, None)}
    assert "configuration" not in {Tag.read(cell.tag).arm for cell in cells}
    assert len({cell.sample for cell in cells}) == 8


def test_a_model_that_writes_is_asked_with_what_its_provider_takes() -> None:
    people = {c.number: c for c in citizens("CHN", 8, 0, 3)}
    for takes in ({"temperature": True, "top_p": True}, {"temperature": False, "top_p": True}, {"top_p": False}):
        cells = plan(spec_of(sources=("configuration",)), bank_of("none", **takes))
        for cell in cells:
            tag = Tag.read(cell.tag)
            on, person = tag.arm == "configuration", people[tag.number]
            assert cell.top_p == (person.top_p if on and takes["top_p"] else None)
            plain = 1.0 if takes.get("temperature", True) else None
            assert cell.temperature == (person.temperature if on and plain else plain)
            assert (tag.top_p, tag.temperature) == (cell.top_p or 1.0, cell.temperature or 1.0)
        assert {Tag.read(cell.tag).arm for cell in cells} == {"none", "configuration"}


def test_seeds_ask_other_people_each_with_cells_and_samples_of_their_own() -> None:
    cells = plan(spec_of(seeds=3, sources=("memory",)), bank_of("none", seed=False))
    one = plan(spec_of(seed=1, sources=("memory",)), bank_of("none", seed=False))
    assert {Tag.read(cell.tag).seed for cell in cells} == {0, 1, 2}
    assert len({cell_id(cell) for cell in cells}) == len(cells) == 3 * len(one)
    assert {cell_id(cell) for cell in one} <= {cell_id(cell) for cell in cells}
    assert len({cell.sample for cell in cells}) == 3 * 8
    seen: set[str] = set()
    for wave in waves(cells):
        assert all(name in seen for cell in wave for name in cell.memory)
        seen |= {cell_id(cell) for cell in wave}


def waves(cells: list[Cell]) -> list[list[Cell]]:
    """What each stage asks, where nobody has answered anything that can be recalled."""
    nothing = {cell_id(cell): failed(prepare(cell, None), Unreachable("Cut.", "Connect.")) for cell in cells}
    return [list(stage.cells(nothing)) for stage in wave_stages(cells)]


def test_waves_never_ask_a_cell_before_what_it_recalls() -> None:
    seen: set[str] = set()
    for wave in waves(plan(spec_of(written=2), bank_of())):
        assert all(name in seen for cell in wave for name in cell.memory)
        seen |= {cell_id(cell) for cell in wave}


def test_a_memory_holds_answers_of_the_same_person_and_never_an_unreadable_one(tmp_path) -> None:
    asked = []

    def text(request):
        asked.append(request.messages)
        place = request.messages[-1].content
        if "religion" in place:
            return "As an AI, I have no religion."
        return "Perhaps so, perhaps not." if "happy" in place else "A. This is my view."

    info, rows = carried_out(tmp_path, spec_of(sources=("memory",)), bank_of("none"), MockProvider(text=text))
    assert info.counts["errors"] == 0
    remembered = [m for messages in asked for m in messages if m.role == "assistant"]
    assert remembered
    assert {m.content for m in remembered} == {"A. This is my view."}
    for messages in asked:
        turns = [m.content.split("\n\n")[0] for m in messages if m.role == "user"]
        assert len(set(turns)) == 1  # one person
        assert len({m.content for m in messages if m.role == "user"}) == len(turns)  # no question twice
    most = {c.number: c.recalls for c in citizens("CHN", 8, 0, 3)}
    for one in rows:
        assert one.rendered_prompt.count("This is my view") <= most[Tag.read(one.tag).number]


def test_a_drawn_answer_is_replayed_with_its_letter_and_words_and_is_drawn_alike_each_time(tmp_path) -> None:
    last = MockProvider(options=lambda request: [0.9 if code == max(request.codes) else 0.0 for code in request.codes])
    info, rows = carried_out(tmp_path, spec_of(questions=("Q6", "Q29")), bank_of(), last)
    assert len(rows) == info.counts["answers"] == 8 * 2 * 5
    assert all(code_of(one) == max(one.codes) for one in rows)
    told = [one.rendered_prompt for one in rows if one.rendered_prompt.count("Question:") == 2]
    assert told
    assert all(". Not at all important\n" in prompt or ". Strongly disagree\n" in prompt for prompt in told)


@pytest.mark.slow  # stop and resume of every audit are told in tests/contract/test_audits.py
def test_a_stopped_run_goes_on_with_the_same_memories(tmp_path) -> None:
    import threading

    bank, whole = bank_of(), {}
    _, rows = carried_out(tmp_path / "a", spec_of(), bank, MockProvider())
    whole = {one.cell_id: one.rendered_prompt for one in rows}
    store, stop = Store(tmp_path / "b"), threading.Event()
    run_id = create_run(store, "citizens", spec_of(), bank)
    run_audit(
        store, run_id, bank, lambda n: MockProvider(), cancel=stop, on_progress=lambda p: p.done > 60 and stop.set()
    )
    assert 0 < len(store.responses([run_id])) < len(whole)
    run_audit(store, run_id, bank, lambda n: MockProvider())
    again = store.rows(run_id, list(store.responses([run_id]).cell_id))
    assert {one.cell_id: one.rendered_prompt for one in again} == whole


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=9), st.floats(0.3, 3), st.floats(0.05, 1))
def test_a_configured_distribution_is_one_and_keeps_the_order(shares, temperature, top_p) -> None:
    p = np.array(shares) / sum(shares)
    q = configured(p, temperature, top_p)
    assert q.sum() == pytest.approx(1)
    assert (q >= 0).all()
    assert q[p.argmax()] == q.max()
    assert configured(p, 1.0, 1.0) == pytest.approx(p)
    hot, cold = configured(p, 3.0, 1.0), configured(p, 0.3, 1.0)
    assert hot.max() <= p.max() + 1e-9 <= cold.max() + 2e-9


def test_draws_follow_the_distribution() -> None:
    codes = [code_of(row(i, tag=Tag(arm="none", number=i).text, codes=(2, 1), mass=(0.3, 0.5))) for i in range(4_000)]
    assert np.mean(np.array(codes) == 1) == pytest.approx(0.625, abs=0.03)
    assert code_of(row(0, tag="another", codes=(1, 2), mass=(0.5, 0.5))) is None


def test_a_tag_is_read_back() -> None:
    tag = Tag(arm="all", number=7, region="east", temperature=0.83, top_p=0.9, seed=3)
    assert Tag.read(tag.text) == tag
    assert Tag.read("") is None
    assert Tag.read("escalation:3") is None


def simulated(rng: np.random.Generator, n: int, country: str = "USA"):
    """Counts of a perfect simulation: n answers drawn from the people themselves."""
    import pandas as pd

    survey, out = SURVEYS["wvs7"](), []
    for name in ASKED:
        shares = survey.reference(name, Persona(country=country)).shares
        counts = tuple(int(c) for c in rng.multinomial(n, shares))
        head = {
            "model_id": "m",
            "language": "en",
            "country": country,
            "arm": "none",
            "dimension": "all",
            "group": "all",
        }
        out.append({**head, "question_id": name, "n": n, "counts": counts, "invalid": 0})
    return pd.DataFrame(out)


def test_the_noise_floor_holds_a_perfect_simulation_about_nine_times_in_ten() -> None:
    survey, rng, inside = SURVEYS["wvs7"](), np.random.default_rng(5), 0
    for _ in range(150):
        found = by_question(simulated(rng, 20), survey.questions(), survey)
        drawn = np.mean([floor.distances for floor in found["floor"]], axis=0)
        low, high = np.quantile(drawn, [0.05, 0.95])
        inside += low <= found["distance"].mean() <= high
    assert 0.82 <= inside / 150 <= 0.97


def test_a_summary_names_floor_diversity_and_the_change_against_none() -> None:
    survey, rng = SURVEYS["wvs7"](), np.random.default_rng(1)
    good, bad = simulated(rng, 400), simulated(rng, 400).assign(arm="all")
    bad["counts"] = [(*[0] * (len(counts) - 1), 400) for counts in bad["counts"]]
    import pandas as pd

    table = summary(by_question(pd.concat([good, bad], ignore_index=True), survey.questions(), survey))
    table = table.set_index("arm")
    assert not table.loc["none", "beyond"] or table.loc["none", "distance"] < 0.05
    assert table.loc["all", "beyond"]
    assert table.loc["all", "change_low"] > 0
    assert np.isnan(table.loc["none", "change"])
    assert table.loc["all", "diversity"] == pytest.approx(0)
    assert table.loc["none", "mode"] == 1
    assert table.loc["none", "skill_uniform"] > 0.8


def test_seeds_are_pooled_and_each_shown_for_itself(tmp_path) -> None:
    bank = bank_of()
    _, rows = carried_out(tmp_path, spec_of(respondents=10, seeds=3), bank, MockProvider())
    frames = AUDITS["citizens"]().scores(rows, bank)
    whole = frames["distributions"][frames["distributions"]["dimension"] == "all"]
    assert set(whole["n"]) == {30}
    each = frames["seeds"]
    assert set(each["seed"]) == {0, 1, 2}
    assert set(each["citizens"]) == {10}
    changes = seed_changes(each)
    assert len(changes) == 3 * 5
    none = changes[changes["arm"] == "none"]
    assert (none["change"] == 0).all()
    assert none["distance"].nunique() == 3


def test_a_change_is_clear_only_among_all_that_the_run_compares() -> None:
    survey, rng = SURVEYS["wvs7"](), np.random.default_rng(2)
    import pandas as pd

    arms_ = [simulated(rng, 20).assign(arm=f"arm {i}") for i in range(40)]
    same = pd.concat([simulated(rng, 20), *arms_], ignore_index=True)
    table = summary(by_question(same, survey.questions(), survey))
    assert not table["change_clear"].any()
    known = table.dropna(subset=["change_p"])
    assert len(known) == 40
    assert (known["change_p_adjusted"] >= known["change_p"]).all()


def test_scores_come_from_rows_alone_with_groups(tmp_path) -> None:
    bank = bank_of()
    _, rows = carried_out(tmp_path, spec_of(respondents=20), bank, MockProvider())
    frames = AUDITS["citizens"]().scores(rows, bank)
    assert set(frames) == {"answers", "distributions", "questions", "summary", "seeds", "checks", "offending"}
    assert set(frames["summary"]["dimension"]) == {"all", "age", "sex", "education"}
    whole = frames["distributions"][frames["distributions"]["dimension"] == "all"]
    assert set(whole["n"]) == {20}
    assert AUDITS["citizens"]().scores([], bank)["summary"].empty


def test_the_share_of_women_is_that_of_the_respondents_not_of_a_census() -> None:
    """The referee's figure: 55 % women among the respondents in China."""
    assert round(women_share("CHN"), 2) == 0.55
    assert all(0.3 < women_share(country) < 0.7 for country in joint())
