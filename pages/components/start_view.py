"""The two charts of the start page: models over all questions, and question by question."""

import altair as alt
import pandas as pd

from core.charts.china_west import between_chart, place_chart
from core.charts.palette import Palette
from core.i18n import Texts
from pages.components.chart_block import Block
from pages.components.published_frames import item_frames
from pages.components.texts import t, term


def lean_block(leans: pd.DataFrame, title: str) -> Block:
    """Every model and both baselines, left or right of zero."""
    groups = {term("origin", "China"): "China", term("origin", "USA"): "West", t("start.baseline"): "baseline"}
    rows = leans.rename(
        columns={"model": "name", "origin_name": "group_name", "lean_low": "low", "lean_high": "high"}
    ).assign(group=leans["origin_name"].map(groups), faded=False, silent=t("chart.not_asked"))
    axis = t("chart.lean")

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return place_chart(rows, palette, words, axis)

    return Block("published_models", title, draw, leans, t("start.source"), alt=t("start.lean_alt"))


def item_block(table: pd.DataFrame, title: str) -> Block:
    """The publics and the models on each question."""
    publics, answers = item_frames(table)
    answers = answers.assign(chosen=False)

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return between_chart(publics, answers, palette, words, pick=True)

    return Block("published_items", title, draw, table, t("start.source"), alt=t("start.item_alt"))
