"""One panel of the Representation page: findings, heat map and gaps of one model in one country."""

from collections.abc import Hashable
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.audits.representation.audit import GROUPS, TOLD, Told
from core.audits.representation.together import left_aside
from core.charts.representation import draw_gaps, draw_heat, gap_rows, gap_verdicts, heat_cells
from core.charts.style import wrapped
from core.text import plain
from pages.parts.representation.words import finding
from pages.parts.shared.aside import aside_words
from pages.parts.shared.chart_block import Block, draw_chart, offer_downloads, show_table
from pages.parts.shared.glossary import explain
from pages.parts.shared.names import country, group_words, labelled_groups, model_name
from pages.parts.shared.texts import column_spans, number, t, term, ui_language

MARK = {True: "●", False: "○"}


class Shown(NamedTuple):
    """A panel in the language of the reader: sentences and whether each is a finding, charts, captions, groups."""

    sentences: list[str]
    clear: list[bool]
    heat: Block
    heat_note: str
    gaps: Block | None
    people: str
    groups: pd.DataFrame


@st.cache_resource(show_spinner=False, max_entries=64)
def _shown(
    of: tuple[Hashable, ...], model: str, place: str, told: str, interface: str, _frames: dict[str, pd.DataFrame]
) -> Shown:
    """Made once for all sessions: ``of`` and the other arguments name everything that ``_frames`` depend on."""
    return _made(of, model, place, told, _frames)


def _made(of: tuple[Hashable, ...], model: str, place: str, told: str, frames: dict[str, pd.DataFrame]) -> Shown:
    key = f"{model}_{place}"
    groups = labelled_groups(frames["groups"])
    here = frames["contrasts"][frames["contrasts"]["told"] == told]
    sentences = [finding(row, model, place) for _, row in here.iterrows()]
    title = sentences[0] if sentences else t("representation.heat_title")
    note = t("representation.heat_help")
    if groups.groupby("dimension")["told"].nunique().max() > 1:
        note += " " + t("representation.heat_shared", n=int(groups["questions_shared"].min()))
    groups = groups.sort_values("told", key=lambda column: column.map(TOLD.index), kind="stable")
    cells, rows = heat_cells(groups), every_row()
    heat = Block(
        f"groups_{key}",
        title,
        lambda palette, t: draw_heat(cells, palette, t, rows),
        groups.drop(columns=["key", "told_label", "verdict"]),
        t("representation.source"),
        alt=t("representation.heat_alt", model=model_name(model), country=country(place)),
        of=(*of, model, place),
        rows=cells,
        form=("group_heat", tuple(dict.fromkeys(cells["column"]))),
    )
    mine = groups[groups["told"] == told]
    first = groups.iloc[0]
    people = t("representation.people", years=first["years"], n=number(int(groups["n"].min())), source=first["source"])
    people += " " + t("people.unweighted") if "none" in first["weight_status"] else ""
    gaps = _gaps(key, title, mine, heat.source, (*of, model, place, told)) if len(mine) else None
    return Shown(sentences, [bool(found) for found in here["clear"]], heat, note, gaps, people, groups)


def _gaps(key: str, title: str, mine: pd.DataFrame, source: str, of: tuple[Hashable, ...]) -> Block:
    rows, names = gap_rows(mine), every_row()
    return Block(
        f"gaps_{key}",
        title,
        lambda palette, t: draw_gaps(rows, palette, t, names),
        mine,
        source,
        of=of,
        rows=rows,
        form=("gaps", *gap_verdicts(rows).items()),
    )


def every_row() -> list[str]:
    """The names of all groups of people as charts break them; a country may lack some."""
    return [wrapped(group_words(group)) for groups in GROUPS.values() for group in groups]


def show_panel(
    frames: dict[str, pd.DataFrame], model: str, place: str, told: str, of: tuple[Hashable, ...]
) -> tuple[str, str] | None:
    """Draw the panel and return the picked (``dimension:group``, told), if a cell was clicked; ``of`` as in a block."""
    found = _shown(of, model, place, told, ui_language(), frames)
    st.header(f"{plain(model_name(model))} · {country(place)}", anchor=False)
    if not found.sentences:
        st.info(t("representation.not_told", told=term("told", told)), icon=":material/help_center:")
    for sentence, clear in zip(found.sentences, found.clear, strict=True):
        st.markdown(f"{MARK[clear]} **{plain(sentence)}**" if clear else f"{MARK[clear]} {plain(sentence)}")
    st.markdown(f"**{t('representation.heat_title')}**")
    event = draw_chart(found.heat, on_select="rerun")
    st.caption(found.heat_note)
    if found.gaps:
        st.markdown(
            f"**{t('representation.gap_title', told=term('told', told))}**",
            help=explain("under_representation", "even_guess", "permutation_test"),
        )
        draw_chart(found.gaps)
        st.caption(t("representation.gap_help"))
    with st.container(horizontal=True):
        offer_downloads(found.heat)
        st.page_link("pages/model.py", label=t("card.from_models"), icon=":material/badge:", query_params={"mc": model})
    title, note = t("representation.table"), t("representation.table_help")
    show_table(lambda: group_table(found.groups), f"{model}_{place}", title, note)
    st.caption(found.people)
    picked = event["selection"].get("cell") if event else None
    return (picked[0]["key"], picked[0]["told"]) if picked else None


def set_words(sets: pd.DataFrame, told: Told) -> list[str]:
    """What was left out so that panels side by side use the same questions; empty where they had the same.

    ``sets`` come from :mod:`core.audits.representation.together`; the sentences are Markdown.
    """
    lost = [
        (f"{model_name(row.panel[0])} · {country(row.panel[1])}", row)
        for row in left_aside(sets, told).itertuples(index=False)
    ]
    rest = {name: row for name, row in lost if row.comparable}
    apart = [name for name, row in lost if not row.comparable]
    fewest = min((int(row.shared) for row in rest.values()), default=0)
    return aside_words(fewest, {name: int(row.aside) for name, row in rest.items()}, apart)


def group_table(groups: pd.DataFrame) -> pd.DataFrame:
    """Heat map and gaps as a table; ``groups`` come from :func:`labelled_groups`."""
    return pd.DataFrame(
        {
            t("representation.group"): groups["label"],
            t("representation.told"): groups["told_label"],
            t("chart.distance"): column_spans(groups, "distance"),
            t("representation.gap"): column_spans(groups, "gap", signed=True),
            t("representation.gap_even"): groups["gap_even"].round(3),
            t("representation.net"): column_spans(groups, "net", signed=True),
            t("representation.net_whole"): column_spans(groups, "net_whole", signed=True),
            t("representation.p"): groups["p_adjusted"].round(3),
            t("representation.human"): groups["human"].round(3),
            t("representation.human_chance"): groups["human_chance_high"].round(3),
            t("representation.dispersion"): column_spans(groups, "dispersion", 2),
            t("chart.questions"): groups["questions"],
            "n": groups["n"],
        }
    )
