"""What moves the answers of a model: the question, or how and to whom it was put?

The answers to each question form a grid: printed order x format (letters or numbers) x prompt language x persona. Their
deviations from an even guess are split as in an analysis of variance (:mod:`core.stats.decomposition`). ``content`` is
what is left when all of these are averaged out: what the model says, however it is asked and whoever it is to be.

A ladder is printed in two orders only, upwards and downwards. A preference for a place does not average out over them
option by option: a model that always takes the first place takes one end half of the time and the other end the other
half. It does average out in the mean answer. So a ladder counts by its mean, as if it had only its two ends as options.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from core.audits.alignment.formats import newest_rows
from core.audits.alignment.printed_forms import by_form, masses_of
from core.audits.one_method import of_one_method
from core.stats.decomposition import Array, share_intervals, sums_of_squares
from core.surveys.batteries import battery_of
from core.types import Question

FACTORS = ("order", "format", "language", "persona")
PAIRS = (("order", "language"),)
PARTS = ("content", *FACTORS, *(f"{one} x {other}" for one, other in PAIRS), "rest")
"""The parts of the variance; ``rest`` has all interactions that are not named."""

COLUMNS = (
    *("model_id", "part", "share", "low", "high", "questions", "batteries", "answers", "left_out"),
    *("lead", "lead_low", "lead_high"),
)


def decomposition(printed: pd.DataFrame, questions: Mapping[str, Question]) -> pd.DataFrame:
    """Shares of what moves the answers of each model, from :meth:`core.store.Store.printed`.

    One row per model and part of :data:`PARTS`: ``share`` (0..1, sums to 1 over the parts of a model) with the ``low``
    and ``high`` ends of its 95 % interval by battery. ``questions``, ``batteries`` and ``answers`` count what it is
    made of. ``left_out`` counts the answers that are in no full grid, have no mass on the options, are to questions
    that have other options now, or were read in another way than most (:func:`of_one_method`). Of several templates the
    newest counts. The shares describe these answers: with pure noise over n answers per question, the share of content
    would be 1/n. ``lead``, the same in all rows of a model, is the share of content minus that of order, with its own
    interval.
    """
    rows: list[tuple[Any, ...]] = []
    for model, answered in newest_rows(printed).groupby("model_id", sort=True):
        mine = of_one_method(answered)
        grids = {
            battery_of(question) + "\n" + str(name): grid
            for name, part in mine.groupby("question_id", sort=True)
            if (question := questions.get(str(name))) is not None and (grid := _grid(part, question)) is not None
        }
        used = sum(int(np.prod(grid.shape[:-1])) for grid in grids.values())
        if not used:
            continue
        blocks = [name.split("\n")[0] for name in grids]
        found = share_intervals([sums_of_squares(grid, FACTORS, PAIRS) for grid in grids.values()], blocks, "order")
        facts = (len(grids), len(set(blocks)), used, len(answered) - used, *found.lead[:3])
        each = zip(found.names, found.mean, found.low, found.high, strict=True)
        rows += [(model, *part, *facts) for part in each]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _grid(rows: pd.DataFrame, question: Question) -> Array | None:
    """Answers to one question, (order, format, language, persona, options in scale order); None without a full grid.

    The options of a ladder are its two ends, see the module.

    The grid uses the persons and languages of :func:`_block` among those that have every printed form.
    """
    answers: dict[tuple[str, str], dict[tuple[tuple[int, ...], str], Array]] = {}
    for (order, style), part in by_form(rows).items():
        if set(order) != set(question.codes):
            continue
        shares = masses_of(part)[:, [order.index(code) for code in question.codes]]
        total = shares.sum(axis=1, keepdims=True)
        read = total[:, 0] > 0
        shares = shares / np.where(total > 0, total, 1)
        if question.is_ladder:
            mean = shares @ np.linspace(0, 1, shares.shape[1])
            shares = np.column_stack([1 - mean, mean])
        for person, language, good, row in zip(part["persona"], part["language"], read, shares, strict=True):
            if good:
                answers.setdefault((person, language), {})[order, style] = row
    forms = list(dict.fromkeys(form for found in answers.values() for form in found))
    orders = list(dict.fromkeys(order for order, _ in forms))
    labels_used = list(dict.fromkeys(style for _, style in forms))
    full = {who for who, found in answers.items() if all(form in found for form in product(orders, labels_used))}
    languages, personas = _block(full)
    if not personas:
        return None
    return np.array(
        [
            [
                [[answers[person, tongue][order, style] for person in personas] for tongue in languages]
                for style in labels_used
            ]
            for order in orders
        ]
    )


def _block(pairs: set[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """The largest set of languages and persons in which each has each; one with several of both is preferred."""
    by_person: dict[str, frozenset[str]] = {}
    for person, language in sorted(pairs):
        by_person[person] = by_person.get(person, frozenset()) | {language}
    blocks = [
        (sorted(languages), [person for person, found in by_person.items() if found >= languages])
        for languages in {*by_person.values(), *(frozenset({language}) for _, language in pairs)}
    ]

    def worth(block: tuple[list[str], list[str]]) -> tuple[int, int, list[str]]:
        sizes = [len(part) for part in block]
        return sum(size > 1 for size in sizes), sizes[0] * sizes[1], block[0]

    return max(blocks, key=worth, default=([], []))
