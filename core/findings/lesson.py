"""The content of the lesson: six small findings, each computed from the shipped runs of the built-in model.

Every finding has its uncertainty over questions or dilemmas and the score of an answer that knows nothing. What stands
side by side in a step is on the questions or dilemmas that all of it has. Questions on values and attitudes count; the
place of an option is measured on all questions, because it concerns none of their contents. A pupil first predicts the
result; :func:`judge_choice` and :func:`judge_number` compare the prediction with the measurement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from core.audits.alignment.scores import question_scores
from core.audits.option_table import answers_of, option_table
from core.audits.representation.audit import measure
from core.audits.shared import shared_items
from core.audits.stability.rows import BASE, KEY, pairs, readings
from core.findings.tuned import taught
from core.findings.wording import Figure, direction
from core.stats import Estimate, mean_interval, position_bias, total_variation
from core.stats.agreement import changed
from core.store import Store
from core.store.index.readings import ReadingFilter
from core.surveys import Survey
from core.surveys.base import NotAsked
from core.surveys.batteries import battery_of
from core.surveys.dilemmas import Dilemma
from core.surveys.questions import among_kinds
from core.types import Persona, Question, Reference

Verdict = Literal["right", "partly", "wrong"]
VERDICTS: tuple[Verdict, ...] = ("right", "partly", "wrong")
STEPS = ("order", "persona", "publics", "dilemmas", "groups", "taught")

QUESTION_RUN = "demo-countries-en"
WAVES = ("demo-edc-wave-1", "demo-edc-wave-2")
ORDER_QUESTION = "Q27"
DILEMMA = "family-09"
PUBLICS = ("CHN", "USA")
GROUPS_OF = "USA"

OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "order": ("same", "some", "place"),
    "publics": ("CHN", "even", "USA"),
    "groups": ("female", "none", "male"),
    "taught": taught.OUTCOMES,
}
"""The answers from which a pupil may choose, in an order in which neighbours are partly right."""

NEAR, NEARISH = 0.05, 0.15
"""A guessed number is right, or partly right, within this fraction of the whole scale."""
LEAST_DIFFERENCE = 0.01
"""A difference of the distances to two publics (0..1) under this is no finding, however certain."""


def judge_choice(said: str, measured: str, ordered: Sequence[str]) -> Verdict:
    """``right`` for the same answer, ``partly`` for its neighbour in ``ordered``, else ``wrong``."""
    apart = abs(ordered.index(said) - ordered.index(measured))
    return VERDICTS[min(apart, 2)]


def judge_number(said: float, measured: float, scale: float) -> Verdict:
    """``right`` within 5 % of ``scale``, ``partly`` within 15 %, else ``wrong``; both ends count as within."""
    apart = abs(said - measured) / scale - 1e-9
    return "right" if apart <= NEAR else "partly" if apart <= NEARISH else "wrong"


class OrderLesson(NamedTuple):
    """One question in every order of its options.

    ``rows``: one per printed order and option: first (code printed first), code, place (0 is first), share (0..1), top
    (the winner of that order). ``winners`` counts different winners. ``bias`` is P(first place) - 1/K over all
    questions of the run, with its interval.
    """

    rows: pd.DataFrame
    winners: int
    orders: int
    bias: Estimate
    outcome: str


def order_lesson(frame: pd.DataFrame, questions: Mapping[str, Question], name: str = ORDER_QUESTION) -> OrderLesson:
    """See :class:`OrderLesson`; ``frame`` has the columns of stored responses, of one model and prompt language."""
    plain = frame[frame["country"].isna() & (frame["kind"] == "options") & (frame["outcome"] == "option")]
    rows, found, blocks = [], [], []
    for question_id, part in plain.groupby("question_id", sort=False):
        k = len(questions[str(question_id)].options)
        shares = np.array([np.asarray(mass, dtype=float) / sum(mass) for mass in part["mass"] if sum(mass) > 0])
        if len(shares) != k:
            continue
        found.append(float(position_bias(shares)))
        blocks.append(battery_of(questions[str(question_id)]))
        if question_id == name:
            for codes, printed in zip(part["codes"], shares, strict=True):
                best = int(np.argmax(printed))
                rows += [
                    {"first": codes[0], "code": code, "place": i, "share": float(share), "top": i == best}
                    for i, (code, share) in enumerate(zip(codes, printed, strict=True))
                ]
    table = pd.DataFrame(rows, columns=["first", "code", "place", "share", "top"])
    winners, orders = table.loc[table["top"], "code"].nunique(), table["first"].nunique()
    outcome = "same" if winners == 1 else "place" if winners == orders else "some"
    bias = mean_interval(found, blocks)
    return OrderLesson(table, winners, orders, bias, outcome)


def persona_lesson(table: pd.DataFrame, survey: Survey, model: str) -> pd.DataFrame:
    """How far an answer moves when the person changes: one row per ``pair`` with value, low, high (0..1) and n.

    ``table`` is that of :func:`core.audits.option_table.option_table`. Values are total variation, averaged over the
    questions that all pairs have; ``people`` is how far apart the two publics themselves are.
    """
    answers = answers_of(table, model, "en")
    keys = {"none": Persona().key, **{country: Persona(country=country).key for country in PUBLICS}}
    moved: dict[str, list[float]] = {"none_CHN": [], "none_USA": [], "CHN_USA": [], "people": []}
    blocks = []
    for name, question in survey.questions().items():
        mine = {who: answers.get((key, name)) for who, key in keys.items()}
        people = [survey.reference(name, Persona(country=country)) for country in PUBLICS]
        if any(answer is None for answer in mine.values()) or any(isinstance(p, NotAsked) for p in people):
            continue
        blocks.append(battery_of(question))
        for pair in ("none_CHN", "none_USA", "CHN_USA"):
            left, right = pair.split("_")
            moved[pair].append(float(total_variation(mine[left], mine[right])))  # type: ignore[arg-type]
        shares = [p.shares for p in people if isinstance(p, Reference)]
        moved["people"].append(float(total_variation(*shares)))
    found = {pair: mean_interval(values, blocks, within=(0, 1)) for pair, values in moved.items()}
    rows = [{"pair": pair, "value": e.mean, "low": e.low, "high": e.high, "n": e.n} for pair, e in found.items()]
    return pd.DataFrame(rows)


class PublicsLesson(NamedTuple):
    """How far the model, asked without a persona, is from two publics.

    ``rows``: country, who (``model``, ``uniform``, ``others``), value, low, high (0..1), n. ``lean`` is the distance
    to the first public minus that to the second, paired over questions; ``even_lean`` the same for an even guess.
    ``outcome`` names the nearer public, or is ``even`` where the interval of ``lean`` contains 0 or ``lean`` is under
    :data:`LEAST_DIFFERENCE`.
    """

    rows: pd.DataFrame
    lean: Estimate
    even_lean: Estimate
    outcome: str


def publics_lesson(table: pd.DataFrame, survey: Survey, model: str) -> PublicsLesson:
    """See :class:`PublicsLesson`; only questions that both publics were asked count."""
    answers = {model: answers_of(table, model, "en")}
    scores = question_scores(answers, survey, PUBLICS, "none")
    wide = scores.pivot(index="question_id", columns="country", values=["distance", "uniform", "others"]).dropna()
    bank = survey.questions()
    blocks = [battery_of(bank[str(name)]) for name in wide.index]
    rows = []
    for country in PUBLICS:
        for who, column in (("model", "distance"), ("uniform", "uniform"), ("others", "others")):
            found = mean_interval(wide[column][country].to_numpy(float), blocks, within=(0, 1))
            values = {"value": found.mean, "low": found.low, "high": found.high, "n": found.n}
            rows.append({"country": country, "who": who, **values})
    first, second = PUBLICS
    lean, even = (
        mean_interval((wide[column][first] - wide[column][second]).to_numpy(float), blocks)
        for column in ("distance", "uniform")
    )
    return PublicsLesson(pd.DataFrame(rows), lean, even, nearer_public(lean))


def nearer_public(lean: Estimate) -> str:
    """The public that ``lean``, a difference of distances as in :class:`PublicsLesson`, puts nearer, or ``even``.

    >>> nearer_public(Estimate(0.06, 0.01, 0.11, 40)), nearer_public(Estimate(0.004, 0.001, 0.007, 40))
    ('USA', 'even')
    """
    first, second = PUBLICS
    found = direction(Figure(lean.mean, lean.low, lean.high, least=LEAST_DIFFERENCE))
    return {"above": second, "below": first}.get(found, "even")


class DilemmaLesson(NamedTuple):
    """What changes the model's choice between two actions.

    ``rows``: one per ``change`` (``again``, ``paraphrase``, ``order``, ``language``): value (share of dilemmas whose
    choice changes, 0..1), low, high, n; a change without two answers to compare has no row. Both orders of the actions
    are averaged except for ``order``. ``turned`` of ``total`` dilemmas change with the order of the actions alone. All
    changes are measured on the same dilemmas; ``aside`` counts those that were left out because a change lacks them.
    """

    rows: pd.DataFrame
    turned: int
    total: int
    aside: int


def dilemma_lesson(
    frame: pd.DataFrame, later: pd.DataFrame, dilemmas: Mapping[str, Dilemma], language: str = "en"
) -> DilemmaLesson:
    """See :class:`DilemmaLesson`; ``frame`` and ``later`` are the responses of two waves of one spec."""
    found, second = readings(frame, dilemmas), readings(later, dilemmas)
    mine = found[found["language"] == language]
    again = mine[mine["axis"] == BASE].merge(
        second[(second["axis"] == BASE) & (second["language"] == language)][[*KEY, "p"]].rename(columns={"p": "q"}),
        on=KEY,
    )
    two = {"again": again, **{axis: pairs(mine, axis) for axis in ("paraphrase", "order")}}
    two["language"] = pairs(found, "language")
    each = {
        change: sides.assign(flipped=changed(sides["p"].to_numpy(float), sides["q"].to_numpy(float)))
        .groupby("dilemma")["flipped"]
        .mean()
        .dropna()
        for change, sides in two.items()
        if not sides.empty
    }
    shared = shared_items({change: set(values.index) for change, values in each.items()})
    rows, turned, total = [], 0, 0
    for change, found_in in each.items():
        values_of = found_in[found_in.index.isin(shared.kept(change, found_in.index))]
        estimate = mean_interval(values_of.to_numpy(float), within=(0, 1))
        values = {"value": estimate.mean, "low": estimate.low, "high": estimate.high, "n": estimate.n}
        rows.append({"change": change, **values})
        if change == "order":
            turned, total = round(float(values_of.sum())), estimate.n
    return DilemmaLesson(pd.DataFrame(rows), turned, total, max(shared.aside.values(), default=0))


class GroupLesson(NamedTuple):
    """The groups behind the average of one country; ``groups`` are the rows of :func:`representation.measure`.

    ``further`` and ``nearer`` are the two sexes. ``gap`` is how much further the one is (0..1), minus ``even``, the
    same for an even guess over the options; it has its interval over questions. ``average`` is the distance to the
    whole country on the same questions. ``outcome`` names the sex that the model is further from, or is ``none`` where
    the gap is not beyond noise.
    """

    groups: pd.DataFrame
    further: str
    nearer: str
    gap: Estimate
    even: float
    average: float
    outcome: str


def group_lesson(table: pd.DataFrame, survey: Survey, model: str) -> GroupLesson:
    """See :class:`GroupLesson`; the model answers without a persona."""
    answers = answers_of(table, model, "en")
    found = measure(answers, survey, GROUPS_OF, dimensions=("age", "sex", "education"), tolds=("none",))
    contrasts = found["contrasts"]
    sexes = contrasts[contrasts["dimension"] == "sex"].to_dict("records")[0]
    # With two groups, the gap of one is its distance minus the other's.
    even = dict(zip(found["groups"]["group"], found["groups"]["gap_even"], strict=True))
    mean, low, high = (float(sexes[name]) for name in ("difference", "low", "high"))
    gap = Estimate(mean, low, high, int(sexes["questions"]))
    further, nearer = str(sexes["far"]), str(sexes["near"])
    outcome = further if sexes["clear"] else "none"
    by_question = found["questions"]
    ids = set(by_question.loc[by_question["dimension"] == "sex", "question_id"])
    average = float(question_scores({model: answers}, survey, (GROUPS_OF,), "none", ids)["distance"].mean())
    return GroupLesson(found["groups"], further, nearer, gap, float(even[further]), average, outcome)


class Lesson(NamedTuple):
    """All six steps, and the model that answered; in the last one a copy of it that was taught."""

    model_id: str
    order: OrderLesson
    persona: pd.DataFrame
    publics: PublicsLesson
    dilemmas: DilemmaLesson
    groups: GroupLesson
    taught: taught.TaughtLesson


def lesson(store: Store, survey: Survey, dilemmas: Mapping[str, Dilemma]) -> Lesson | None:
    """The whole lesson from the runs of ``store``, or ``None`` where a run that it needs is missing."""
    last = taught.shipped_taught_lesson(store, survey)
    if last is None or not {QUESTION_RUN, *WAVES, taught.RUN} <= set(store.runs()["run_id"]):
        return None
    questions = survey.questions()
    chosen = ReadingFilter(scope=QUESTION_RUN, languages=("en",), told=("none", "country"))
    counted = {name: questions[name] for name in among_kinds(questions)}
    table = option_table(store, counted, chosen)
    model = str(store.info(QUESTION_RUN).spec["models"][0])
    first, later = (store.responses([name]) for name in WAVES)
    return Lesson(
        model_id=model,
        order=order_lesson(store.responses([QUESTION_RUN]), questions),
        persona=persona_lesson(table, survey, model),
        publics=publics_lesson(table, survey, model),
        dilemmas=dilemma_lesson(first, later, dilemmas),
        groups=group_lesson(table, survey, model),
        taught=last,
    )
