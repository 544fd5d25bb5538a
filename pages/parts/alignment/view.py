"""Parts of the Alignment page: the matrix, topics and traits of models, and the questions behind a cell."""

from collections.abc import Hashable
from typing import Literal

import pandas as pd
import streamlit as st

from core.audits.alignment.floor import FLOORED
from core.audits.shared import Shared
from core.charts.alignment import draw_intervals, draw_matrix, interval_rows, matrix_cells
from core.stats import clear_sign
from core.text import plain
from core.types import Persona, Reference, Side
from pages.parts.shared import resources
from pages.parts.shared.aside import aside_words
from pages.parts.shared.chart_block import Block, draw_chart, show_chart, show_table
from pages.parts.shared.distributions import show_distributions
from pages.parts.shared.glossary import explain
from pages.parts.shared.links import with_cards
from pages.parts.shared.names import country, model_name, word
from pages.parts.shared.texts import column_spans, number, t, term, ui_language

MEASURES = FLOORED
LEAST_SKILL = 0.01
"""Smallest skill that gets a mark."""


def measured(frame: pd.DataFrame, measure: str) -> pd.DataFrame:
    """``frame`` with value, ends and noise floor of one measure; published similarity minus that of an even guess."""
    base = frame["published_uniform"] if measure == "published" else 0.0
    return frame.assign(
        value=frame[measure] - base,
        low=frame[f"{measure}_low"] - base,
        high=frame[f"{measure}_high"] - base,
        p=frame[f"{measure}_p_adjusted"],
        floor_low=frame[f"{measure}_floor_low"],
        floor_high=frame[f"{measure}_floor_high"],
    )


def matrix_frame(frame: pd.DataFrame, measure: str) -> pd.DataFrame:
    """``frame`` for the matrix: value, low, high, names, and whether the baseline is clearly beaten."""
    shown = measured(frame, measure).assign(
        model=frame["model_id"].map(model_name), place=frame["country"].map(country)
    )
    sign = clear_sign(shown["value"], shown["low"], shown["high"], shown["p"], LEAST_SKILL)
    return shown.assign(better=sign > 0).sort_values(["place", "model"], ignore_index=True)


def matrix_finding(shown: pd.DataFrame, measure: str) -> str:
    """How many cells clearly beat the baseline, and on how many questions."""
    words = {"better": int(shown["better"].sum()), "total": len(shown), "measure": term("measure", measure)}
    fewest, most = int(shown["questions"].min()), int(shown["questions"].max())
    if fewest < most:
        return t("alignment.finding_uneven", **words, fewest=fewest, most=most)
    return t("alignment.finding", **words, n=most, batteries=int(shown["batteries"].median()))


def show_matrix(frame: pd.DataFrame, measure: str, of: tuple[Hashable, ...]) -> tuple[str, str] | None:
    """The matrix of models and countries; returns the cell that was clicked. ``of`` as in :class:`Block`."""
    shown = matrix_frame(frame, measure)
    finding = matrix_finding(shown, measure)
    st.markdown(f"**{finding}**", help=explain("interval"))
    cells = matrix_cells(shown)
    block = Block(
        "alignment",
        finding,
        lambda palette, t: draw_matrix(cells, palette, t),
        frame,
        t("representation.source"),
        note=t("alignment.matrix_help"),
        of=(*of, measure),
        rows=cells,
        form=("skill_matrix", *(tuple(dict.fromkeys(cells[name])) for name in ("row", "column"))),
    )
    event = show_chart(block, on_select="rerun")
    show_table(
        lambda: with_cards(matrix_table(shown), shown["model_id"]),
        block.key,
        t("alignment.table"),
        t("alignment.table_help"),
        cards=t("ranking.card"),
    )
    picked = event["selection"].get("cell") if event else None
    return (picked[0]["model_id"], picked[0]["country"]) if picked else None


