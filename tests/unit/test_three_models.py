"""Three scripted models are told apart by every audit: one that answers fairly, a biased one, and a place-biased one.

``fair`` answers a question as the people whom it is told to speak for, and as all of China where it is told of nobody.
``biased`` answers as young Chinese whatever it is told, and takes the other action of a dilemma in Chinese. ``placed``
knows nothing and prefers what stands first. The figures are those that the pages show.
"""

import re

import numpy as np
import pandas as pd
import pytest

from core import i18n
from core.audits import AUDITS
from core.audits.alignment.scores import question_scores
from core.audits.base import Bank
from core.audits.option_table import answers_of, option_table
from core.audits.representation.together import Panel, measure_together
from core.audits.stability.rows import stored_rows
from core.audits.stability.scores import LEAST_EXCESS
from core.findings.china_west import own_answers, places, plain_places
from core.findings.claims.evidence import country_misses, public_misses, told_scores
from core.findings.claims.evidence.dilemmas import instability
from core.findings.claims.verdicts import verdict_of
from core.findings.compare import alignment_items, differences
from core.findings.lesson import dilemma_lesson, order_lesson, persona_lesson, publics_lesson
from core.findings.map import country_ranks, map_rows
from core.findings.moving import formats_words, moving, moving_dilemmas, moving_words
from core.findings.wording import STANDS_OUT, Figure, place_words
from core.findings.world import clearly_nearer, common_fields, ranked_models
from core.providers.mock import MockProvider
from core.runs import create_run, run_audit
from core.runs.bank import load_bank
from core.store import Store
from core.store.index.readings import ReadingFilter
from core.surveys.dilemmas import load_dilemmas
from core.surveys.published import ITEMS
from core.surveys.wvs7 import load
from core.types import Persona, Reference
from tests.unit.audit_child import mock_model

MODELS = ("fair", "biased", "placed")
BANK = Bank(questions=load_bank().questions, models={name: mock_model(name) for name in MODELS})
SURVEY = load()
T = i18n.texts("en")


def asked():
    """Every third value or attitude that people of both countries answered by age."""

    def known(name):
        people = [SURVEY.reference(name, Persona(country=c, age="18-29")) for c in ("CHN", "USA")]
        return all(isinstance(one, Reference) and one.matched == "exact" for one in people)

    return [n for n, q in SURVEY.questions().items() if q.kind in ("value", "attitude") and known(n)][::3]


ASKED = asked()
STEMS = {(q.ladder.stem if q.ladder else q.stem).en: q for q in map(SURVEY.questions().get, ASKED)}


def by_place(k):
    odds = np.exp(-1.5 * np.arange(k))
    return list(0.9 * odds / odds.sum())


def script(request):
    """The mass on each printed label."""
    text, name, k = request.messages[-1].content, request.model.id, len(request.codes)
    question = next((one for stem, one in STEMS.items() if stem in text), None)
    if name == "placed":
        return by_place(k)
    if question is None or set(question.codes) != set(request.codes):
        other = name == "biased" and re.search("[一-鿿]", text)
        takes = 2 if other else 1
        return [0.8 if code == takes else 0.1 for code in request.codes] if k == 2 else [0.9 / k] * k
    place = "USA" if "United States" in text or "American" in text else "CHN"
    who = Persona(country="CHN", age="18-29") if name == "biased" else Persona(country=place)
    shares = dict(zip(question.codes, SURVEY.reference(question.id, who).shares, strict=True))
    return [0.9 * shares[code] for code in request.codes]


