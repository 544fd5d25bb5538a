"""The parts of the China-West page: charts, each with its words, its downloads and its table twin."""

from collections.abc import Hashable

import altair as alt
import pandas as pd
import streamlit as st

from core.charts.china_west import between_chart, effect_chart, place_chart
from core.charts.palette import Palette
from core.findings.china_west import EVERY_ITEM, MEASURES, PERSONAS
from core.i18n import Texts
from core.text import plain
from pages.parts.china_west.alike import left_by_government, left_unanswered, likeness
from pages.parts.china_west.data import effects, origins, own_runs, places
from pages.parts.china_west.instruments import NAMES, instrument_block
from pages.parts.china_west.map import map_blocks
from pages.parts.china_west.rows import chart_rows, effect_rows, item_rows, origin_rows
from pages.parts.china_west.tables import effects_table, places_table, sides_table
from pages.parts.china_west.words import difference_words, disagreement, effect_words, mixed_words, rough_words
from pages.parts.shared.chart_block import Block, draw_ahead, show_chart, show_table
from pages.parts.shared.links import with_cards
from pages.parts.shared.readings import mean_answers, store_state
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import t, term
from pages.parts.shared.turns import give_way

Of = tuple[Hashable, ...]
"""Everything on which a chart depends (:class:`pages.parts.shared.chart_block.Block`)."""


def places_block(frame: pd.DataFrame, measure: str) -> Block:
    """Every model and both baselines over all questions."""
    rows, axis = chart_rows(frame, measure), term("cw_axis", measure)

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return place_chart(rows, palette, words, axis)

    saved = rows.drop(columns=["silent"])
    title, source = t("china_west.places_title"), t("china_west.source")
    return Block("china_west_models", title, draw, saved, source, alt=t("china_west.places_alt"))


def origins_block(groups: pd.DataFrame, measure: str) -> Block:
    """Origins with their intervals over developers, and their difference."""
    rows, axis = origin_rows(groups), term("cw_axis", measure)

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return place_chart(rows, palette, words, axis)

    title, source = difference_words(groups, measure), t("china_west.source")
    return Block("china_west_origins", title, draw, groups, source, alt=t("china_west.origins_alt"))


def effects_block(changes: pd.DataFrame, measure: str) -> Block:
    """The effects of prompt and persona, by origin."""
    rows, axis = effect_rows(changes), term("cw_change_axis", measure)

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return effect_chart(rows, palette, words, axis)

    title, source = t("china_west.effects_title"), t("china_west.source")
    return Block("china_west_changes", title, draw, changes, source, alt=t("china_west.effects_alt"))


def items_block(mean_answers: pd.DataFrame, language: str, persona: str, chosen: str) -> Block:
    """Question by question: both publics, all models, the chosen one pointed out."""
    publics, models = item_rows(mean_answers, language, persona, chosen)

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return between_chart(publics, models, palette, words)

    table = publics.pivot_table(index="question", columns="public", values="mean", sort=False)
    wide = models.pivot_table(index="question", columns="name", values="mean", sort=False)
    table = table.join(wide).rename_axis(t("chart.question")).reset_index()
    title, source = t("china_west.items_title"), t("china_west.source")
    return Block("china_west_questions", title, draw, table, source, alt=t("china_west.items_alt"))


def show_places(frame: pd.DataFrame, measure: str, title: str, of: Of) -> None:
    """Every model and both baselines over all questions; ``title`` states the finding."""
    block = places_block(frame, measure)
    st.markdown(f"**{block.title}**")
    show_chart(block._replace(title=title, of=of))
    st.caption(source_line("justifiable"))
    note = t("china_west.table_help", least=EVERY_ITEM)
    show_table(lambda: _with_cards(frame), block.key, t("china_west.table"), note, cards=t("ranking.card"))


def _with_cards(frame: pd.DataFrame) -> pd.DataFrame:
    pairs = zip(frame["model_id"], frame["group"], strict=True)
    return with_cards(places_table(frame), [None if group == "baseline" else name for name, group in pairs])


def show_origins(groups: pd.DataFrame, frame: pd.DataFrame, measure: str, of: Of) -> None:
    """Origins with their intervals over developers, and the limits of these."""
    st.header(t("china_west.origins_title"), anchor=False, divider="gray")
    block = origins_block(groups, measure)
    st.markdown(f"**{block.title}**")
    if groups["mean"].notna().any():
        show_chart(block._replace(of=of))
        st.caption(source_line("justifiable"))
    st.caption(f"{rough_words(groups)} {mixed_words(frame)}")


def show_disagreement(frame: pd.DataFrame) -> None:
    """Three sentences and a table: where the measures name different publics."""
    st.header(t("china_west.disagree_title"), anchor=False, divider="gray")
    clear, points, baseline = disagreement(frame)
    st.markdown(f"**{clear}** {plain(points)}")
    st.markdown(baseline)
    st.dataframe(sides_table(frame), hide_index=True, key="cw_sides")
    st.caption(t("china_west.disagree_help"))


def show_effects(changes: pd.DataFrame, measure: str, of: Of) -> None:
    """The paired mean_answers, one sentence each, and the chart by origin."""
    st.header(t("china_west.effects_title"), anchor=False, divider="gray")
    st.markdown(t("china_west.effects_intro"))
    sentences = [effect_words(row, measure) for _, row in changes[changes["group"] == "all"].iterrows()]
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
    block = effects_block(changes, measure)
    if changes["change"].notna().any():
        show_chart(block._replace(of=of))
        st.caption(source_line("justifiable"))
    show_table(lambda: effects_table(changes), block.key, t("china_west.effects_table"))


def items_models(frame: pd.DataFrame) -> dict[str, str]:
    """Models that can be highlighted, by id with their names, those with most questions first."""
    counted = frame[frame["n_items"] > 0].sort_values(["n_items", "name"], ascending=[False, True])
    return dict(zip(counted["model_id"], counted["name"], strict=True))


def show_items(mean_answers: pd.DataFrame, language: str, persona: str, chosen: str, of: Of) -> None:
    """Question by question: both publics, all models, the chosen one pointed out."""
    block = items_block(mean_answers, language, persona, chosen)
    show_chart(block._replace(of=of))
    st.caption(source_line("justifiable"))
    show_table(lambda: block.frame.round(2), block.key, t("china_west.items_table"))


def prepare() -> None:
    """Compute and draw what the page shows before anything is chosen."""
    state, language, persona, measure = store_state(), "en", PERSONAS[0], MEASURES[0]
    frame = places(state, language, persona)
    give_way()
    changes = effects(state, measure)
    give_way()
    asked = (state, language, persona, measure)
    for compute in (own_runs, left_unanswered, left_by_government):
        give_way()
        compute(state)
    give_way()
    likeness(state, language)
    give_way()
    chosen = next(iter(items_models(frame)))
    draw_ahead(
        [
            places_block(frame, measure)._replace(of=asked),
            origins_block(origins(*asked), measure)._replace(of=asked),
            effects_block(changes, measure)._replace(of=(state, measure)),
            items_block(mean_answers(state), language, persona, chosen)._replace(of=(state, language, persona, chosen)),
            *map_blocks(state, language, persona),
            instrument_block(NAMES[0], "en", "none"),
        ]
    )
