"""The page of representation as a brief."""

from collections.abc import Sequence

import pandas as pd

from core.audits.representation.audit import asked_as
from core.brief import Brief, Figure, FirstPage, Table, plain_lines, run_sources, table_of
from core.charts.representation import gap_chart, group_heat
from core.findings.confidence import CONFIDENCES, Stated, confidence, line, stated, surest, unmeasured
from core.findings.wording import decimals, gap_words
from pages.parts.representation.view import group_table
from pages.parts.representation.words import contrast_figure, contrast_names, finding
from pages.parts.shared import resources
from pages.parts.shared.brief_words import first_page, limits, measured_as
from pages.parts.shared.names import country, labelled_groups, model_name
from pages.parts.shared.texts import paired, t, term, texts

Panel = tuple[str, str, dict[str, pd.DataFrame]]
MOST_FIGURES = 4


def representation_brief(
    panels: list[Panel], table: pd.DataFrame, language: str, told: str, notes: Sequence[str] = ()
) -> Brief:
    """Findings, gaps and tables of ``panels`` (model, country, frames) for one way of asking, ``told``.

    ``notes`` are sentences, as Markdown, on the questions that count and those left out.
    """
    sentences: list[str] = []
    figures: list[Figure] = []
    tables: list[Table] = []
    for model, place, frames in panels:
        here = frames["contrasts"][frames["contrasts"]["told"] == told]
        sentences += [finding(row, model, place) for _, row in here.iterrows()]
        groups = labelled_groups(frames["groups"])
        mine = groups[groups["told"] == told]
        if len(mine):
            figures.append(_gaps(mine, model, place, told))
            name = f"{model_name(model)} · {country(place)}"
            tables.append(table_of(_paper(group_table(mine)), name, plain_lines(t("representation.table_help"))[0]))
        elif len(groups):
            figures.append(_heat(groups, model, place))
    used = table[(table["language"] == language) & table["model_id"].isin({model for model, _, _ in panels})]
    used = used[used["persona"].isin(_personas(panels, told))]
    return Brief(
        title=t("representation.title"),
        first=_first(panels, told, figures),
        finding=(
            *(sentences or [t("representation.not_told", told=term("told", told))]),
            *(plain_lines(sentence)[0] for sentence in notes),
            measured_as(language, term("told", told)),
        ),
        figures=tuple(figures[:MOST_FIGURES]),
        tables=tuple(tables),
        method=plain_lines(t("representation.how")),
        limits=limits("representation"),
        data=(t("representation.source"),),
        runs=run_sources(resources.store(), used["run_id"].unique()),
    )


def _paper(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` without columns that paper has no room for: what was told, gap of the even guess, spread of people."""
    left_out = [t("representation.told"), t("representation.gap_even"), t("representation.human")]
    left_out += [t("representation.human_chance"), t("representation.dispersion")]
    return table.drop(columns=left_out)


def _first(panels: list[Panel], told: str, figures: list[Figure]) -> FirstPage:
    """The most certain of the widest contrasts, then the others; all net of an even guess."""
    rows = [
        (row, model, place)
        for model, place, frames in panels
        for _, row in frames["contrasts"][frames["contrasts"]["told"] == told].iterrows()
    ]
    if not rows:
        nothing = unmeasured(texts(), t("representation.not_told", told=term("told", told)))
        return first_page("representation", nothing, (), figures)
    row, model, place = min(rows, key=lambda one: _sure(one[0]))
    names = contrast_names(row, model, place)
    bottom = line(texts(), "groups", contrast_figure(row), decimals(), upheld=bool(row["clear"]), rising=True, **names)
    name = f"{model_name(model)} · {country(place)}"
    mine = [figure for figure in figures if figure.title.startswith(name)]
    return first_page("representation", bottom, surest([_gap(*one) for one in rows]), mine or figures)


def _sure(row: pd.Series) -> tuple[int, float]:
    figure = contrast_figure(row)
    return CONFIDENCES.index(confidence(figure, bool(row["clear"]))), -abs(figure.mean)


def _gap(row: pd.Series, model: str, place: str) -> Stated:
    figure, clear = contrast_figure(row), bool(row["clear"])
    n, batteries = int(row["questions"]), int(row["batteries"])
    text = gap_words(texts(), figure, contrast_names(row, model, place), n, clear, batteries, reasons=False)
    return stated(texts(), text, figure, decimals(), upheld=clear)


def _personas(panels: list[Panel], told: str) -> set[str]:
    rows = pd.concat([frames["groups"].assign(country=place) for _, place, frames in panels])
    rows = rows[rows["told"] == told]
    cells = zip(rows["country"], rows["dimension"], rows["group"], strict=True)
    return {asked_as(place, dimension, group, told) for place, dimension, group in cells}


def _gaps(mine: pd.DataFrame, model: str, place: str, told: str) -> Figure:
    title = paired(f"{model_name(model)} · {country(place)}", t("representation.gap_title", told=term("told", told)))
    return Figure(
        title=title,
        description=title,
        draw=lambda palette, words: gap_chart(mine, palette, words),
        note=t("representation.gap_help"),
    )


def _heat(groups: pd.DataFrame, model: str, place: str) -> Figure:
    words = {"model": model_name(model), "country": country(place)}
    return Figure(
        title=paired(f"{model_name(model)} · {country(place)}", t("representation.heat_title")),
        description=t("representation.heat_alt", **words),
        draw=lambda palette, texts: group_heat(groups, palette, texts),
    )
