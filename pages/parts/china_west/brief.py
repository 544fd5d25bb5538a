"""The China-West page as a brief."""

import pandas as pd

from core.brief import Brief, Figure, FirstPage, plain_lines, run_sources, table_of
from core.findings.china_west import MEASURES, Measure
from core.findings.confidence import Stated, stated, surest
from core.findings.wording import change_words, decimals
from pages.parts.china_west.tables import effects_table, lean_column, places_table, sides_table
from pages.parts.china_west.view import effects_block, origins_block, places_block
from pages.parts.china_west.words import (
    carry,
    change_figure,
    difference_words,
    disagreement,
    mixed_words,
    origin_counts,
    rough_words,
)
from pages.parts.shared import resources
from pages.parts.shared.brief_words import first_page, lean_lines, limits, side_lines, towards
from pages.parts.shared.readings import State, mean_answers
from pages.parts.shared.texts import t, term, texts


def china_west_brief(
    frame: pd.DataFrame,
    groups: pd.DataFrame,
    changes: pd.DataFrame,
    measure: Measure,
    title: str,
    runs: list[str],
    asked: tuple[State, str, str],
) -> Brief:
    """The page as a brief for one measure and one way of asking: ``asked`` is the store, the language, the persona."""
    texts = [title, difference_words(groups, measure), *disagreement(frame), origin_counts(groups)]
    origins = origins_block(groups, measure)._replace(note=rough_words(groups))
    blocks = (places_block(frame, measure), origins, effects_block(changes, measure))
    return Brief(
        title=t("china_west.title"),
        first=_first(frame, groups, changes, measure, asked, origins.figure()),
        finding=tuple(line for text in texts for line in plain_lines(text)),
        figures=tuple(block.figure() for block in blocks),
        tables=(
            table_of(_paper(places_table(frame), measure), t("china_west.table")),
            table_of(sides_table(frame, all_models=False), t("china_west.disagree_title")),
            table_of(effects_table(changes), t("china_west.effects_table")),
        ),
        method=plain_lines(t("china_west.how")),
        limits=(
            *limits("china_west"),
            *plain_lines(f"{carry()}\n{t('china_west.disagree_help')}\n{mixed_words(frame)}"),
        ),
        data=plain_lines(t("china_west.source")),
        runs=run_sources(resources.store(), runs),
    )


def _first(
    frame: pd.DataFrame,
    groups: pd.DataFrame,
    changes: pd.DataFrame,
    measure: Measure,
    asked: tuple[State, str, str],
    origins: Figure,
) -> FirstPage:
    """The lean of all models beyond an answer without values, differences of origins, effects of a change of asking."""
    state, language, persona = asked
    bottom, findings = lean_lines(mean_answers(state), frame, language, persona, measure)
    whole = changes[(changes["group"] == "all") & (changes["models"] > 0)]
    moved = surest([_change(row, measure) for _, row in whole.iterrows()], 1)
    return first_page("china_west", bottom, [*findings, *moved, *side_lines(groups, measure)], [origins])


def _change(row: pd.Series, measure: Measure) -> Stated:
    figure, what = change_figure(row, measure), term("cw_contrast", row["contrast"])
    text = change_words(texts(), what, figure, int(row["items"]), towards(), reasons=False)
    return stated(texts(), text, figure, decimals(2))


def _paper(places: pd.DataFrame, measure: str) -> pd.DataFrame:
    """``places`` without columns that paper has no room for: developers, sources of answers, mass, other leans."""
    left_out = [t("china_west.column_developer"), t("china_west.column_source"), t("china_west.column_mass")]
    return places.drop(columns=[*left_out, *(lean_column(other) for other in MEASURES if other != measure)])
