"""The page Who is left out as a brief."""

import pandas as pd

from core.audits.representation.audit import asked_as
from core.brief import Brief, Figure, Table, plain_lines, run_sources, table_of
from core.charts.representation import gap_chart, group_heat
from pages.parts.representation.view import group_table, labelled
from pages.parts.representation.words import finding, model_words
from pages.parts.shared import resources
from pages.parts.shared.brief_words import limits, measured_as
from pages.parts.shared.names import country
from pages.parts.shared.texts import paired, t, term

Panel = tuple[str, str, dict[str, pd.DataFrame]]
MOST_FIGURES = 4


def representation_brief(panels: list[Panel], table: pd.DataFrame, language: str, told: str) -> Brief:
    """Findings, gaps and tables of ``panels`` (model, country, frames) for one way of asking, ``told``."""
    sentences: list[str] = []
    figures: list[Figure] = []
    tables: list[Table] = []
    for model, place, frames in panels:
        here = frames["contrasts"][frames["contrasts"]["told"] == told]
        sentences += [finding(row, model, place) for _, row in here.iterrows()]
        groups = labelled(frames["groups"])
        mine = groups[groups["told"] == told]
        if len(mine):
            figures.append(_gaps(mine, model, place, told))
            name = f"{model_words(model)} · {country(place)}"
            tables.append(table_of(group_table(mine), name, plain_lines(t("representation.table_help"))[0]))
        elif len(groups):
            figures.append(_heat(groups, model, place))
    used = table[(table["language"] == language) & table["model_id"].isin({model for model, _, _ in panels})]
    used = used[used["persona"].isin(_personas(panels, told))]
    return Brief(
        title=t("representation.title"),
        finding=(
            *(sentences or [t("representation.not_told", told=term("told", told))]),
            measured_as(language, term("told", told)),
        ),
        figures=tuple(figures[:MOST_FIGURES]),
        tables=tuple(tables),
        method=plain_lines(t("representation.how")),
        limits=limits("representation"),
        data=(t("representation.source"),),
        runs=run_sources(resources.store(), used["run_id"].unique()),
    )


def _personas(panels: list[Panel], told: str) -> set[str]:
    rows = pd.concat([frames["groups"].assign(country=place) for _, place, frames in panels])
    rows = rows[rows["told"] == told]
    cells = zip(rows["country"], rows["dimension"], rows["group"], strict=True)
    return {asked_as(place, dimension, group, told) for place, dimension, group in cells}


def _gaps(mine: pd.DataFrame, model: str, place: str, told: str) -> Figure:
    title = paired(f"{model_words(model)} · {country(place)}", t("representation.gap_title", told=term("told", told)))
    return Figure(
        title=title,
        description=title,
        draw=lambda palette, words: gap_chart(mine, palette, words),
        note=t("representation.gap_help"),
    )


def _heat(groups: pd.DataFrame, model: str, place: str) -> Figure:
    words = {"model": model_words(model), "country": country(place)}
    return Figure(
        title=paired(f"{model_words(model)} · {country(place)}", t("representation.heat_title")),
        description=t("representation.heat_alt", **words),
        draw=lambda palette, texts: group_heat(groups, palette, texts),
    )
