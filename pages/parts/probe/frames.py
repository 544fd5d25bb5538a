"""Makes the data frames of charts and tables from readings and references."""

from typing import Any

import pandas as pd
import streamlit as st

from core.audits.against_people import Comparison
from core.audits.alignment import shares
from core.audits.alignment.audit import Reading
from core.stats import wilson
from core.types import Question, Reference
from pages.parts.shared.glossary import explain
from pages.parts.shared.names import model_side, series_label
from pages.parts.shared.texts import moment, number, percent, t, term, ui_language


def share_frame(question: Question, reference: Reference | None, readings: list[Reading]) -> pd.DataFrame:
    """One row per option and series, in the shape :func:`core.charts.options.option_bars` takes."""
    both = len({r.language for r in readings}) > 1
    order = list(dict.fromkeys((r.model_id, r.language) for r in readings))

    def place(reading: Reading) -> int:
        return order.index((reading.model_id, reading.language))

    return shares.share_frame(
        question,
        reference,
        sorted(readings, key=lambda r: (place(r), r.persona.is_empty)),
        lambda r: series_label(r, both),
        lambda r: model_side(r.model_id),
        lambda r: f"{r.model_id} {r.language}",
        t("series.people", n=number(reference.n)) if reference else "",
        ui_language(),
    )


def share_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The bars as a table: options as rows, series as columns, shares 0..1."""
    series = list(dict.fromkeys(frame["series"]))
    wide = frame.pivot_table(index=["place", "option"], columns="series", values="share", sort=True)
    return wide[[name for name in series if name in wide]].reset_index().drop(columns="place")


def number_row(who: str, name: str, reading: Reading, found: Comparison | None) -> dict[str, object]:
    """One row of the table of numbers."""
    read = reading.distribution
    sampled = None
    if read.method == "sampled" and read.n:
        # One interval for the whole row: that of the most likely option.
        low, high = wilson(round(max(read.mass) * read.n), read.n)
        sampled = t("numbers.sampled_interval", n=read.n, low=percent(float(low)), high=percent(float(high)))
    return {
        t("numbers.who"): who,
        t("numbers.answer"): name,
        t("numbers.distance_name"): term("distance", found.name) if found else None,
        t("numbers.distance"): found.distance if found else None,
        t("numbers.uniform"): found.uniform if found else None,
        t("numbers.others"): found.others if found else None,
        t("numbers.floor"): f"{number(found.floor_low, 3)}–{number(found.floor_high, 3)}" if found else None,
        t("numbers.skill"): found.skill_uniform if found else None,
        t("numbers.skill_others"): found.skill_others if found else None,
        t("numbers.jsd"): found.jsd if found else None,
        t("numbers.jsd_uniform"): found.uniform_jsd if found else None,
        t("numbers.jsd_others"): found.others_jsd if found else None,
        t("numbers.valid_mass"): reading.distribution.valid_mass,
        t("numbers.position_bias"): reading.position_bias,
        t("numbers.entropy"): found.entropy if found else None,
        t("numbers.human_entropy"): found.human_entropy if found else None,
        t("numbers.method"): term("method", reading.distribution.method),
        t("numbers.interval"): sampled,
        t("numbers.when"): moment(reading.created),
    }


def explained() -> dict[str, Any]:
    """Columns of the table of numbers, each with the glossary's text where it names a term."""
    terms = {
        t("numbers.floor"): ("noise_floor",),
        t("numbers.uniform"): ("even_guess",),
        t("numbers.distance_name"): ("emd", "total_variation"),
        t("numbers.skill"): ("skill",),
        t("numbers.jsd"): ("jsd",),
        t("numbers.valid_mass"): ("valid_mass",),
        t("numbers.position_bias"): ("position_bias",),
        t("numbers.entropy"): ("entropy",),
    }
    return {column: st.column_config.Column(help=explain(*keys)) for column, keys in terms.items()}
