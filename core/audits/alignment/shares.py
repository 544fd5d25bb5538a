"""Readings and people as the frame that :func:`core.charts.options.option_bars` draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from core.audits.alignment.audit import Reading
from core.types import Language, Question, Reference

LITTLE_MASS = 0.5
"""Below this valid mass a result is greyed out: the model mostly said something else."""


def share_frame(
    question: Question,
    reference: Reference | None,
    readings: Iterable[Reading],
    name_of: Callable[[Reading], str],
    place_of: Callable[[Reading], int],
    people: str,
    language: Language,
) -> pd.DataFrame:
    """One row per option and series: people first, under the name ``people``, then the readings as they come.

    Columns: option (in ``language``), place (0-based, scale order), code, series, kind (``human``, ``persona``,
    ``twin``), model_place (picks the colour), faded (valid mass below :data:`LITTLE_MASS`), share (0..1).
    """
    rows: list[dict[str, object]] = []

    def add(series: str, kind: str, place: int, shares: tuple[float, ...], faded: bool) -> None:
        for position, (option, share) in enumerate(zip(question.options, shares, strict=True)):
            rows.append(
                {
                    "option": option.text.get(language),
                    "place": position,
                    "code": option.code,
                    "series": series,
                    "kind": kind,
                    "model_place": place,
                    "faded": faded,
                    "share": share,
                }
            )

    if reference is not None:
        add(people, "human", 0, reference.shares, False)
    for reading in readings:
        kind = "twin" if reading.persona.is_empty else "persona"
        faded = reading.distribution.valid_mass < LITTLE_MASS
        add(name_of(reading), kind, place_of(reading), reading.distribution.probabilities, faded)
    return pd.DataFrame(rows)
