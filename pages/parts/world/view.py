"""The map, the place picked on it, and the table of places, in which a place can be picked too."""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import altair as alt
import pandas as pd
import streamlit as st

from core.charts.palette import Palette
from core.charts.shapes import is_drawn
from core.charts.world import PICKED, PICKED_POINT, Look, world_map
from core.i18n import Texts
from core.types import digest
from pages.parts.shared.chart_block import Block, show_chart
from pages.parts.shared.names import country
from pages.parts.shared.texts import listed, t
from pages.parts.world.words import facts, value_words

PLACE = "wc"
"""The place that is picked, in the session and in the URL."""
_TABLE, _MAP = "world_table", "world"


class Layer(NamedTuple):
    """A layer of the map: ``frame`` has country, value, low, high, facts, mark; ``of`` is all on which it depends.

    ``more`` are sentences under the title, ``column`` is the name of the values in the table, ``study`` the published
    study that the values come from, if they come from one.
    """

    frame: pd.DataFrame
    title: str
    legend: str
    reach: tuple[float, float]
    look: Look
    as_percent: bool
    source: str
    of: tuple[Hashable, ...]
    more: list[str]
    column: str
    study: str = ""


def _table_key(layer: Layer) -> str:
    # Another view has another order of rows, so a picked row must not be kept in it.
    return f"{_TABLE}_{digest([str(part) for part in layer.of])}"


def take_up_pick(layer: Layer) -> None:
    """Make the place that was clicked on the map or picked in the table since the last run the place of the page."""
    clicked = _selection(f"{_MAP}_chart")
    for name in (PICKED, PICKED_POINT):
        rows = clicked.get(name) or []
        _take(f"seen_{name}", rows[0].get("country") if rows else None)
    rows = _selection(_table_key(layer)).get("rows") or []
    order = _ordered(layer)["country"]
    _take(f"seen_{_TABLE}", str(order.iloc[rows[0]]) if rows and rows[0] < len(order) else None)


def _selection(key: str) -> Mapping[str, Any]:
    state = st.session_state.get(key)
    return state["selection"] if state else {}


def _take(seen: str, code: str | None) -> None:
    if code != st.session_state.get(seen):
        st.session_state[seen] = code
        if code:
            st.session_state[PLACE] = code


def _ordered(layer: Layer) -> pd.DataFrame:
    ascending = layer.look != "more"
    return layer.frame.sort_values("value", ascending=ascending, ignore_index=True)


def map_block(layer: Layer) -> Block:
    """The map as a block, which a brief could also use."""
    frame = layer.frame.assign(
        name=layer.frame["country"].map(country),
        shown=[value_words(row, layer.as_percent) for _, row in layer.frame.iterrows()],
        facts=[facts(row) for _, row in layer.frame.iterrows()],
    )

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return world_map(frame, palette, words, layer.legend, layer.reach, look=layer.look, percent=layer.as_percent)

    note = t("world.drawn")
    apart = [country(code) for code in layer.frame["country"] if not is_drawn(code)]
    if apart:
        note += " " + t("world.not_drawn", names=listed(apart))
    return Block(_MAP, layer.title, draw, frame, layer.source, alt=t("world.alt"), note=note, of=layer.of)


def show_map(layer: Layer) -> None:
    """The map with its notes."""
    with st.container(key="world_map"):
        show_chart(map_block(layer), on_select="rerun", height="stretch")


def show_places(layer: Layer, column: str) -> None:
    """All places as a table, beginning at the dark end of the scale; picking a row equals clicking on the map."""
    rows = _ordered(layer)
    shown = pd.DataFrame(
        {
            t("world.country"): rows["country"].map(country),
            column: [value_words(row, layer.as_percent) for _, row in rows.iterrows()],
            t("world.facts"): [facts(row) for _, row in rows.iterrows()],
        }
    )
    if "rank_words" in rows:
        shown[t("world.rank")], shown[t("world.even")] = rows["rank_words"], rows["even_words"]
    st.markdown(f"**{t('world.table')}**")
    st.dataframe(
        shown, hide_index=True, key=_table_key(layer), on_select="rerun", selection_mode="single-row", height=360
    )
    st.caption(t("world.table_help"))
