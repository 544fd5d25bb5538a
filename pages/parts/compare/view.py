"""One audit on the Compare page: every side on one scale, and the differences to the pinned side."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import altair as alt
import pandas as pd
import streamlit as st

from core.charts.compare import side_differences, side_points
from core.charts.palette import Palette
from core.findings.compare import AUDIT_NAMES, differences, side_of, summaries
from core.i18n import Texts
from core.text import plain
from core.types import DEFAULT_KINDS
from pages.parts.compare.data import aside_of, items_of, runs_behind, sides, without_choice
from pages.parts.compare.presets import usual_sides
from pages.parts.compare.words import SHARES, difference_table, finding, missing, place_words, side_words
from pages.parts.shared.chart_block import Block, draw_ahead, draw_chart, offer_downloads, show_table
from pages.parts.shared.links import with_cards
from pages.parts.shared.names import model_side
from pages.parts.shared.readings import store_state
from pages.parts.shared.texts import t, term
from pages.parts.shared.turns import give_way

MEASURES = ("skill", "jsd")
TOLD = ("country", "none")
USUAL_COUNTRY = "CHN"
FEW = 20
Of = tuple[Hashable, ...]
"""Everything on which the charts depend (:class:`pages.parts.shared.chart_block.Block`)."""


class Compared(NamedTuple):
    """One audit on the page: figures and differences with the words of the charts, and the sentence above them."""

    audit: str
    measure: str
    points: pd.DataFrame
    apart: pd.DataFrame
    sentence: str

    def draw_points(self, palette: Palette, words: Texts) -> alt.LayerChart:
        """Every side on one scale."""
        axis = words(f"compare_axis.{self.measure}")
        return side_points(self.points, palette, words, axis, self.audit in SHARES)

    def draw_apart(self, palette: Palette, words: Texts) -> alt.LayerChart:
        """Differences to the pinned side."""
        axis = words(f"compare_apart.{self.measure}")
        return side_differences(self.apart, palette, words, axis, self.audit in SHARES)


def compared(
    audit: str, measure: str, items: pd.DataFrame, keys: list[str], pinned: str, names: dict[str, str]
) -> Compared | None:
    """``items`` as figures and differences, the largest first, or ``None`` where nothing can be paired."""
    points, found = _figures(items, tuple(keys), pinned, measure == "skill")
    if found.empty:
        return None
    order = list(dict.fromkeys(found["place"]))
    ranks = {key: place for place, key in enumerate(keys)}

    def worded(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(
            name=[place_words(audit, place) for place in frame["place"]],
            series=frame["side"].map(names),
            look=[model_side(side_of(key).model_id) for key in frame["side"]],
            side_place=frame["side"].map(ranks),
        )

    points = points[points["place"].isin(order)].sort_values("place", key=lambda s: s.map(order.index), kind="stable")
    apart = found.sort_values("place", key=lambda s: s.map(order.index), kind="stable")
    verdicts = [term("compare_verdict", value) for value in apart["verdict"]]
    apart = apart.assign(audit=audit, words=verdicts, beyond=apart["verdict"].isin(("higher", "lower")))
    return Compared(audit, measure, worded(points), worded(apart), finding(audit, found, names, pinned))


@st.cache_data(show_spinner=False, max_entries=64)
def _figures(items: pd.DataFrame, keys: tuple[str, ...], pinned: str, skill: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    return summaries(items, keys, skill), differences(items, keys, pinned, skill)


def blocks_of(shown: Compared, of: Of) -> tuple[Block, Block]:
    """Both charts of an audit: figures, and differences."""
    key, title = f"points_{shown.audit}", term("compare_axis", shown.measure)
    figures = Block(key, title, shown.draw_points, shown.points, "", of=of)
    saved = shown.apart.drop(columns=["name", "words", "look", "side_place", "beyond"])
    key, title = f"compare_{shown.audit}", shown.sentence
    return figures, Block(key, title, shown.draw_apart, saved, t("compare.source"), of=of)


def show_audit(
    audit: str,
    shown: Compared | None,
    keys: list[str],
    present: set[str],
    names: dict[str, str],
    of: Of,
    aside: Sequence[str] = (),
) -> None:
    """Sentence, both charts, table; then which sides lack this audit and how to run it.

    ``aside`` says what was left out so that all sides are compared on the same items.
    """
    st.subheader(term("compare_audit", audit), anchor=False)
    if shown is not None:
        st.markdown(f"**{plain(shown.sentence)}**")
        figures, apart = blocks_of(shown, of)
        left, right = st.columns(2)
        with left:
            st.caption(term("compare_points_help", shown.measure))
            draw_chart(figures)
        with right:
            st.caption(t("compare.apart_help"))
            draw_chart(apart)
        for sentence in aside:
            st.caption(sentence)
        items = int(shown.apart["n"].min())
        if items < FEW:
            st.caption(t("compare.few", n=items))
        offer_downloads(apart)
        show_table(
            lambda: carded(difference_table(shown.apart, names), shown.apart),
            apart.key,
            t("compare.table"),
            cards=t("ranking.card"),
        )
    elif len(present) > 1:
        st.info(t("compare.nothing_shared"), icon=":material/help_center:")
    lacking = [key for key in keys if key not in present]
    asked = {key: without_choice(store_state(), key) for key in lacking} if audit == "stability" else {}
    for line in missing(audit, lacking, names, {key: found for key, found in asked.items() if found[0]}):
        st.info(line, icon=":material/inbox:")


def carded(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """``table`` with a link to the card of the model of each side."""
    return with_cards(table, [side_of(key).model_id for key in found["side"]])


def prepare() -> None:
    """Compute and draw the first view of the page."""
    state = store_state()
    keys = usual_sides(state)
    if len(keys) < 2:
        return
    known = sides(state)
    names = {key: side_words(key, known) for key in keys}
    asked = (TOLD[0], MEASURES[0], USUAL_COUNTRY, DEFAULT_KINDS)
    for audit in AUDIT_NAMES:
        measure = MEASURES[0] if audit == "alignment" else audit
        give_way()
        shown = compared(audit, measure, items_of(state, audit, tuple(keys), *asked), keys, keys[0], names)
        give_way()
        aside_of(state, audit, tuple(keys), *asked)
        if shown is not None:
            draw_ahead(blocks_of(shown, (state, tuple(names.items()), keys[0], *asked)))
    give_way()
    runs_behind(state, tuple(keys), list(AUDIT_NAMES))
