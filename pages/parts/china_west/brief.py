"""The China-West page as a brief to take away."""

import pandas as pd

from core.brief import Brief, plain_lines, run_sources, table_of
from core.findings.china_west import MEASURES
from pages.parts.china_west.tables import effects_table, lean_column, places_table, sides_table
from pages.parts.china_west.view import effects_block, origins_block, places_block
from pages.parts.china_west.words import (
    carry,
    difference_words,
    disagreement,
    effect_words,
    mixed_words,
    origin_counts,
    rough_words,
)
from pages.parts.shared import resources
from pages.parts.shared.texts import t


def china_west_brief(
    frame: pd.DataFrame, groups: pd.DataFrame, changes: pd.DataFrame, measure: str, title: str, runs: list[str]
) -> Brief:
    """What the page shows for one way of asking and one measure."""
    sentences = [effect_words(row, measure) for _, row in changes[changes["group"] == "all"].iterrows()]
    texts = [title, difference_words(groups, measure), *disagreement(frame), *sentences, origin_counts(groups)]
    origins = origins_block(groups, measure)._replace(note=rough_words(groups))
    blocks = (places_block(frame, measure), origins, effects_block(changes, measure))
    return Brief(
        title=t("china_west.title"),
        finding=tuple(line for text in texts for line in plain_lines(text)),
        figures=tuple(block.figure() for block in blocks),
        tables=(
            table_of(_paper(places_table(frame), measure), t("china_west.table")),
            table_of(sides_table(frame, all_models=False), t("china_west.disagree_title")),
            table_of(effects_table(changes), t("china_west.effects_table")),
        ),
        method=plain_lines(t("china_west.how")),
        limits=plain_lines(f"{carry()}\n{t('china_west.disagree_help')}\n{mixed_words(frame)}"),
        data=plain_lines(t("china_west.source")),
        runs=run_sources(resources.store(), runs),
    )


def _paper(places: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Without what paper has no room for: developers, where answers come from, their mass, leans that are not shown."""
    left_out = [t("china_west.column_developer"), t("china_west.column_source"), t("china_west.column_mass")]
    return places.drop(columns=[*left_out, *(lean_column(other) for other in MEASURES if other != measure)])
