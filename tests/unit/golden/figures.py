"""Every figure that the pages show of the shipped runs, as frames by name: one function a page.

The functions call the scoring code of ``core`` in the order in which the pages call it. All imports of scoring code
that the golden test needs stand in this file, which is why it is long; what concerns ids and keys stands in
``identities.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any, NamedTuple

import pandas as pd

from core.audits.against_people import compare as compare_answer
from core.audits.alignment import audit as first_token
from core.audits.alignment.floor import floor_draws, floors
from core.audits.alignment.scores import ASKED, persona_key, question_scores, skills
from core.audits.alignment.traits import TRAITS, by_model, by_value, comparable
from core.audits.base import Bank
from core.audits.citizens.audit import score as score_citizens
from core.audits.citizens.scores import seed_changes, summary
from core.audits.option_table import answers_of, option_table
from core.audits.representation.audit import measure, persona_of
from core.audits.stability.rows import stored_rows
from core.audits.stability.scores import score as score_stability
from core.audits.stability.waves import drift, list_waves
from core.audits.traces.faithfulness import effects, moves
from core.audits.traces.gain import GROUPINGS, against_people, gains
from core.audits.traces.store import load_traces, stored_traces
from core.findings import china_west as between
from core.findings import world as around
from core.findings.claims import evidence
from core.findings.claims.verdicts import CLAIMS, units, verdict_of
from core.findings.compare import (
    alignment_items,
    differences,
    known_sides,
    reasoning_items,
    representation_items,
    side_of,
    stability_items,
    summaries,
)
from core.findings.compare.runs import by_question, compare_runs
from core.findings.lesson import lesson as whole_lesson
from core.runs.bank import load_bank
from core.settings import DATA
from core.store import Store
from core.store.index.outcomes import outcomes
from core.store.index.readings import ReadingFilter
from core.store.index.scopes import UNTUNED, every_run_of
from core.surveys import Survey
from core.surveys.dilemmas import Dilemma, load_dilemmas
from core.surveys.published import ITEMS, baselines, lean_counts, positions
from core.surveys.wvs7 import load as load_survey
from core.types import DEFAULT_KINDS, LANGUAGES, OptionDistribution, Persona, Reference

Frames = dict[str, pd.DataFrame]

STABILITY_RUNS = ("demo-edc-wave-1", "demo-edc-wave-2", "demo-edc-escalation")
CITIZENS_RUNS = ("demo-citizens",)
ANSWER_RUNS = ("demo-countries-en", "demo-countries-zh", "demo-groups-en")
WAVES = STABILITY_RUNS[:2]
QUESTIONS_OF = "CHN"
"""The country whose groups are pinned question by question; of the others the means over questions are."""
TOPICS = 2
"""Topics whose summary of simulated citizens is pinned beside that of all topics."""
EVERY = 8
"""Every eighth answer, or trace, is compared with people as its page does it, since each takes 2 000 draws."""


class World(NamedTuple):
    """What the pages draw on. Private survey data of whoever runs the test stay out of it."""

    store: Store
    bank: Bank
    survey: Survey
    dilemmas: dict[str, Dilemma]


def open_world() -> World:
    """The shipped runs and facts."""
    return World(Store(DATA / "runs"), load_bank(), load_survey(), load_dilemmas())


def alignment(world: World) -> Frames:
    """The matrix, topics, traits and questions of the Alignment page."""
    out: Frames = {}
    for language, asked in product(LANGUAGES, ASKED):
        name = f"{language}, asked as {asked}"
        scores = _question_scores(world, language, asked)
        drawn = floor_draws(scores, world.survey)
        out[f"matrix, {name}"] = skills(scores).merge(floors(scores, drawn), on="country", how="left")
        keys = ["country", "topic"]
        topics = skills(scores, ("model_id", *keys)).merge(floors(scores, drawn, keys), on=keys)
        out[f"topics, {name}"] = topics
        out[f"questions, {name}"] = scores
        for trait in TRAITS:
            mine = comparable(scores, world.bank.models, trait)
            if len(mine):
                floor = floors(mine.assign(every=0), drawn, ("every",)).drop(columns="every")
                out[f"models by {trait}, {name}"] = by_model(mine, world.bank.models).merge(floor, how="cross")
                out[f"values of {trait}, {name}"] = by_value(mine).merge(floor, how="cross")
    return out


def _question_scores(world: World, language: str, asked: str) -> pd.DataFrame:
    table = _readings(world, language)
    countries = sorted({c for c in (Persona.from_key(key).country for key in table["persona"].unique()) if c})
    countries = [c for c in countries if persona_key(c, "country") in set(table["persona"])]
    answers = {model: answers_of(table, model, language) for model in table["model_id"].unique()}
    return question_scores(answers, world.survey, countries, asked)


def _readings(world: World, language: str | None = None, **chosen: Any) -> pd.DataFrame:
    languages = None if language is None else (language,)
    chosen = {"told": ("none", "country"), "scope": UNTUNED, **chosen}
    return option_table(world.store, world.survey.questions(), ReadingFilter(languages=languages, **chosen))


def representation(world: World) -> Frames:
    """Groups, gaps and contrasts of the Representation page, and what it says of the young.

    Pinned are the countries that the model was told, and every third of those that it was not.
    """
    parts: dict[str, list[pd.DataFrame]] = {"groups": [], "contrasts": [], "questions": [], "young": []}
    countries = _grouped_countries(world.survey)
    for language in LANGUAGES:
        table = _readings(world, language, told=None)
        told = {Persona.from_key(key).country for key in table["persona"].unique()}
        for model in table["model_id"].unique():
            answers = answers_of(table, model, language)
            others = [country for country in countries if country not in told][::3]
            for country in [*(country for country in countries if country in told), *others]:
                found = measure(answers, world.survey, country)
                if (country, language) != (QUESTIONS_OF, "en"):
                    del found["questions"]
                if country in told:
                    young = measure(answers, world.survey, country, dimensions=("age",), tolds=("none",))["groups"]
                    found["young"] = young[young["group"] == "18-29"] if len(young) else young
                for name, frame in found.items():
                    who = {"model_id": model, "language": language, "country": country}
                    parts[name].append(frame.assign(**who)[[*who, *frame.columns]])
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}


def _grouped_countries(survey: Survey) -> list[str]:
    out = []
    for country in survey.countries():
        people = (survey.reference(name, persona_of(country, "sex", "female")) for name in survey.questions())
        if any(isinstance(one, Reference) and one.matched == "exact" for one in people):
            out.append(country)
    return out


def stability(world: World) -> Frames:
    """The scores of each run of dilemmas, and what moved between the waves."""
    out: Frames = {}
    for run_id in STABILITY_RUNS:
        rows = stored_rows(world.store, world.dilemmas, [run_id])
        for name, frame in score_stability(rows, world.dilemmas).items():
            out[f"{name}, {run_id}"] = frame.drop(columns=["run_id", "cell_id"], errors="ignore")
    waves = list_waves(world.store.runs())
    numbered = waves.assign(series=pd.factorize(waves["series"])[0])
    out["waves"] = numbered[["run_id", "series"]]
    longest = waves[waves["series"] == waves["series"].value_counts().idxmax()]
    rows = stored_rows(world.store, world.dilemmas, list(longest["run_id"]))
    out["drift"] = drift(rows, longest, world.dilemmas)
    return out


def citizens(world: World) -> Frames:
    """Summaries, checks and seeds of the runs of simulated citizens."""
    out: Frames = {}
    for run_id in CITIZENS_RUNS:
        ids = list(world.store.responses([run_id])["cell_id"])
        found = score_citizens(world.store.rows(run_id, ids), world.bank, world.survey)
        questions = found["questions"]
        floor = {
            "floor_distance": [float(f.distances.mean()) for f in questions["floor"]],
            "floor_similarity": [float(f.similarities.mean()) for f in questions["floor"]],
            "floor_entropy": [float(f.entropies.mean()) for f in questions["floor"]],
        }
        out[f"questions, {run_id}"] = questions.drop(columns="floor").assign(**floor)
        out[f"answers, {run_id}"] = _counted(found["answers"], ["country", "arm", "seed", "outcome"])
        out |= {f"{name}, {run_id}": found[name] for name in ("summary", "checks", "seeds")}
        out[f"offending, {run_id}"] = found["offending"].drop(columns=["answer", "cell_id"])
        for topic in sorted(set(questions["topic"]))[:TOPICS]:
            whole = questions[(questions["topic"] == topic) & (questions["dimension"] == "all")]
            out[f"summary of {topic}, {run_id}"] = summary(whole)
        for country, mine in found["seeds"].groupby("country"):
            out[f"seeds of {country}, {run_id}"] = seed_changes(mine)
    return out


def _counted(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return frame.groupby(keys, as_index=False).agg(n=("code", "size"), mean_code=("code", "mean"))


def traces(world: World) -> Frames:
    """Every stored trace with its vote, what interventions move, and whether the reasoning helps."""
    known = stored_traces(world.store)
    latest = known.drop_duplicates("cell_id", keep="last")
    made = load_traces(world.store, latest, world.bank.models, dict(world.bank.questions))
    rows, numbers = [], []
    for place, trace in enumerate(made):
        unit = trace.unit
        who = {
            "question_id": unit.question.id,
            "persona": unit.persona.key,
            "language": unit.language,
            "intervention": unit.options.intervention,
        }
        rows.append(
            {
                **who,
                "type": trace.type,
                "stack": ",".join(trace.stack or ()),
                "steps": len(trace.steps),
                "problems": len(trace.problems),
                "agrees": trace.agrees,
                "weights": list(trace.weights.values()),
                "vote": trace.vote,
                "direct": trace.direct,
                "conclusion": trace.conclusion,
            }
        )
        if place % EVERY == 0:
            numbers += [
                {**who, "answer": name, **found}
                for stage, name in (("synthesis", "vote"), ("direct", "direct"), ("synthesis", "conclusion"))
                if (found := _against(world, trace.distribution(stage, name), unit.question.id, unit.persona))
            ]
    moved, helped = moves(made), against_people(made, world.survey)
    return {
        "traces": pd.DataFrame(rows),
        "against people": pd.DataFrame(numbers),
        "moves": pd.DataFrame([one.model_dump() for one in moved]),
        "effects": pd.DataFrame([_flat(one.model_dump()) for one in effects(moved)]),
        "gain by trace": helped,
        **{f"gain by {by}": gains(helped, by) for by in GROUPINGS},
    }


def _against(world: World, given: OptionDistribution | None, question_id: str, persona: Persona) -> dict[str, Any]:
    """One answer compared with people; empty where there is no answer or nobody was asked."""
    people = world.survey.reference(question_id, persona)
    if given is None or not isinstance(people, Reference):
        return {}
    others = world.survey.mean_of_others(question_id, people.country)
    found = compare_answer(given, people, world.survey.questions()[question_id], others)
    return found.model_dump() if found else {}


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """``values`` with each estimate spread over columns of its own."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        if hasattr(value, "_asdict"):
            out |= {f"{name}_{part}": one for part, one in value._asdict().items()}
        else:
            out[name] = value
    return out


