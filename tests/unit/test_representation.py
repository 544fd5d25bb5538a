"""The Representation audit on the shipped survey: who is nearer, in words of numbers, and what is left unsaid."""

import numpy as np
import pytest

from core.audits.option_table import answers_of, option_table
from core.audits.representation.audit import GROUPS, Spec, measure, persona_of, plan
from core.audits.representation.people import known_people
from core.errors import InputError
from core.runs.bank import load_bank
from core.store import Store
from core.surveys.every import EverySurvey
from core.surveys.importing import Options, import_tidy
from core.surveys.private import Private, PrivateFirst
from core.surveys.wvs7 import load
from core.types import Persona, Reference
from tests.unit.store_rows import START, info
from tests.unit.store_rows import row as stored

NOBODY = "|||"


@pytest.fixture(scope="module")
def survey():
    return load()


def answers_like(survey, country, who, keys=(NOBODY,)):
    """A model that answers each question just as ``who`` did."""
    out = {}
    for name in survey.questions():
        reference = survey.reference(name, who)
        if isinstance(reference, Reference) and reference.matched == "exact":
            out |= {(key, name): reference.shares for key in keys}
    return out


@pytest.mark.parametrize(("group", "clear", "p"), [("18-29", True, 0.043), ("50+", False, 0.059)])
def test_a_model_that_answers_like_one_age_group_is_found_near_it(survey, group, clear, p):
    found = measure(answers_like(survey, "CHN", Persona(country="CHN", age=group)), survey, "CHN")
    rows = found["groups"].set_index(["told", "dimension", "group"])
    mine = rows.loc[("none", "age", group)]
    assert mine["flagged"]
    assert mine["gap_high"] < 0
    assert mine["distance"] == pytest.approx(0)
    assert mine["dispersion"] == pytest.approx(1)
    contrast = found["contrasts"].set_index(["told", "dimension"]).loc[("none", "age")]
    assert contrast["near"] == group
    assert contrast["told_apart"]
    assert (contrast["questions"], contrast["batteries"]) == (77, 17)
    # All pairs of groups are compared at once, and 19 of the 77 questions are one battery: 50+ just misses.
    assert contrast["p"] == pytest.approx(p, abs=0.001)
    assert (contrast["clear"], contrast["low"] > 0) == (clear, clear)


def test_a_model_without_values_stands_where_an_even_guess_stands(survey):
    even = {(NOBODY, q): (1 / len(w.codes),) * len(w.codes) for q, w in survey.questions().items()}
    found = measure(even, survey, "BRA")["groups"]
    assert set(found["dimension"]) == set(GROUPS)
    assert np.allclose(found["gap"], found["gap_even"])


def test_the_mean_gap_over_the_groups_of_a_dimension_is_zero(survey):
    found = measure(answers_like(survey, "CHN", Persona(country="CHN", age="50+")), survey, "CHN")
    sums = found["groups"].groupby(["told", "dimension"])["gap"].sum()
    assert np.allclose(sums, 0)
    assert np.allclose(found["questions"].groupby(["dimension", "question_id"])["gap"].sum(), 0)


def test_told_appears_only_where_the_model_was_told(survey):
    people = Persona(country="CHN", sex="female")
    answers = answers_like(survey, "CHN", people) | answers_like(
        survey, "CHN", people, keys=[persona_of("CHN", "sex", g).key for g in GROUPS["sex"]]
    )
    found = measure(answers, survey, "CHN")["groups"]
    assert set(found.loc[found["told"] == "group", "dimension"]) == {"sex"}
    assert "country" not in set(found["told"])


def test_nothing_to_compare_gives_empty_frames(survey):
    assert all(frame.empty for frame in measure({}, survey, "CHN").values())
    # Andorra has no groups.
    answers = answers_like(survey, "CHN", Persona(country="CHN"))
    assert measure(answers, survey, "AND")["groups"].empty


