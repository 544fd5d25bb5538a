"""What moves the answers of models and how far the formats of scales disagree, as figures and in words.

The Stability page shows these figures; other pages that show a model call the same functions.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from core.audits.alignment.decomposition import decomposition
from core.audits.alignment.formats import LEAST_SPREAD, format_answers, format_disagreement, format_summary
from core.audits.shared import Shared, shared_items
from core.audits.stability.decomposition import dilemma_decomposition, varied
from core.audits.stability.shared import on_shared_variants
from core.findings.wording import Figure, format_words, moves_words
from core.i18n import Texts
from core.types import Question

LEAST_LEAD = 0.05
"""Content and place differ where their shares are five points or more apart."""


class Moving(NamedTuple):
    """What moves answers to survey questions, and the questions that the models have in common.

    ``parts`` are rows of :func:`core.audits.alignment.decomposition.decomposition`, ``formats`` those of
    :func:`core.audits.alignment.formats.format_summary`.
    """

    parts: pd.DataFrame
    formats: pd.DataFrame
    shared: Shared[str]


def moving(printed: pd.DataFrame, questions: Mapping[str, Question]) -> Moving:
    """:class:`Moving` of the models of :meth:`core.store.Store.printed`, on the questions that all of them have."""
    known = printed[printed["question_id"].isin(list(questions))]
    sets = {str(model): set(names) for model, names in known.groupby("model_id", sort=False)["question_id"]}
    shared: Shared[str] = shared_items(sets)
    kept = [part[part["question_id"].isin(shared.kept(str(m), sets[str(m)]))] for m, part in known.groupby("model_id")]
    mine = pd.concat(kept) if kept else known
    apart = format_disagreement(format_answers(mine, questions))
    return Moving(decomposition(mine, questions), format_summary(apart, questions), shared)


def moving_dilemmas(readings: pd.DataFrame, models: Sequence[str]) -> pd.DataFrame:
    """What moves the choices of ``models`` in dilemmas, on the variants that all of them have.

    ``readings`` and the columns of the result are those of :mod:`core.audits.stability.decomposition`; ``left_out``
    also counts what was left out because another model lacks it.
    """
    parts = dilemma_decomposition(on_shared_variants(readings, models)[0])
    asked = varied(readings).groupby("model_id").size()
    return parts.assign(left_out=parts["model_id"].map(asked).astype(int) - parts["answers"].astype(int))


def moving_words(t: Texts, parts: pd.DataFrame, model: str, name: str, *, dilemmas: bool = False) -> str:
    """The sentence on what moves the answers of ``model``, called ``name``; empty where ``parts`` does not have it."""
    mine = parts[parts["model_id"] == model].set_index("part")
    if mine.empty:
        return ""
    first = mine.iloc[0]
    lead = Figure(float(first["lead"]), float(first["lead_low"]), float(first["lead_high"]), least=LEAST_LEAD)
    content, order = (_figure(mine.loc[part].to_dict(), "share") for part in ("content", "order"))
    batteries = None if dilemmas else int(first["batteries"])
    return moves_words(t, name, lead, content, order, int(first["questions"]), batteries)


def formats_words(t: Texts, formats: pd.DataFrame, model: str, name: str) -> list[str]:
    """One sentence per prompt language on how far apart the formats of scales are for ``model``, called ``name``."""
    return [
        format_words(
            t,
            {"model": name, "language": t(f"language.{line['language']}")},
            _figure(line, "spread", LEAST_SPREAD),
            int(line["questions"]),
            int(line["batteries"]),
        )
        for line in formats[formats["model_id"] == model].to_dict("records")
    ]


def _figure(line: Mapping[Hashable, Any], value: str, least: float = 0.0) -> Figure:
    return Figure(float(line[value]), float(line["low"]), float(line["high"]), least=least)
