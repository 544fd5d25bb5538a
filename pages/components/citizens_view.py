"""Charts of the page of simulated citizens: the ablation, the diversity of answers, the groups."""

import pandas as pd
import streamlit as st

from core.charts.citizens import band_chart
from pages.components.citizens_data import arm_words
from pages.components.citizens_words import change_words, diversity_words, span
from pages.components.downloads import show_downloads
from pages.components.palette import current_palette
from pages.components.representation_words import group_words
from pages.components.texts import t, term


def show_ablation(arms: pd.DataFrame, source: str) -> None:
    """Distance to real people by source of diversity, and what each source changes."""
    title = t("citizens.ablation_title", arm=arm_words(arms.loc[arms["distance"].idxmin(), "arm"]))
    _distances(arms.assign(label=arms["arm"].map(arm_words)), title, "citizens_ablation", source)
    for _, row in arms[arms["change"].notna()].iterrows():
        st.markdown(f"- {change_words(row)}")


def show_diversity(arms: pd.DataFrame, source: str) -> None:
    """Entropy of the answers beside that of as many people."""
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
    _chart(frame, t("citizens.diversity_axis"), marks, t("citizens.human_band"), title, "citizens_diversity", source)
    st.caption(t("citizens.diversity_help"))


def show_groups(groups: pd.DataFrame, arm: str, source: str) -> None:
    """Distance to each group, the group's citizens held against people of that group."""
    mine = groups[groups["arm"] == arm]
    if mine.empty:
        st.info(t("citizens.no_groups"), icon=":material/help_center:")
        return
    names = [f"{term('dimension', d)}: {group_words(g)}" for d, g in zip(mine["dimension"], mine["group"], strict=True)]
    title = t("citizens.groups_title", arm=arm_words(arm))
    _distances(mine.assign(label=names), title, "citizens_groups", source)
    st.caption(t("citizens.groups_help"))


def _distances(frame: pd.DataFrame, title: str, key: str, source: str) -> None:
    frame = frame.assign(
        value=frame["distance"],
        low=frame["distance_low"],
        high=frame["distance_high"],
        band_low=frame["floor_low"],
        band_high=frame["floor_high"],
    )
    marks = {"value": t("citizens.simulated"), "uniform": t("chart.uniform"), "others": t("chart.others")}
    _chart(frame, t("chart.distance"), marks, t("citizens.floor"), title, key, source)


def _chart(frame: pd.DataFrame, axis: str, marks: dict[str, str], band: str, title: str, key: str, source: str) -> None:
    palette = current_palette()
    columns = ["label", "value", "low", "high", "band_low", "band_high", *list(marks)[1:], "questions", "citizens"]
    shown = frame[columns]
    st.markdown(f"**{title}**")
    st.altair_chart(
        band_chart(shown, palette, t, axis, marks, band),
        theme=None,
        key=key,
        alt=t("citizens.chart_alt", axis=axis, title=title),
    )
    with st.container(horizontal=True):
        show_downloads(
            lambda: band_chart(shown, palette, t, axis, marks, band), shown, key=key, title=title, source=source
        )
    with st.expander(t("details.table"), icon=":material/table:"):
        st.dataframe(_table(frame, axis, marks, band, key), hide_index=True, key=f"{key}_table")


def _table(frame: pd.DataFrame, axis: str, marks: dict[str, str], band: str, key: str) -> pd.DataFrame:
    table = {
        t("citizens.arm"): frame["label"],
        axis: [
            span(row, "value") for _, row in frame.rename(columns={"low": "value_low", "high": "value_high"}).iterrows()
        ],
        f"{band} (5–95 %)": [f"{a:.3f}–{b:.3f}" for a, b in zip(frame["band_low"], frame["band_high"], strict=True)],
        **{words: frame[name].round(3) for name, words in list(marks.items())[1:]},
    }
    if key != "citizens_diversity":
        rows = [row for _, row in frame.iterrows()]
        table |= {
            t("citizens.skill"): [span(row, "skill_uniform", "+.2f") for row in rows],
            t("citizens.skill_others"): [span(row, "skill_others", "+.2f") for row in rows],
            t("citizens.similarity"): [span(row, "similarity") for row in rows],
            t("citizens.mode"): [span(row, "mode", ".2f") for row in rows],
        }
    return pd.DataFrame(table | {t("citizens.citizens"): frame["citizens"], t("chart.questions"): frame["questions"]})
