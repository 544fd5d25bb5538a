"""The two charts of the start page: models over all questions, and question by question."""

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.publics import item_chart, lean_chart
from core.i18n import Texts
from pages.components.chart_block import Block
from pages.components.published_frames import item_frames
from pages.components.texts import t, term


def lean_block(leans: pd.DataFrame, title: str) -> Block:
    """Every model and both baselines, left or right of zero."""
    origins = [term("origin", "China"), term("origin", "USA"), t("start.baseline")]

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return lean_chart(leans, origins, palette, words)

    return Block("published_models", title, draw, leans, t("start.source"), alt=t("start.lean_alt"))


def item_block(table: pd.DataFrame, title: str) -> Block:
    """The publics and the models on each question."""
    publics, answers = item_frames(table)

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return item_chart(publics, answers, palette, words)

    return Block("published_items", title, draw, table, t("start.source"), alt=t("start.item_alt"))