def answers(world: World) -> Frames:
    """Answers to single questions as the page of one question shows them."""
    out: Frames = {}
    for run_id in ANSWER_RUNS:
        ids = list(world.store.responses([run_id])["cell_id"])
        found = first_token.readings(world.store.rows(run_id, ids), world.bank)
        rows, numbers = [], []
        listed = sorted(found, key=lambda r: (r.question_id, r.persona.key))
        # The groups are pinned on the page of groups; here every fifth of their many answers will do.
        for place, one in enumerate(listed[:: 5 if run_id == ANSWER_RUNS[2] else 1]):
            who = {"question_id": one.question_id, "persona": one.persona.key, "language": one.language}
            read = one.distribution
            facts = {"mode": one.mode, "position_bias": one.position_bias, "orders": len(one.orders)}
            rows.append({**who, **facts, "valid_mass": read.valid_mass, "probabilities": read.probabilities})
            if place % EVERY == 0 and (compared := _against(world, read, one.question_id, one.persona)):
                numbers.append({**who, **compared})
        out[f"readings, {run_id}"] = pd.DataFrame(rows)
        out[f"against people, {run_id}"] = pd.DataFrame(numbers)
    return out


def china_west(world: World) -> Frames:
    """Where the model stands between China and the West, beside the published models."""
    own, every = _china_west_answers(world)
    out: Frames = {"own answers": own, "baselines": between.plain_places()}
    for language, persona in product(LANGUAGES, between.PERSONAS):
        name = f"{language}, asked as {persona}"
        places = between.places(every, language, persona)
        out[f"places, {name}"] = places
        out[f"directions, {name}"] = between.directions(places)
        out[f"counts, {name}"] = between.measure_counts(places)
        for how in between.MEASURES:
            out[f"origins by {how}, {name}"] = between.origins(every, language, persona, how)
    return out | {f"effects by {how}": between.effects(every, how) for how in between.MEASURES}


