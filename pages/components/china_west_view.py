"""The parts of the China-West page: charts, each with its words, its downloads and its table twin."""

import pandas as pd
import streamlit as st

from core.audits.china_west import FEWEST_ITEMS, MEASURES, directions
from core.charts.china_west import between_chart, effect_chart, place_chart
from pages.components.china_west_words import (
    chart_rows,
    difference_words,
    disagreement,
    effect_rows,
    effect_words,
    item_rows,
    mixed_words,
    origin_rows,
    rough_words,
    signed,
)
from pages.components.downloads import show_downloads
from pages.components.palette import current_palette
from pages.components.texts import paired, t, term


def spans(frame: pd.DataFrame, name: str, low: str, high: str) -> list[str]:
    """“+0.83 [+0.10, +1.61]” for each row; a dash where there is no number or no interval."""
    return [
        f"{signed(v)} [{signed(a)}, {signed(b)}]" if not pd.isna(a) else signed(v)
        for v, a, b in zip(frame[name], frame[low], frame[high], strict=True)
    ]


def places_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Every model with all three measures, in words; the table twin of the first chart."""
    out = {
        t("chart.model"): frame["name"],
        t("chart.origin"): [term("cw_group", group) for group in frame["group"]],
        t("china_west.column_developer"): frame["developer"],
        t("china_west.column_source"): [term("cw_source", source) for source in frame["source"]],
        t("chart.questions"): frame["n_items"],
        t("china_west.column_distance_chn"): frame["d_chn"].round(2),
        t("china_west.column_distance_usa"): frame["d_usa"].round(2),
        t("china_west.column_items_chn"): frame["near_chn"],
        t("china_west.column_items_usa"): frame["near_usa"],
        t("china_west.column_rank_chn"): frame["rho_chn"].round(2),
        t("china_west.column_rank_usa"): frame["rho_usa"].round(2),
    }
    for measure in MEASURES:
        lean = f"lean_{measure}"
        out[lean_column(measure)] = spans(frame, lean, f"{lean}_low", f"{lean}_high")
    out[t("china_west.column_mass")] = frame["valid_mass"].round(2)
    return pd.DataFrame(out)


def lean_column(measure: str) -> str:
    """Heading of the lean by one measure."""
    return paired(t("china_west.lean"), term("cw_measure", measure))


def sides_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Which public is nearer, measure by measure; those that change sides first."""
    sides = directions(frame).sort_values("agree", kind="stable", ignore_index=True)
    out = {t("chart.model"): sides["name"], t("chart.origin"): [term("cw_group", g) for g in sides["group"]]}
    out |= {term("cw_measure", measure): [term("cw_side", side) for side in sides[measure]] for measure in MEASURES}
    out[t("china_west.column_agree")] = [t("china_west.yes") if yes else t("china_west.no") for yes in sides["agree"]]
    return pd.DataFrame(out)


def effects_table(changes: pd.DataFrame) -> pd.DataFrame:
    """The changes by group of models, in words."""
    rows = effect_rows(changes)
    return pd.DataFrame(
        {
            t("china_west.what"): rows["change_name"],
            t("chart.origin"): rows["group_name"],
            t("china_west.change"): spans(rows, "change", "low", "high"),
            t("china_west.change_chn"): rows["d_chn"].round(2),
            t("china_west.change_usa"): rows["d_usa"].round(2),
            t("china_west.toward"): rows["toward_chn"],
            t("china_west.models"): rows["models"],
            t("china_west.developers"): rows["developers"],
        }
    )


