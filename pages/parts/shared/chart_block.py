"""A chart with its title, downloads and table, which is made once for the page and for the brief.

A :class:`Block` is made where its words and frames are made. The page shows it with its downloads and its table; the
brief of the page takes the same block as a figure. Drawn charts are cached for all sessions, because drawing takes
longer than anything else on most pages.
"""

import json
from collections.abc import Callable, Hashable, Iterable
from itertools import product
from typing import Any, Literal, NamedTuple

import pandas as pd
import pyarrow as pa
import streamlit as st

from core.brief import Figure
from core.brief.model import Draw
from core.charts.detached import detached, refilled
from core.charts.palette import Palette
from pages.parts.shared.downloads import show_downloads
from pages.parts.shared.fold import fold
from pages.parts.shared.palette import both_palettes, current_palette
from pages.parts.shared.texts import t, ui_language
from pages.parts.shared.turns import give_way


class Block(NamedTuple):
    """A chart. ``title`` states the finding, ``frame`` is saved as CSV, ``alt`` describes the chart where the title
    does not.

    ``key`` names the widgets and the saved files. ``of`` is everything that the chart depends on beside language and
    palette, such as the state of the store and the selection. Two blocks with the same ``key`` and ``of`` look the same
    and are drawn once. A block without ``of`` is drawn each time it is shown.

    ``rows`` are the data of a chart that is drawn from one frame, and ``form`` everything beside them, language and
    palette on which the chart depends. Blocks with the same ``form`` are drawn once, and the others only filled.
    """

    key: str
    title: str
    draw: Draw
    frame: pd.DataFrame
    source: str
    alt: str = ""
    note: str = ""
    of: tuple[Hashable, ...] = ()
    rows: pd.DataFrame | None = None
    form: tuple[Hashable, ...] = ()

    def figure(self) -> Figure:
        """The block as a figure of a brief."""
        return Figure(title=self.title, description=self.alt or self.title, draw=self.draw, note=self.note)


def show_chart(
    block: Block, on_select: Literal["ignore", "rerun"] = "ignore", height: Literal["content", "stretch"] = "content"
) -> Any:
    """Show the chart, its note and its downloads. The title is shown by the page, which may need it elsewhere.

    With ``on_select`` the return value tells what was clicked, as Streamlit gives it. With the ``height`` ``stretch``
    the chart is as high as its container.
    """
    event = draw_chart(block, on_select, height)
    if block.note:
        st.caption(block.note)
    with st.container(horizontal=True):
        offer_downloads(block)
    return event


def offer_downloads(block: Block) -> None:
    """Offer the chart as PNG and SVG and its frame as CSV."""
    draw, palette = block.draw, current_palette()
    show_downloads(lambda: draw(palette, t), block.frame, key=block.key, title=block.title, source=block.source)


def draw_chart(
    block: Block, on_select: Literal["ignore", "rerun"] = "ignore", height: Literal["content", "stretch"] = "content"
) -> Any:
    """Show the chart alone."""
    palette = current_palette()
    drawn = _kept_of(block, palette) if block.of else _drawn(block, palette)
    return st.vega_lite_chart(
        spec={**json.loads(drawn.spec), "datasets": dict(drawn.data)},
        theme=None,
        key=f"{block.key}_chart",
        alt=" ".join([block.title, block.alt]).rstrip(),
        on_select=on_select,
        height=height,
    )


class Drawn(NamedTuple):
    """A chart as it is sent to the browser: its specification as JSON, and its data as tables by name."""

    spec: str
    data: dict[str, pa.Table]


def draw_ahead(blocks: Iterable[Block]) -> None:
    """Draw ``blocks``, which have ``of``, in both themes, so that the first visit finds them drawn."""
    for block, palette in product(blocks, both_palettes()):
        give_way()
        _kept_of(block, palette)


def _drawn(block: Block, palette: Palette) -> Drawn:
    if block.rows is None:
        return Drawn(*detached(block.draw(palette, t)))
    spec, tables = _form(block.form, ui_language(), palette.text, block, palette)
    return Drawn(spec, refilled(spec, tables, block.rows))


@st.cache_resource(show_spinner=False, max_entries=64)
def _form(form: tuple[Hashable, ...], language: str, ink: str, _block: Block, _palette: Palette) -> Drawn:
    return Drawn(*detached(_block.draw(_palette, t)))


def _kept_of(block: Block, palette: Palette) -> Drawn:
    return _kept(block.key, block.of, ui_language(), palette.text, block, palette)


@st.cache_resource(show_spinner=False, max_entries=512)
def _kept(key: str, of: tuple[Hashable, ...], language: str, ink: str, _block: Block, _palette: Palette) -> Drawn:
    return _drawn(_block, _palette)


def card_column() -> Any:
    """The look of a column of links to cards of models."""
    return st.column_config.LinkColumn(display_text=":material/badge:", width="small")


def show_table(frame: Callable[[], pd.DataFrame], key: str, title: str = "", note: str = "", cards: str = "") -> None:
    """The table twin, folded away and made when it is unfolded; ``title`` is what the fold says.

    ``cards`` names a column of links to cards of models (:func:`pages.parts.shared.links.to_card`), if there is one.
    """
    with fold(title or t("details.table"), key) as opened:
        if opened:
            config = {cards: card_column()} if cards else None
            st.dataframe(frame(), hide_index=True, key=f"{key}_table", column_config=config)
            if note:
                st.caption(note)