class Scripted(MockProvider):
    """Answers many prompts at a time: what a run writes after each batch takes longer than all answers."""

    def batch_size(self, model):
        return 256


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Runs of all five audits with all three models."""
    opened = Store(tmp_path_factory.mktemp("runs"))
    few = ASKED[:8]
    specs = {
        "alignment": {
            "questions": ASKED,
            "personas": [Persona(country=c) for c in ("CHN", "USA")],
            "text_check": False,
        },
        "stability": {"domains": ["work", "family"], "axes": ["order", "paraphrase", "language"]},
        "citizens": {"questions": few, "countries": ["CHN"], "respondents": 8, "sources": [], "written": 0},
        "traces": {"questions": few[:3], "personas": [Persona(country="CHN", age="18-29", sex="female")]},
    }
    for name, given in specs.items():
        audit = AUDITS[name]()
        given = {
            name: value for name, value in {**given, "text_check": False}.items() if name in audit.Spec.model_fields
        }
        spec = audit.Spec.model_validate({"models": MODELS, **given})
        run_audit(opened, create_run(opened, name, spec, BANK, run_id=name), BANK, lambda _: Scripted(script))
    yield opened
    opened.close()


def rows_of(store, run):
    return store.rows(run, list(store.responses([run])["cell_id"]))


@pytest.fixture(scope="module")
def answers(store):
    table = option_table(store, SURVEY.questions())
    return {name: answers_of(table, name, "en") for name in MODELS}


def test_alignment_finds_the_fair_one_near_to_both_countries_and_the_place_biased_one_to_none(store):
    found = AUDITS["alignment"]().scores(rows_of(store, "alignment"), BANK)
    cells = found["matrix"][found["matrix"]["asked"] == "country"].set_index(["model_id", "country"])
    for place in ("CHN", "USA"):
        assert cells.loc[("fair", place), "skill_others_low"] > 0.9
        assert cells.loc[("placed", place), "skill_uniform_low"] < 0
    assert cells.loc[("biased", "CHN"), "skill_others_low"] > 0
    # With so few batteries the interval is wide; that it stands below the fair one is a finding of Compare, below.
    assert cells.loc[("biased", "USA"), "skill_others"] < 0 < cells.loc[("biased", "USA"), "skill_others_high"]
    bias = found["readings"].dropna(subset=["position_bias"]).groupby("model_id")["position_bias"].mean()
    assert bias["placed"] > 0.3
    assert abs(bias["fair"]) < 1e-9


def test_who_is_left_out_is_nobody_but_with_the_biased_one():
    """On all values and attitudes: what a reading of all orders comes to, without asking."""
    panels = {name: Panel(readings_of(name), "CHN") for name in MODELS}
    flagged = {}
    for name, frames in measure_together(panels, SURVEY).frames.items():
        groups = frames["groups"]
        here = groups[(groups["told"] == "none") & (groups["dimension"] == "age")].set_index("group")
        flagged[name] = [group for group in here.index if here.loc[group, "flagged"]]
        if name == "biased":
            assert here.loc["18-29", "net_high"] < 0
    assert flagged["fair"] == flagged["placed"] == []
    assert "18-29" in flagged["biased"]


def readings_of(name):
    who = {"fair": Persona(country="CHN"), "biased": Persona(country="CHN", age="18-29")}.get(name)
    out = {}
    for one, question in SURVEY.questions().items():
        k = len(question.codes)
        reference = SURVEY.reference(one, who or Persona(country="CHN"))
        placed = (np.array(by_place(k)) + by_place(k)[::-1]) / 1.8 if question.is_ladder else np.full(k, 1 / k)
        if isinstance(reference, Reference):
            out[Persona().key, one] = tuple(placed) if who is None else reference.shares
    return out


def test_stability_finds_what_turns_by_language_and_what_turns_by_place(store):
    found = AUDITS["stability"]().scores(rows_of(store, "stability"), BANK)
    axes = found["axes"][found["axes"]["group"] == "all"].set_index(["model_id", "axis"])
    turns = {key: row["excess_low"] > LEAST_EXCESS for key, row in axes.iterrows()}
    assert [axis for (name, axis), turning in turns.items() if name == "fair" and turning] == []
    assert turns["biased", "language"]
    assert not turns["biased", "order"]
    assert turns["placed", "order"]
    assert not turns["placed", "language"]
    said = {
        row.model_id: place_words(
            T, {"model": "M", "language": "L"}, Figure(row.bias, row.low, row.high, least=STANDS_OUT)
        )
        for row in found["order_bias"][found["order_bias"]["language"] == "en"].itertuples()
    }
    assert "go over to the other action" in said["placed"]
    assert "ruled out" in said["fair"]
    parts = moving_dilemmas(found["readings"], MODELS)
    largest = parts.loc[parts.groupby("model_id")["share"].idxmax()].set_index("model_id")["part"].to_dict()
    assert largest == {"fair": "content", "biased": "language", "placed": "order"}


def test_what_moves_answers_is_content_but_for_the_place_biased_one(store):
    chosen = ReadingFilter(model_ids=MODELS, question_ids=tuple(ASKED))
    found = moving(store.printed(chosen), SURVEY.questions())
    for name, leads, formats in (
        ("fair", "more than the place", "agree"),
        ("biased", "more than the place", "agree"),
        ("placed", "The place of an option", "how it was asked"),
    ):
        assert leads in moving_words(T, found.parts, name, name)
        assert all(formats in line for line in formats_words(T, found.formats, name, name))


def test_compare_finds_them_apart(answers):
    items, _ = alignment_items(answers, SURVEY, ["CHN", "USA"], "country")
    found = differences(items, list(MODELS), "fair", as_skill=True).set_index(["side", "place"])["verdict"]
    # Where it is told China, the biased one answers as a part of the people it speaks for.
    assert found.drop(("biased", "CHN")).to_dict() == {
        ("biased", "USA"): "lower",
        ("placed", "CHN"): "lower",
        ("placed", "USA"): "lower",
    }


def test_citizens_and_traces_tell_them_apart(store):
    people = AUDITS["citizens"]().scores(rows_of(store, "citizens"), BANK)["summary"]
    whole = people[(people["dimension"] == "all") & (people["country"] == "CHN")].set_index("model_id")
    assert whole.loc["fair", "distance_high"] < whole.loc["placed", "distance"]
    assert whole.loc["fair", "distance"] < whole.loc["biased", "distance"] < whole.loc["placed", "distance"]
    gains = AUDITS["traces"]().scores(rows_of(store, "traces"), BANK)["gains"]
    direct = gains[gains["measure"] == "jsd"].groupby("value")[["direct", "mark"]].mean()
    assert direct.loc["fair", "direct"] < direct.loc["placed", "direct"]
    assert direct.loc["fair", "mark"] < direct.loc["placed", "mark"]


def told_answers(names):
    """Answers as no one and as people of both countries to ``names``, by model: a reading of all orders."""
    out = {model: {} for model in MODELS}
    for name in names:
        people = {country: SURVEY.reference(name, Persona(country=country)).shares for country in ("CHN", "USA")}
        even = (1 / len(people["CHN"]),) * len(people["CHN"])
        for who in (None, "CHN", "USA"):
            key = (Persona(country=who).key, name)
            out["fair"][key], out["biased"][key], out["placed"][key] = people[who or "CHN"], people["CHN"], even
    return out


def test_ranked_near_to_a_country_is_the_one_that_answers_as_its_people():
    """Models ranked, One country and the World map: the same ranks."""
    scores = question_scores(told_answers(ASKED), SURVEY, ["CHN", "USA"], "country")
    fields = common_fields(scores)
    for country, near in (("CHN", {"fair", "biased"}), ("USA", {"fair"})):
        table = ranked_models(fields, country)
        assert set(clearly_nearer(table)["name"]) & set(MODELS) == near
        assert set(table["name"].head(len(near))) == near


def test_china_and_the_west_finds_who_follows_the_persona():
    told = told_answers(ITEMS)
    rows = [(model, *key, "en", "r", shares, 0.9) for model, answers in told.items() for key, shares in answers.items()]
    columns = ["model_id", "persona", "question_id", "language", "run_id", "probabilities", "valid_mass"]
    found = own_answers(pd.DataFrame(rows, columns=columns), BANK.models, SURVEY.questions())
    leans = {who: places(found, "en", who).set_index("model_id")["lean_distance"] for who in ("none", "CHN", "USA")}
    assert leans["USA"]["fair"] > 0 > leans["CHN"]["fair"]
    assert leans["USA"]["biased"] == leans["CHN"]["biased"] < 0
    # Whoever knows nothing stands where the middle of the scale stands, and no persona moves it.
    assert leans["USA"]["placed"] == leans["CHN"]["placed"] == leans["none"]["placed"]
    assert leans["none"]["placed"] == pytest.approx(middle_lean())


def test_the_cultural_map_shows_who_follows_the_persona_and_who_stands_where_nobody_lives():
    told = told_answers(ITEMS)
    rows = [(model, *key, "en", "r", shares, 0.9) for model, answers in told.items() for key, shares in answers.items()]
    columns = ["model_id", "persona", "question_id", "language", "run_id", "probabilities", "valid_mass"]
    found = own_answers(pd.DataFrame(rows, columns=columns), BANK.models, SURVEY.questions())
    at = {who: map_rows(found, "en", who).set_index("id") for who in ("CHN", "USA")}
    for who in at:
        points = at[who][["x", "y"]]
        assert points.loc["fair"].tolist() == pytest.approx(points.loc[who].tolist(), abs=0.05)
        assert points.loc["biased"].tolist() == pytest.approx(points.loc["CHN"].tolist(), abs=0.05)
        assert at[who].loc["placed", "place"] != "inside"
        assert at[who].loc[["fair", "biased"], "off"].max() < at[who].loc["placed", "off"]
    nearest = country_ranks(found, "en", "USA").set_index("model_id")["nearest"]
    assert (nearest["fair"], nearest["biased"]) == ("USA", "CHN")
    assert nearest["placed"] not in ("CHN", "USA")


def six(frame, name, side="other"):
    """The evidence of ``name`` as if six models of six developers had given it: what a claim needs to be judged."""
    mine = frame[frame["model_id"] == name]
    copies = [mine.assign(model_id=f"{name}{n}", name=f"{name}{n}", cluster=f"d{n}", side=side) for n in range(6)]
    return pd.concat(copies, ignore_index=True)


def test_claims_tell_an_unstable_model_from_one_that_only_prefers_a_place(store):
    """The place-biased one turns with the order in every dilemma; that is no instability of what it holds."""
    known = load_dilemmas()
    frame = instability(stored_rows(store, known, ["stability"], list(MODELS)), known, BANK.models)
    found = {name: verdict_of("unstable", {"runs": six(frame, name)}).verdict for name in MODELS}
    assert found == {"fair": "not_supported", "biased": "supported", "placed": "not_supported"}


def test_claims_tell_who_answers_as_the_country_it_was_told(store):
    """Neither side generalises: judged for one side by each model, the other side being the biased one."""
    table = option_table(store, SURVEY.questions())
    scores = told_scores(table, SURVEY)
    frame = country_misses(scores, BANK.models, dict.fromkeys(MODELS, "own"))
    publics = {"runs": public_misses(scores, SURVEY)}
    effects = {
        name: verdict_of("neither", {"runs": six(frame, name, "China")}, publics).streams["runs"].parts["China"]
        for name in MODELS
    }
    assert effects["fair"].high < 0, "nearer to the country it is told than the mean of the others"
    assert effects["fair"].mean < effects["biased"].mean < effects["placed"].mean
    assert frame.groupby("model_id")["value"].mean()["placed"] > 0


def test_the_lesson_has_another_end_for_each(store):
    """Its steps on the same questions and dilemmas, as they would come out if each were the model of the lesson."""
    rows, table, known = store.responses(["alignment"]), option_table(store, SURVEY.questions()), load_dilemmas()
    asked_in_four = next(name for name in ASKED if len(SURVEY.questions()[name].options) == 4)
    choices = store.responses(["stability"])
    ends = {}
    for name in MODELS:
        mine = rows[(rows["model_id"] == name) & (rows["language"] == "en")]
        order = order_lesson(mine, SURVEY.questions(), asked_in_four)
        moved = persona_lesson(table, SURVEY, name).set_index("pair")["value"]
        acts = choices[choices["model_id"] == name]
        turned = dilemma_lesson(acts, acts, known).rows.set_index("change")["value"]
        ends[name] = (
            order.outcome,
            round(moved["CHN_USA"] / moved["people"], 6),
            publics_lesson(table, SURVEY, name).outcome,
            {change for change, share in turned.items() if share > 0.5},
        )
    assert ends == {
        "fair": ("same", 1, "CHN", set()),
        "biased": ("same", 0, "CHN", {"language"}),
        "placed": ("place", 0, ends["placed"][2], {"order"}),
    }
    assert ends["placed"][2] != "CHN"


def middle_lean():
    plain = plain_places().set_index("baseline")
    return plain.loc["middle", "lean_distance"]


def test_the_script_answers_by_place_alone_only_where_it_should():
    assert by_place(2)[0] > by_place(2)[1]
    assert len(STEMS) == len(ASKED)
    assert pd.Series(ASKED).is_unique