def _china_west_answers(world: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    personas = tuple(None if name == "none" else name for name in between.PERSONAS)
    table = _readings(world, question_ids=ITEMS, countries=personas)
    shipped = set(world.store.runs()["run_id"])
    own = between.own_answers(table, world.bank.models, world.survey.questions(), shipped)
    return own, pd.concat([between.published_answers(), own], ignore_index=True)


def claims(world: World) -> Frames:
    """The verdict on each claim, and the evidence it rests on."""
    found = _claims_evidence(world)
    rows = []
    out: Frames = {}
    for claim in CLAIMS:
        outcome = verdict_of(claim, found[claim])
        head = {"claim": claim, "verdict": outcome.verdict, "reason": outcome.reason}
        for stream, judged in outcome.streams.items():
            mine = {**head, "stream": stream, "its_verdict": judged.verdict, "its_reason": judged.reason}
            rows.append({**mine, "part": "", **judged.effect._asdict()})
            rows += [{**mine, "part": part, **effect._asdict()} for part, effect in judged.parts.items()]
        for stream, frame in found[claim].items():
            out[f"evidence, {claim}, {stream}"] = frame
            out[f"models, {claim}, {stream}"] = units(frame)
    return {"verdicts": pd.DataFrame(rows), **out}


def _claims_evidence(world: World) -> dict[str, Frames]:
    runs, models, survey = world.store.runs(), world.bank.models, world.survey
    shipped = set(runs["run_id"])
    table, means = _readings(world), _china_west_answers(world)[1]
    sources = evidence.table_sources(table, shipped)
    scores = evidence.told_scores(table, survey)
    asked = [
        stored_rows(world.store, world.dilemmas, [run], names) for run, names in evidence.dilemma_runs(runs).items()
    ]
    rows = pd.concat(asked, ignore_index=True)
    return {
        "unstable": {"runs": evidence.instability(rows, world.dilemmas, models, shipped)},
        "youth": {"runs": evidence.youth_gaps(table, survey, models, shipped)},
        "scale": {"runs": evidence.size_steps(scores, models, sources)},
        "multilingual": {"published": evidence.language_changes(means)},
        "us_centric": {"published": evidence.usa_advantage(means)},
        "mistral": {"runs": evidence.series_distances(scores, models, sources)},
        "tuning": {"runs": evidence.country_variation(table, survey, models, shipped)},
        "neither": {
            "published": evidence.persona_misses(means),
            "runs": evidence.country_misses(scores, models, sources),
        },
    }


def compare(world: World) -> Frames:
    """Both comparisons that the Compare page starts from: the model in two languages, and two waves."""
    known = known_sides(world.store)
    out: Frames = {"sides": known[["key", "model_id", "language", "rows"]]}
    # A base model is asked in two countries only: beside it nothing would be shared with the dilemmas and groups. Nor
    # beside one that was tuned here.
    chat = known["model_id"].map(lambda name: world.bank.models[name].chat and every_run_of(name) == UNTUNED)
    whole = sorted(known.loc[known["run_id"].isna() & chat, "key"])
    waves = [key for run in WAVES for key in known.loc[known["run_id"] == run, "key"]]
    for name, keys in (("languages", whole), ("waves", waves)):
        for audit, items, as_skill in _compared(world, keys):
            if len(items):
                out[f"{audit}, {name}"] = summaries(items, keys, as_skill)
                # The page sorts by size, and gaps that mirror each other (the two sexes) tie but for their last bit.
                apart = differences(items, keys, keys[0], as_skill)
                out[f"{audit} apart, {name}"] = apart.sort_values(["place", "side"], ignore_index=True)
    return out


def _compared(world: World, keys: list[str]) -> Iterable[tuple[str, pd.DataFrame, bool]]:
    sides = {key: side_of(key) for key in keys}
    given = {}
    for key, side in sides.items():
        scope = {} if side.run_id is None else {"scope": side.run_id}
        table = _readings(world, side.language, model_ids=(side.model_id,), **scope)
        given[key] = answers_of(table, side.model_id, side.language)
    given = {key: mine for key, mine in given.items() if mine}
    met = {Persona.from_key(who).country for mine in given.values() for who, _ in mine}
    places = sorted({"CHN", "USA", *(place for place in met if place)})
    for told in ("country", "none"):
        distances, divergences = alignment_items(given, world.survey, places, told)
        yield f"alignment as skill, told {told}", distances, True
        yield f"alignment as divergence, told {told}", divergences, False
        persona = Persona() if told == "none" else Persona(country="CHN")
        asked = {key: mine for key, mine in given.items() if any(who == persona.key for who, _ in mine)}
        yield f"representation, told {told}", representation_items(asked, world.survey, "CHN", told), False
    frames, reasoned = {}, {}
    traced = stored_traces(world.store)
    for key, side in sides.items():
        runs = None if side.run_id is None else [side.run_id]
        frames[key] = stored_rows(world.store, world.dilemmas, runs, [side.model_id], side.language)
        mine = traced[(traced["language"] == side.language) & (traced["intervention"] == "none")]
        mine = mine if side.run_id is None else mine[mine["run_id"] == side.run_id]
        mine = mine.drop_duplicates("cell_id", keep="last")
        reasoned[key] = load_traces(world.store, mine, world.bank.models, dict(world.bank.questions))
    yield "stability", stability_items(frames, world.dilemmas), False
    yield "reasoning", reasoning_items(reasoned, world.survey), False


def lesson(world: World) -> Frames:
    """The six findings of the lesson."""
    found = whole_lesson(world.store, world.survey, world.dilemmas)
    assert found is not None
    out: Frames = {"persona": found.persona}
    for step in ("order", "publics", "dilemmas", "groups", "taught"):
        facts: dict[str, Any] = {}
        for name, value in getattr(found, step)._asdict().items():
            if isinstance(value, pd.DataFrame):
                out[f"{step}, {name}"] = value
            else:
                facts |= _flat({name: value})
        out[step] = pd.DataFrame([facts])
    return out


def runs(world: World) -> Frames:
    """What the Runs page counts of each run, and what it says of two waves compared with each other."""
    counted = [outcomes(world.store, run).assign(run_id=run) for run in sorted(world.store.runs()["run_id"])]
    before, after = (world.store.responses([run]) for run in WAVES)
    found = compare_runs(before, after, world.survey.questions())
    return {
        "outcomes": pd.concat(counted, ignore_index=True),
        "waves": pd.DataFrame([_flat(change._asdict()) for change in found.models]),
        "unpaired": pd.DataFrame([{"before": found.only_before, "after": found.only_after}]),
        "waves by question": by_question(found.pairs).sort_values("question_id", ignore_index=True),
    }


def start(world: World) -> Frames:
    """The published models as the start page shows them. They come from no run."""
    out: Frames = {"baselines": baselines()}
    for language, persona in product(LANGUAGES, (None, "CHN", "USA")):
        found = positions(language, persona)
        name = f"{language}, asked as {persona or 'none'}"
        out |= {f"positions, {name}": found, f"counts, {name}": lean_counts(found)}
    return out


def world(world: World) -> Frames:
    """Indices of places, what sets two countries apart, and how near models stand to people, there and everywhere."""
    answers = around.world_answers(world.survey)
    out: Frames = {f"index, {name}": around.index_values(world.survey, name) for name in around.INDICES}
    for country in ("CHN", "USA"):
        out[f"apart, {country}"] = around.standing_apart(answers, country, DEFAULT_KINDS).listed
        out[f"gaps, {country}"] = around.group_gaps(world.survey, country, "age", DEFAULT_KINDS).head(20)
    fields = around.mean_fields(between.published_answers(), world.survey, "en")
    for at, model in enumerate(fields.models):
        out[f"places of {model}"] = around.ranked(fields.places, fields.distance[at], fields.even, fields.batteries)
    return out


FIGURES: dict[str, Callable[[World], Frames]] = {
    "alignment": alignment,
    "representation": representation,
    "stability": stability,
    "citizens": citizens,
    "traces": traces,
    "answers": answers,
    "china_west": china_west,
    "claims": claims,
    "compare": compare,
    "lesson": lesson,
    "runs": runs,
    "start": start,
    "world": world,
}
"""File of pinned figures -> function that computes them today."""