def show_places(frame: pd.DataFrame, measure: str, title: str) -> None:
    """Every model and both baselines over all questions."""
    palette, rows = current_palette(), chart_rows(frame, measure)
    st.markdown(f"**{t('china_west.places_title')}**")
    axis = term("cw_axis", measure)
    st.altair_chart(
        place_chart(rows, palette, t, axis), theme=None, key="cw_places", alt=f"{title} {t('china_west.places_alt')}"
    )
    show_downloads(
        lambda: place_chart(rows, palette, t, axis),
        rows.drop(columns=["silent"]),
        key="china_west_models",
        title=title,
        source=t("china_west.source"),
    )
    with st.expander(t("china_west.table"), icon=":material/table:"):
        st.dataframe(places_table(frame), hide_index=True, key="cw_table")
        st.caption(t("china_west.table_help", least=FEWEST_ITEMS))


def show_origins(groups: pd.DataFrame, frame: pd.DataFrame, measure: str) -> None:
    """Origins with their intervals over developers, and what they can carry."""
    st.header(t("china_west.origins_title"), anchor=False, divider="gray")
    palette, rows, axis = current_palette(), origin_rows(groups), term("cw_axis", measure)
    words = difference_words(groups)
    st.markdown(f"**{words}**")
    if rows["lean"].notna().any():
        st.altair_chart(
            place_chart(rows, palette, t, axis),
            theme=None,
            key="cw_origins",
            alt=f"{words} {t('china_west.origins_alt')}",
        )
        show_downloads(
            lambda: place_chart(rows, palette, t, axis),
            groups,
            key="china_west_origins",
            title=words,
            source=t("china_west.source"),
        )
    st.caption(f"{rough_words(groups)} {mixed_words(frame)}")


def show_disagreement(frame: pd.DataFrame) -> None:
    """Three sentences and a table: where the measures name different publics."""
    st.header(t("china_west.disagree_title"), anchor=False, divider="gray")
    first, clear, baseline = disagreement(frame)
    st.markdown(f"**{first}** {clear}")
    st.markdown(baseline)
    st.dataframe(sides_table(frame), hide_index=True, key="cw_sides")
    st.caption(t("china_west.disagree_help"))


def show_effects(changes: pd.DataFrame, measure: str) -> None:
    """The paired answers, one sentence each, and the chart by origin."""
    st.header(t("china_west.effects_title"), anchor=False, divider="gray")
    st.markdown(t("china_west.effects_intro"))
    sentences = [effect_words(row) for _, row in changes[changes["group"] == "all"].iterrows()]
    st.markdown("\n".join(f"- {sentence}" for sentence in sentences))
    palette, rows, axis = current_palette(), effect_rows(changes), term("cw_change_axis", measure)
    if rows["change"].notna().any():
        st.altair_chart(
            effect_chart(rows, palette, t, axis), theme=None, key="cw_effects", alt=t("china_west.effects_alt")
        )
        show_downloads(
            lambda: effect_chart(rows, palette, t, axis),
            changes,
            key="china_west_changes",
            title=t("china_west.effects_title"),
            source=t("china_west.source"),
        )
    with st.expander(t("china_west.effects_table"), icon=":material/table:"):
        st.dataframe(effects_table(changes), hide_index=True, key="cw_effects_table")


def show_items(answers: pd.DataFrame, language: str, persona: str, chosen: str) -> None:
    """Question by question: both publics, all models, the chosen one pointed out."""
    palette = current_palette()
    publics, models = item_rows(answers, language, persona, chosen)
    st.altair_chart(
        between_chart(publics, models, palette, t), theme=None, key="cw_items", alt=t("china_west.items_alt")
    )
    table = publics.pivot_table(index="question", columns="public", values="mean", sort=False)
    wide = models.pivot_table(index="question", columns="name", values="mean", sort=False)
    table = table.join(wide).rename_axis(t("chart.question")).reset_index()
    show_downloads(
        lambda: between_chart(publics, models, palette, t),
        table,
        key="china_west_questions",
        title=t("china_west.items_title"),
        source=t("china_west.source"),
    )
    with st.expander(t("china_west.items_table"), icon=":material/table:"):
        st.dataframe(table.round(2), hide_index=True, key="cw_items_table")
