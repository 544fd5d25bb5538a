"""One panel of the Representation page: findings, heat map and gaps of one model in one country."""

from collections.abc import Hashable

import pandas as pd
import streamlit as st

from core.audits.representation.audit import TOLD
from core.charts.representation import gap_chart, group_heat
from core.findings.wording import Figure, decimals, span
from core.text import plain
from pages.parts.representation.words import finding, group_words, model_words
from pages.parts.shared.chart_block import Block, draw_chart, offer_downloads, show_table
from pages.parts.shared.glossary import explain
from pages.parts.shared.names import country
from pages.parts.shared.texts import number, t, term

MARK = {True: "●", False: "○"}


def labelled(groups: pd.DataFrame) -> pd.DataFrame:
    """Group rows with the words a chart shows."""
    words = groups["group"].map(group_words)
    verdicts = [
        term("verdict", "none" if not flagged else "further" if gap > 0 else "nearer")
        for flagged, gap in zip(groups["flagged"], groups["net"], strict=True)
    ]
    return groups.assign(
        key=groups["dimension"] + ":" + groups["group"],
        label=words,
        told_label=groups["told"].map(lambda told: term("told", told)),
        verdict=verdicts,
    )


def show_panel(
    frames: dict[str, pd.DataFrame], model: str, place: str, told: str, of: tuple[Hashable, ...]
) -> tuple[str, str] | None:
    """Draw the panel and return the picked (``dimension:group``, told), if a cell was clicked; ``of`` as in a block."""
    key = f"{model}_{place}"
    st.header(f"{plain(model_words(model))} · {country(place)}", anchor=False)
    groups = labelled(frames["groups"])
    here = frames["contrasts"][frames["contrasts"]["told"] == told]
    sentences = [finding(row, model, place) for _, row in here.iterrows()]
    if not sentences:
        st.info(t("representation.not_told", told=term("told", told)), icon=":material/help_center:")
    for sentence, clear in zip(sentences, here["clear"], strict=True):
        st.markdown(f"{MARK[bool(clear)]} **{plain(sentence)}**" if clear else f"{MARK[bool(clear)]} {plain(sentence)}")
    title = sentences[0] if sentences else t("representation.heat_title")
    st.markdown(f"**{t('representation.heat_title')}**")
    asked = groups.groupby("dimension")["told"].nunique().max()
    note = t("representation.heat_help")
    if asked > 1:
        note += " " + t("representation.heat_shared", n=int(groups["questions_shared"].min()))
    groups = groups.sort_values("told", key=lambda column: column.map(TOLD.index), kind="stable")
    heat = Block(
        f"groups_{key}",
        title,
        lambda palette, t: group_heat(groups, palette, t),
        groups.drop(columns=["key", "told_label", "verdict"]),
        t("representation.source"),
        alt=t("representation.heat_alt", model=model_words(model), country=country(place)),
        of=(*of, model, place),
    )
    event = draw_chart(heat, on_select="rerun")
    st.caption(note)
    mine = groups[groups["told"] == told]
    if len(mine):
        st.markdown(
            f"**{t('representation.gap_title', told=term('told', told))}**",
            help=explain("under_representation", "even_guess", "permutation_test"),
        )
        gaps = Block(
            f"gaps_{key}",
            title,
            lambda palette, t: gap_chart(mine, palette, t),
            mine,
            heat.source,
            of=(*of, model, place, told),
        )
        draw_chart(gaps)
        st.caption(t("representation.gap_help"))
    with st.container(horizontal=True):
        offer_downloads(heat)
    show_table(lambda: group_table(groups), key, t("representation.table"), t("representation.table_help"))
    first = groups.iloc[0]
    notes = t("representation.people", years=first["years"], n=number(int(groups["n"].min())), source=first["source"])
    st.caption(notes + (" " + t("people.unweighted") if "none" in first["weight_status"] else ""))
    picked = event["selection"].get("cell") if event else None
    return (picked[0]["key"], picked[0]["told"]) if picked else None


def _span(frame: pd.DataFrame, name: str, form: str) -> list[str]:
    columns = (frame[name], frame[f"{name}_low"], frame[f"{name}_high"])
    write = decimals(int(form[-2]), form.startswith("+"))
    return [span(Figure(*values), write) for values in zip(*columns, strict=True)]


def group_table(groups: pd.DataFrame) -> pd.DataFrame:
    """The table twin of heat map and gaps; ``groups`` come from :func:`labelled`."""
    return pd.DataFrame(
        {
            t("representation.group"): groups["label"],
            t("representation.told"): groups["told_label"],
            t("chart.distance"): _span(groups, "distance", ".3f"),
            t("representation.gap"): _span(groups, "gap", "+.3f"),
            t("representation.gap_even"): groups["gap_even"].round(3),
            t("representation.net"): _span(groups, "net", "+.3f"),
            t("representation.net_whole"): _span(groups, "net_whole", "+.3f"),
            t("representation.p"): groups["p_adjusted"].round(3),
            t("representation.human"): groups["human"].round(3),
            t("representation.human_chance"): groups["human_chance_high"].round(3),
            t("representation.dispersion"): _span(groups, "dispersion", ".2f"),
            t("chart.questions"): groups["questions"],
            "n": groups["n"],
        }
    )