def set_words(shared: Shared[tuple[str, str]]) -> list[str]:
    """What each model leaves out so that all cells use the same questions, as Markdown; the most over places."""
    aside: dict[str, int] = {}
    for (model, _), count in shared.aside.items():
        aside[model] = max(count, aside.get(model, 0))
    apart = [f"{model_name(model)} · {country(place)}" for model, place in sorted(shared.apart)]
    return aside_words(len(shared.items), {model_name(model): n for model, n in aside.items()}, apart)


def matrix_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The matrix as a table."""

    floor = zip(frame["skill_uniform_floor_low"], frame["skill_uniform_floor_high"], strict=True)
    return pd.DataFrame(
        {
            t("chart.model"): frame["model"],
            t("alignment.country"): frame["place"],
            t("chart.distance"): frame["distance"].round(3),
            t("chart.uniform"): frame["uniform"].round(3),
            t("chart.others"): frame["others"].round(3),
            term("measure", "skill_uniform"): column_spans(frame, "skill_uniform", 2, signed=True),
            term("measure", "skill_others"): column_spans(frame, "skill_others", 2, signed=True),
            t("alignment.floor"): [f"{number(low, 2)}–{number(high, 2)}" for low, high in floor],
            term("measure", "published"): column_spans(frame, "published", 2, signed=True),
            t("alignment.published_uniform"): frame["published_uniform"].round(3),
            t("alignment.published_others"): frame["published_others"].round(3),
            t("chart.questions"): frame["questions"],
            "n": frame["n"],
            t("alignment.year"): frame["year"],
            t("alignment.source"): frame["source"],
        }
    )


def show_rows(
    frame: pd.DataFrame,
    names: list[str],
    measure: str,
    title: str,
    key: str,
    of: tuple[Hashable, ...],
    side: Side | Literal["all"] = "all",
) -> None:
    """Skill with intervals, one row per name; ``of`` as in :class:`Block`.

    ``side`` is that of the model of all rows, or ``all`` where they are of several.
    """
    shown = measured(frame, measure).assign(name=names)
    rows = interval_rows(shown)
    of_one_form = bool(rows["floor_low"].notna().all())
    draw_chart(
        Block(
            key,
            title,
            lambda palette, t: draw_intervals(rows, palette, t, term("measure", measure), side),
            shown,
            t("representation.source"),
            of=(*of, measure),
            rows=rows if of_one_form else None,
            form=("skill_intervals", measure, side, *dict.fromkeys(rows["row"])) if of_one_form else (),
        )
    )


def show_questions(scores: pd.DataFrame, table: pd.DataFrame, model: str, place: str, asked: str) -> None:
    """Questions behind one cell, best or worst first; picking a row opens both distributions."""
    st.header(
        t("alignment.cell_title", model=plain(model_name(model)), country=country(place)), anchor=False, divider="gray"
    )
    worst = st.toggle(t("alignment.worst"), key="worst")
    rows = scores[(scores["model_id"] == model) & (scores["country"] == place)]
    rows = rows.sort_values("distance", ascending=not worst, ignore_index=True)
    if not len(rows):
        st.info(t("alignment.no_questions"), icon=":material/help_center:")
        return
    bank, language = resources.questions(), ui_language()
    shown = pd.DataFrame(
        {
            t("chart.question"): [bank[name].short.get(language) for name in rows["question_id"]],
            t("ask.topic"): [word("topic", name) for name in rows["topic"]],
            t("chart.distance"): rows["distance"].round(3),
            t("chart.uniform"): rows["uniform"].round(3),
            t("chart.others"): rows["others"].round(3),
            "n": rows["n"],
        }
    )
    event = st.dataframe(
        shown, hide_index=True, key="alignment_questions", on_select="rerun", selection_mode="single-row", height=320
    )
    picked = event["selection"]["rows"] if event else []
    name = rows["question_id"].iloc[picked[0] if picked and picked[0] < len(rows) else 0]
    persona = Persona() if asked == "none" else Persona(country=place)
    reference = resources.survey().reference(name, Persona(country=place))
    mine = table[(table["model_id"] == model) & (table["persona"] == persona.key) & (table["question_id"] == name)]
    if isinstance(reference, Reference) and len(mine):
        show_distributions(bank[name], reference, mine.iloc[0], country(place))
