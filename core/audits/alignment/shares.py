"""Readings and people as the frame that :func:`core.charts.options.option_bars` draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import pandas as pd

from core.audits.alignment.audit import Reading
from core.stats import wilson
from core.types import LITTLE_MASS, Language, Question, Reference, Side


def share_frame(
    question: Question,
    reference: Reference | None,
    readings: Iterable[Reading],
    name_of: Callable[[Reading], str],
    side_of: Callable[[Reading], Side],
    member_of: Callable[[Reading], str],
    people: str,
    language: Language,
) -> pd.DataFrame:
    """One row per option and series: people first, under the name ``people``, then the readings as they come.

    Columns: option (in ``language``), place (0-based, scale order), code, series, kind (``human``, ``persona``,
    ``twin``), look (``people``, or the side of the model), member (series with the same share a look), faded (valid
    mass below :data:`LITTLE_MASS`), share (0..1), low and high (95 % Wilson interval of people, from their effective
    number, and of sampled answers; NaN where probabilities were read).
    """
    rows: list[dict[str, object]] = []

    def add(
        series: str, kind: str, look: str, member: str, shares: tuple[float, ...], faded: bool, n: float | None
    ) -> None:
        for position, (option, share) in enumerate(zip(question.options, shares, strict=True)):
            low, high = wilson(min(share, 1.0) * n, n) if n and not math.isnan(share) else (float("nan"),) * 2
            rows.append(
                {
                    "option": option.text.get(language),
                    "place": position,
                    "code": option.code,
                    "series": series,
                    "kind": kind,
                    "look": look,
                    "member": member,
                    "faded": faded,
                    "share": share,
                    "low": float(low),
                    "high": float(high),
                }
            )

    if reference is not None:
        add(people, "human", "people", people, reference.shares, False, max(reference.n_eff, 1.0))
    for reading in readings:
        kind = "twin" if reading.persona.is_empty else "persona"
        faded = reading.distribution.valid_mass < LITTLE_MASS
        read = reading.distribution
        add(name_of(reading), kind, side_of(reading), member_of(reading), read.probabilities, faded, read.n)
    return pd.DataFrame(rows)
