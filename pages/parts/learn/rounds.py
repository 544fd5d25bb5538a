"""What a class can be asked: the six steps of the lesson, and how many in a hundred people of a country say something.

The name of a round (``step:order``, ``people:Q57:CHN``) holds all that is needed to word it, so that the teacher and
each pupil see it in a language of their own.
"""

from typing import NamedTuple

import pandas as pd

from core.classroom import Round
from core.findings import guess
from core.findings.guess import HUNDRED, asked_for, guessable, in_hundred, marked
from core.findings.lesson import OUTCOMES, STEPS, Lesson
from core.providers.local.recipe import BUILTIN
from core.store.index.scopes import SHIPPED, scope_of
from core.types import Question
from pages.parts.learn.scenes import material, scene
from pages.parts.learn.steps import measured, scale_of, words
from pages.parts.shared import resources
from pages.parts.shared.names import country, model_name, model_side
from pages.parts.shared.readings import readings, store_state
from pages.parts.shared.texts import listed, number, t, term, ui_language

FIRST_QUESTION, FIRST_COUNTRY = "Q57", "CHN"
"""The round about people that a teacher finds first: whether most people can be trusted."""
MOST_MODELS = 2
MOST_LISTED = 3
"""Options that are named one by one; of more the first and the last are."""


class Asked(NamedTuple):
    """A round in words: its title, what to know before, what is asked, and the options where one is chosen."""

    title: str
    scene: str
    ask: str
    options: tuple[str, ...]
    top: int


class Answer(NamedTuple):
    """What was found: the place of the option or the number, in words, and all that is drawn beside the guesses.

    ``drawn`` has columns name, look (as in :mod:`core.charts.palette`), value, low, high. ``shares`` are those of
    people, where the round is about them.
    """

    value: float
    words: str
    drawn: pd.DataFrame
    note: str = ""
    shares: tuple[float, ...] = ()


def round_of(step: str, found: Lesson) -> Round:
    """The round of a step of the lesson."""
    return Round(f"step:{step}", len(OUTCOMES[step]) - 1 if step in OUTCOMES else scale_of(step, found))


def round_about(question_id: str, place: str) -> Round:
    """The round about people of a country."""
    return Round(f"people:{question_id}:{place}", HUNDRED)


def step_of(name: str) -> str | None:
    """The step of the lesson that a round is, if it is one."""
    kind, _, step = name.partition(":")
    return step if kind == "step" and step in STEPS else None


def about(name: str) -> tuple[Question, str]:
    """The question and the country of a round about people."""
    _, question_id, place = name.split(":")
    return resources.questions()[question_id], place


def topics_of_people() -> list[str]:
    """Questions that a class can guess, those about whose answers of people there are any."""
    return guessable(resources.questions())


def places_asked(question_id: str) -> list[str]:
    """Countries whose people were asked a question, by name."""
    return sorted(guess.places_asked(resources.survey(), resources.questions()[question_id]), key=country)


def asked(name: str, found: Lesson) -> Asked:
    """The round ``name`` in words."""
    language, step = ui_language(), step_of(name)
    if step is not None:
        options = tuple(term(f"learn_{step}", value) for value in OUTCOMES.get(step, ()))
        top = len(options) - 1 if options else scale_of(step, found)
        before = f"{scene(step, found)}\n\n{material(step)}"
        return Asked(term("learn_title", step), before, term("learn_ask", step), options, top)
    question, place = about(name)
    these = [t("class.quoted", text=question.options[at].text.get(language)) for at in asked_for(question)]
    options = t("class.range", first=these[0], last=these[-1]) if len(these) > MOST_LISTED else listed(these)
    ask = t("class.in_hundred", country=country(place), options=options)
    title = t("class.people_title", country=country(place), name=question.short.get(language))
    return Asked(title, f"> {question.stem.get(language)}", ask, (), HUNDRED)


def guess_words(name: str, value: float, found: Lesson) -> str:
    """A guess, or a number of a round, in words."""
    step = step_of(name)
    if step in OUTCOMES:
        return term(f"learn_{step}", OUTCOMES[step][round(value)])
    return words(step, value, found) if step else t("class.of_hundred", n=number(value))


def answer(name: str, found: Lesson) -> Answer:
    """What was found in the round ``name``."""
    step = step_of(name)
    if step is not None:
        value = measured(step, found)
        at = float(OUTCOMES[step].index(str(value)) if step in OUTCOMES else value)
        return Answer(
            at,
            words(step, value, found),
            _drawn([(t("learn.model"), model_side(found.model_id), at, *_interval(step, found))]),
        )
    question, place = about(name)
    people = in_hundred(resources.survey(), question, place)
    rows = [(t("people.country", country=country(place)), "people", people.value, people.low, people.high)]
    for model, shares in model_answers(question).items():
        side = model_side(model)
        rows.append((model_name(model), side, float(marked(question) @ shares) * HUNDRED, float("nan"), float("nan")))
    even = float(marked(question).mean()) * HUNDRED
    rows.append((t("chart.uniform"), "baseline", even, float("nan"), float("nan")))
    note = t(
        "class.people_note",
        low=number(people.low),
        high=number(people.high),
        n=people.n,
        year=str(people.year),
        weights=term("world_weights", people.weight_status),
    )
    return Answer(people.value, t("class.of_hundred", n=number(people.value)), _drawn(rows), note, people.shares)


def model_answers(question: Question) -> dict[str, tuple[float, ...]]:
    """The answers of models that were tuned to answer, asked in English as nobody in particular, by id of the model.

    The built-in model, of which the lesson is made, comes first.
    """
    table = readings(
        store_state(), scope=scope_of(SHIPPED, tuned=False), language="en", questions=(question.id,), told=("none",)
    )
    known = resources.models()
    tuned = table[[name in known and known[name].chat for name in table["model_id"]]].drop_duplicates("model_id")
    built_in = [known[name].remote_id == BUILTIN for name in tuned["model_id"]]
    first = tuned.assign(built_in=built_in).sort_values("built_in", ascending=False, kind="stable").head(MOST_MODELS)
    return dict(zip(first["model_id"], first["probabilities"], strict=True))


def _interval(step: str, found: Lesson) -> tuple[float, float]:
    if step == "persona":
        row = found.persona.set_index("pair").loc["CHN_USA"]
        return float(row["low"]) * HUNDRED, float(row["high"]) * HUNDRED
    if step == "dilemmas":
        row = found.dilemmas.rows.set_index("change").loc["order"]
        return float(row["low"]) * found.dilemmas.total, float(row["high"]) * found.dilemmas.total
    return float("nan"), float("nan")


def _drawn(rows: list[tuple[str, str, float, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["name", "look", "value", "low", "high"])
