"""The Representation audit as a whole over 200 simulated worlds: it finds a planted bias and flags no fair model."""

import numpy as np
import pytest

from core.audits.representation.audit import measure
from core.types import AGES, LocalText, Option, Persona, Question, Reference

WORLDS = 200
QUESTIONS = 40
OPTIONS = 5
SIZES = dict(zip(AGES, (200, 400, 400), strict=True))
"""Respondents by age: shares 20/40/40 of 1,000 people."""

NOBODY = Persona().key


def question(number):
    text = LocalText(en=str(number), zh=str(number))
    ordinal = number % 4 > 0
    return Question(
        id=f"W{number}",
        survey="world",
        topic="t",
        short=text,
        stem=text,
        options=tuple(Option(code=code, text=text) for code in range(OPTIONS)),
        scale="ordinal" if ordinal else "nominal",
        polarity=1 if ordinal else 0,
    )


BANK = {one.id: one for one in map(question, range(QUESTIONS))}


class World:
    """A survey of a thousand people in three ages that differ by ``apart``; what it knows is sampled from ``true``."""

    def __init__(self, rng, apart):
        centre = rng.dirichlet(np.full(OPTIONS, 2.0), size=QUESTIONS)
        own = rng.dirichlet(np.full(OPTIONS, 2.0), size=(QUESTIONS, len(AGES)))
        self.true = (1 - apart) * centre[:, None, :] + apart * own
        sizes = np.array(list(SIZES.values()))
        self.seen = rng.multinomial(sizes, self.true) / sizes[:, None]

    def questions(self):
        return BANK

    def reference(self, name, persona):
        seen, sizes = self.seen[list(BANK).index(name)], np.array(list(SIZES.values()))
        whole = persona.age is None
        n = int(sizes.sum()) if whole else SIZES[persona.age]
        return Reference(
            question_id=name,
            country="CHN",
            dimension="all" if whole else "age",
            group="all" if whole else persona.age,
            codes=BANK[name].codes,
            shares=tuple(sizes @ seen / n) if whole else tuple(seen[AGES.index(persona.age)]),
            n=n,
            n_eff=n,
            weight_status="unit",
            year=2020,
            survey="world",
            matched="exact",
        )


def audited(apart, model, seed):
    """The groups table of each world, a row a group, for a model that answers ``model(true)`` (questions, options)."""
    rng = np.random.default_rng(seed)
    tables = []
    for number in range(WORLDS):
        world = World(rng, apart)
        answers = {(NOBODY, name): tuple(row) for name, row in zip(BANK, model(world.true), strict=True)}
        found = measure(answers, world, "CHN", seed=number, dimensions=("age",), tolds=("none",))["groups"]
        tables.append(found.set_index("group"))
    return tables


def at_most(rate):
    """``rate`` plus three standard errors of a share of 200 worlds."""
    return rate + 3 * np.sqrt(rate * (1 - rate) / WORLDS)


def test_a_model_that_answers_like_the_oldest_is_found_with_an_interval_that_leaves_out_zero():
    tables = audited(0.35, lambda true: true[:, 2], seed=1)
    found = [bool(t.loc["50+", "flagged"]) and t.loc["50+", "gap_high"] < 0 for t in tables]
    assert np.mean(found) > 0.95


@pytest.mark.parametrize(("apart", "seed"), [pytest.param(0.35, 2, marks=pytest.mark.slow), (0.0, 3)])
def test_a_fair_model_is_flagged_no_more_often_than_promised_whether_the_ages_differ_or_not(apart, seed):
    tables = audited(apart, lambda true: true.mean(axis=1), seed)
    flagged = np.array([table["flagged"] for table in tables])
    assert (flagged.mean(axis=0) <= at_most(0.05)).all()
    assert flagged.any(axis=1).mean() <= at_most(0.05)
