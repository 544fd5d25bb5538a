"""Charts of the page of simulated citizens: the ablation, the diversity of answers, the groups."""

from typing import NamedTuple

import altair as alt
import pandas as pd
import streamlit as st

from core.charts.citizens import band_chart
from core.charts.palette import Palette
from core.findings.wording import p_words
from core.i18n import Texts
from pages.parts.citizens.data import arm_words
from pages.parts.citizens.words import Compared, ablation_words, change_words, diversity_words, row_span
from pages.parts.shared.chart_block import Block, show_chart, show_table
from pages.parts.shared.names import group_words, model_side
from pages.parts.shared.texts import column_spans, number, paired, t, term


class Panel(NamedTuple):
    """A chart of bands with its table."""

    block: Block
    table: pd.DataFrame


def show_ablation(arms: pd.DataFrame, compared: Compared, source: str) -> None:
    """Distance to real people by source of diversity, and the change by each source."""
    _show(ablation(arms, compared, source))
    drawn = compared.draws
    st.caption(t("citizens.seeds_many", n=drawn) if drawn > 1 else t("citizens.seeds_one"))
    told = arms[arms["change"].notna()]
    if len(told):
        smallest = float(told["smallest_p"].max())
        n = int(told["questions"].min())
        st.caption(t("citizens.smallest_p", questions=n, tests=compared.tests, p=p_words(smallest)))
    for _, row in told.iterrows():
        st.markdown(f"- {change_words(row, compared)}")


def ablation(arms: pd.DataFrame, compared: Compared, source: str) -> Panel:
    """Distance to real people by source of diversity, with each draw of people where there are several."""
    seeds = compared.seeds
    drawn = seeds.assign(label=seeds["arm"].map(arm_words), at=seeds["distance"]) if compared.draws > 1 else None
    frame = arms.assign(label=arms["arm"].map(arm_words))
    return _distances(frame, ablation_words(arms), "citizens_ablation", source, drawn)


def show_diversity(arms: pd.DataFrame, source: str) -> None:
    """Entropy of the answers, compared with that of as many people."""
    _show(diversity(arms, source))
    st.caption(t("citizens.diversity_help"))


def diversity(arms: pd.DataFrame, source: str) -> Panel:
    """Entropy of the answers by source of diversity."""
    title = diversity_words(arms.iloc[-1])
    frame = arms.assign(
        label=arms["arm"].map(arm_words),
        value=arms["diversity"],
        low=arms["diversity_low"],
        high=arms["diversity_high"],
        band_low=arms["human_diversity_low"],
        band_high=arms["human_diversity_high"],
    )
    marks = {"value": t("citizens.simulated"), "people_diversity": t("citizens.people_all")}
    axis, band = t("citizens.diversity_axis"), t("citizens.human_band")
    return _panel(frame, axis, marks, band, title, "citizens_diversity", source)


def show_groups(groups: pd.DataFrame, arm: str, source: str) -> None:
    """Distance to each group, the group's citizens compared with people of that group."""
    mine = groups[groups["arm"] == arm]
    if mine.empty:
        st.info(t("citizens.no_groups"), icon=":material/help_center:")
        return
    _show(group_distances(mine, source))
    st.caption(t("citizens.groups_help"))


def group_distances(groups: pd.DataFrame, source: str) -> Panel:
    """Distance to each group under one source of diversity, which all rows of ``groups`` share."""
    pairs = zip(groups["dimension"], groups["group"], strict=True)
    names = [paired(term("dimension", dimension), group_words(group)) for dimension, group in pairs]
    title = t("citizens.groups_title", arm=arm_words(groups["arm"].iloc[0]))
    return _distances(groups.assign(label=names), title, "citizens_groups", source)


def _distances(frame: pd.DataFrame, title: str, key: str, source: str, drawn: pd.DataFrame | None = None) -> Panel:
    frame = frame.assign(
        value=frame["distance"],
        low=frame["distance_low"],
        high=frame["distance_high"],
        band_low=frame["floor_low"],
        band_high=frame["floor_high"],
    )
    marks = {"value": t("citizens.simulated"), "uniform": t("chart.uniform"), "others": t("chart.others")}
    return _panel(frame, t("chart.distance"), marks, t("citizens.floor"), title, key, source, drawn)


def _panel(
    frame: pd.DataFrame,
    axis: str,
    marks: dict[str, str],
    band: str,
    title: str,
    key: str,
    source: str,
    drawn: pd.DataFrame | None = None,
) -> Panel:
    columns = ["label", "value", "low", "high", "band_low", "band_high", *list(marks)[1:], "questions", "citizens"]
    shown, side = frame[columns], model_side(frame["model_id"].iloc[0])

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return band_chart(shown, palette, words, axis, marks, band, drawn, side)

    of = (axis, side, shown.to_json(), None if drawn is None else drawn.to_json())
    block = Block(key, title, draw, shown, source, alt=t("citizens.chart_alt", axis=axis), of=of)
    table = _table(frame, axis, marks, band, key)
    if drawn is not None:
        by_arm = {label: " · ".join(number(at, 3) for at in part["at"]) for label, part in drawn.groupby("label")}
        table[t("citizens.draws")] = frame["label"].map(by_arm).to_numpy()
    return Panel(block, table)


def _show(panel: Panel) -> None:
    st.markdown(f"**{panel.block.title}**")
    show_chart(panel.block)
    show_table(lambda: panel.table, panel.block.key)


def _table(frame: pd.DataFrame, axis: str, marks: dict[str, str], band: str, key: str) -> pd.DataFrame:
    table = {
        t("citizens.arm"): frame["label"],
        axis: column_spans(frame.rename(columns={"low": "value_low", "high": "value_high"}), "value"),
        f"{band} (5–95 %)": [
            f"{number(a, 3)}–{number(b, 3)}" for a, b in zip(frame["band_low"], frame["band_high"], strict=True)
        ],
        **{words: frame[name].round(3) for name, words in list(marks.items())[1:]},
    }
    if key != "citizens_diversity":
        rows = [row for _, row in frame.iterrows()]
        table |= {
            t("citizens.skill"): [row_span(row, "skill_uniform", 2, signed=True) for row in rows],
            t("citizens.skill_others"): [row_span(row, "skill_others", 2, signed=True) for row in rows],
            t("citizens.similarity"): [row_span(row, "similarity") for row in rows],
            t("citizens.mode"): [row_span(row, "mode", 2) for row in rows],
        }
    return pd.DataFrame(table | {t("citizens.citizens"): frame["citizens"], t("chart.questions"): frame["questions"]})