def test_chosen_questions_and_dimensions_restrict(survey):
    answers = answers_like(survey, "USA", Persona(country="USA"))
    ids = list(survey.questions())[:12]
    found = measure(answers, survey, "USA", ids, dimensions=("sex",), tolds=("none",))
    assert set(found["groups"]["dimension"]) == {"sex"}
    assert set(found["questions"]["question_id"]) <= set(ids)


def test_the_same_answers_give_the_same_numbers(survey):
    answers = answers_like(survey, "USA", Persona(country="USA"))
    first, second = (measure(answers, survey, "USA", dimensions=("age",))["groups"] for _ in range(2))
    assert first.equals(second)


def test_a_plan_asks_as_no_one_as_the_country_and_as_each_group():
    bank = load_bank()
    model = next(iter(bank.models))
    cells = plan(Spec(models=(model,), countries=("CHN",), questions=("Q6",)), bank)
    keys = {cell.persona.key for cell in cells}
    assert NOBODY in keys
    assert "CHN|||" in keys
    assert "CHN|18-29||" in keys
    assert len(keys) == 1 + 1 + 3 + 2 + 3
    assert all(cell.kind == "options" for cell in cells)
    with pytest.raises(InputError):
        plan(Spec(models=(model,), countries=("CHN",), questions=("Q9999",)), bank)


def test_a_persona_stands_for_its_group():
    assert persona_of("CHN", "age_x_sex", "18-29|female") == Persona(country="CHN", age="18-29", sex="female")
    assert persona_of("CHN", "all", "all") == Persona(country="CHN")


def keep(store, run_id, rows):
    with store.create(info(run_id)) as folder:
        store.append(folder, [row.model_copy(update={"run_id": run_id}) for row in rows])


def test_readings_are_averaged_over_orders_in_scale_order_and_the_latest_counts(tmp_path, survey):
    question = survey.questions()["Q6"]
    codes = question.codes

    def row(number, order, mass, **more):
        plain = {"question_id": "Q6", "model_id": "m", "country": None, "sex": None, "language": "en"}
        return stored(number, codes=order, mass=mass, **plain, **more)

    turned = (*codes[1:], codes[0])
    store = Store(tmp_path / "runs")
    earlier = START.replace(year=START.year - 1)
    first = row(0, codes, (0.8, 0.0, 0.0, 0.0), created=earlier)
    keep(store, "a", [first, row(1, turned, (0.2, 0.0, 0.0, 0.2), created=earlier)])
    keep(store, "b", [row(0, codes, (0.4, 0.0, 0.0, 0.0)), row(9, codes, (1.0, 0, 0, 0), tag="x")])
    table = option_table(store, survey.questions())
    assert len(table) == 1
    found = table.iloc[0]
    assert found["orders"] == 2
    assert found["valid_mass"] == pytest.approx(0.4)
    assert found["probabilities"] == pytest.approx((0.75, 0.25, 0, 0))
    assert found["persona"] == NOBODY
    assert answers_of(table, "m", "en") == {(NOBODY, "Q6"): found["probabilities"]}
    assert answers_of(table, "m", "zh") == {}
    store.close()


def test_people_are_those_of_the_survey_as_it_is_after_data_of_ones_own_come_and_go(survey, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("question,option,group,share,n\n" + "".join(f"Q6,1,{age},1,90\n" for age in GROUPS["age"]))
    own: list[Private] = []
    mine = PrivateFirst(survey, lambda base: own)
    both = EverySurvey([mine])

    def seen() -> list[list[float]]:
        found = [known_people(one, "CHN", "age", ("Q6",))[1]["Q6"].shares[:, 0] for one in (mine, both)]
        return [list(shares) for shares in found]

    before = seen()
    bank = survey.questions()
    own.append(Private("mine", bank, import_tidy(path, bank, Options(country="CHN", year=2024)).frame))
    mine.reload()
    assert seen() == [[1.0] * len(GROUPS["age"])] * 2
    own.clear()
    mine.reload()
    assert seen() == before
