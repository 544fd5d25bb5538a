"""Brings every audit into one form, ``items``: one number per side, place (a country, a group, an axis) and item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from core.audits.alignment.scores import AskedAs, question_scores
from core.audits.representation.audit import GROUPS, Answers, measure
from core.audits.representation.plan import asked_as
from core.audits.stability.rows import BASE, readings
from core.audits.stability.scores import by_dilemma
from core.audits.traces.gain import against_people
from core.audits.traces.types import Trace
from core.surveys import Survey
from core.surveys.batteries import battery_of
from core.surveys.dilemmas import Dilemma

AuditName = Literal["alignment", "representation", "stability", "reasoning"]
AUDIT_NAMES: tuple[AuditName, ...] = ("alignment", "representation", "stability", "reasoning")
ALL_COUNTRIES = "all"
ITEMS = ("place", "side", "item", "battery", "value", "base")


def shared_questions(answers: Mapping[str, Answers], personas: Iterable[str]) -> list[str]:
    """Questions that every side answered as each of ``personas`` that it was asked as at all, in sorted order."""
    shared: set[str] | None = None
    for persona in personas:
        each = [{name for key, name in mine if key == persona} for mine in answers.values()]
        common = set.intersection(*each) if each else set()
        shared = common if shared is None else shared | common
    return sorted(shared or ())


def questions_aside(answers: Mapping[str, Answers], persona: str) -> dict[str, int]:
    """How many questions each side answered as ``persona`` that another did not."""
    shared = set(shared_questions(answers, [persona]))
    return {side: len({name for key, name in mine if key == persona} - shared) for side, mine in answers.items()}


def alignment_items(
    answers: Mapping[str, Answers], survey: Survey, countries: Iterable[str], asked: AskedAs
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Distances to each country as ``items`` (base: that of an even guess), and the same questions as JSD.

    ``answers`` maps side keys to answers by (persona key, question id). The JSD frame also has the even guess in
    ``base``. Both frames have ``others``, the mean of the other countries.
    """
    scores = question_scores(answers, survey, countries, asked)
    names = {"country": "place", "model_id": "side", "question_id": "item"}
    plain = scores.rename(columns=names)[["place", "side", "item", "battery"]]
    far = plain.assign(value=scores["distance"], base=scores["uniform"], others=scores["others"])
    nats = [(1 - scores[name]) ** 2 / np.log(2) for name in ("published", "uniform_published", "others_published")]
    return far, plain.assign(value=nats[0], base=nats[1], others=nats[2])


def representation_items(
    answers: Mapping[str, Answers], survey: Survey, country: str, told: Literal["none", "country"]
) -> pd.DataFrame:
    """Gap of each group of ``country`` to the other groups of its dimension, on questions that all sides answered.

    Places are ``dimension:group``; ``others`` is the gap of an even guess.
    """
    persona = asked_as(country, "all", "all", told)
    shared = set(shared_questions(answers, [persona]))
    # In the order of the bank, so that the groups are thinned as on the Representation page.
    ids = [name for name in survey.questions() if name in shared]
    parts = []
    for side, mine in answers.items():
        found = measure(mine, survey, country, ids, dimensions=tuple(GROUPS), tolds=(told,))
        each, groups = found["questions"], found["groups"]
        if len(each):
            even = groups.set_index(["dimension", "group"])["gap_even"]
            pairs = list(zip(each["dimension"], each["group"], strict=True))
            parts.append(
                pd.DataFrame(
                    {
                        "place": [f"{dimension}:{group}" for dimension, group in pairs],
                        "side": side,
                        "item": each["question_id"],
                        "battery": each["battery"],
                        "value": each["gap_level"],
                        "base": np.nan,
                        "others": [float(even[pair]) for pair in pairs],
                    }
                )
            )
    return _joined(parts)


def stability_items(frames: Mapping[str, pd.DataFrame], dilemmas: Mapping[str, Dilemma]) -> pd.DataFrame:
    """How often two answers differ, by axis and dilemma; ``others`` is what sampling alone explains.

    ``frames`` maps side keys to stored responses of one model and prompt language, oldest first. Where a prompt was
    measured more than once, the last reading counts.
    """
    parts = []
    for side, frame in frames.items():
        asked = frame["question_id"].isin(list(dilemmas)) | frame["question_json"].notna()
        found = readings(frame[asked], dilemmas)
        if not (found["axis"] == BASE).any():
            continue
        each = by_dilemma(found).dropna(subset=["flips"])
        each = each[each["axis"] != "language"]
        parts.append(
            pd.DataFrame(
                {
                    "place": each["axis"],
                    "side": side,
                    "item": each["dilemma"],
                    "battery": each["dilemma"],
                    "value": each["flips"].astype(float),
                    "base": np.nan,
                    "others": each["noise"].astype(float),
                }
            )
        )
    return _joined(parts)


def reasoning_items(traces: Mapping[str, Sequence[Trace]], survey: Survey) -> pd.DataFrame:
    """JSD of the vote of a reasoning trace to people minus that of the direct answer; below 0 the reasoning helps.

    Places are countries and ``all``; the mean over people of one question is one item.
    """
    parts, questions = [], survey.questions()
    for side, mine in traces.items():
        rows = against_people(mine, survey)
        if not len(rows):
            continue
        change = rows.assign(value=rows["mark_jsd"] - rows["direct_jsd"])
        for place, part in (("all", change), *((str(name), part) for name, part in change.groupby("country"))):
            means = part.groupby("question_id")["value"].mean()
            parts.append(
                pd.DataFrame(
                    {
                        "place": place,
                        "side": side,
                        "item": means.index,
                        "battery": [battery_of(questions[name]) if name in questions else name for name in means.index],
                        "value": means.to_numpy(),
                        "base": np.nan,
                        "others": np.nan,
                    }
                )
            )
    return _joined(parts)


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*ITEMS, "others"])
