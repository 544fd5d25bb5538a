"""The ranked list in words, as a chart and as a table that can be sorted."""

from collections.abc import Hashable

import pandas as pd
import streamlit as st

from core.charts.country import nearness_chart
from core.findings.world import EVEN, OTHERS, clearly_nearer
from core.text import plain
from pages.parts.ranking.data import EVERYWHERE, Ranked
from pages.parts.shared.chart_block import Block, show_chart
from pages.parts.shared.glossary import explain
from pages.parts.shared.links import to_card
from pages.parts.shared.names import country, model_name, ranked_names
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import listed, t


def place_words(place: str) -> str:
    """A country, or all of them."""
    return t("ranking.everywhere") if place == EVERYWHERE else country(place)


def sentences(found: Ranked, place: str) -> list[str]:
    """Which model is first, how certain that is, and how many beat the answers that need no model."""
    models = found.table[~found.table["name"].isin([EVEN, OTHERS])]
    first = models.iloc[0]
    rivals = models[models["rank_low"] <= first["rank_high"]].iloc[1:]
    clear = clearly_nearer(models)
    nearer = int(models["beats_others"].sum())
    return [
        t("ranking.beats_even", clear=len(clear), total=len(models), place=place_words(place)),
        t("ranking.beats_others", nearer=nearer, total=len(models)),
        t(
            "ranking.first",
            model=model_name(first["name"]),
            n=len(rivals),
            low=int(first["rank_low"]),
            high=int(first["rank_high"]),
        ),
    ]


def block_of(found: Ranked, place: str, of: tuple[Hashable, ...]) -> Block:
    """The chart of the list."""
    named = ranked_names(found.table)
    return Block(
        "ranking",
        sentences(found, place)[0],
        lambda palette, words: nearness_chart(named, palette, words),
        named,
        t("world.model_source"),
        alt=t("country.models_alt"),
        note=t("ranking.help", questions=found.questions, batteries=found.batteries, places=found.places),
        of=("ranking", *of),
    )


def show_ranking(found: Ranked, place: str, of: tuple[Hashable, ...]) -> None:
    """Sentences, table and chart; the table comes first, because readers sort it."""
    block = block_of(found, place, of)
    st.header(plain(block.title), anchor=False, divider="gray")
    for sentence in sentences(found, place)[1:]:
        st.markdown(plain(sentence))
    numbers = (t("chart.distance"), t("ranking.low"), t("ranking.high"), t("country.net"), t("country.p"))
    st.dataframe(
        table_of(block.frame),
        hide_index=True,
        key="ranking_table",
        height="content",
        column_config={
            t("chart.model"): st.column_config.TextColumn(pinned=True),
            t("ranking.card"): st.column_config.LinkColumn(display_text=":material/badge:", width="small"),
            **dict.fromkeys(numbers, st.column_config.NumberColumn(format="%.3f")),
        },
    )
    st.caption(source_line("justifiable"))
    st.caption(t("ranking.sort"), help=explain("rank_interval", "baseline", "distance"))
    show_chart(block)
    if found.left_out:
        names = listed(f"{model_name(name)} ({n})" for name, n in found.left_out.items())
        st.caption(plain(t("ranking.left_out", n=len(found.left_out), names=names)))


def table_of(named: pd.DataFrame) -> pd.DataFrame:
    """One row per model or baseline, with numbers as numbers so that each column can be sorted."""
    return pd.DataFrame(
        {
            t("ranking.rank"): named["rank"],
            t("ranking.from"): named["rank_low"],
            t("ranking.to"): named["rank_high"],
            t("chart.model"): named["label"],
            t("ranking.card"): [
                "" if row["group"] == "baseline" else to_card(row["name"]) for _, row in named.iterrows()
            ],
            t("chart.origin"): named["group_name"],
            t("chart.distance"): named["distance"],
            t("ranking.low"): named["low"],
            t("ranking.high"): named["high"],
            t("country.net"): named["net"],
            t("country.p"): named["p_adjusted"],
        }
    )
