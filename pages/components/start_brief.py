"""The start page's finding as a brief."""

import pandas as pd

from core.brief import Brief, plain_lines, table_of
from pages.components.brief_words import measured_as
from pages.components.chart_block import Block
from pages.components.published_frames import item_words
from pages.components.texts import t, term


def start_brief(
    sentences: list[str], leans: Block, items: Block, table: pd.DataFrame, language: str, persona: str
) -> Brief:
    """``sentences`` are those above the charts; ``table`` holds the 19 questions with every model's mean."""
    asked = measured_as(language, term("persona_country", persona))
    return Brief(
        title=sentences[0],
        finding=tuple(line for text in [*sentences, asked] for line in plain_lines(text)),
        figures=(leans.figure(), items.figure()),
        tables=(
            table_of(lean_table(leans.frame), t("brief_start.leans")),
            table_of(_publics(table), t("brief_start.items")),
        ),
        method=plain_lines(t("brief_start.method")),
        limits=plain_lines(t("start.caveats")),
        data=(t("start.source"),),
    )


def lean_table(leans: pd.DataFrame) -> pd.DataFrame:
    """Every model and both baselines, columns in words."""
    return leans.rename(columns={name: term("lean_column", name) for name in leans.columns}).round(2)


def _publics(table: pd.DataFrame) -> pd.DataFrame:
    """The publics alone: paper has no room for a column a model."""
    return item_words(table[[name for name in table if name.startswith(("item_", "chn_", "usa_"))]]).round(2)
