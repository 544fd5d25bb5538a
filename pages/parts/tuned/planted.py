"""The part of the page on tuned models about planted values: what the audits find where the answer is known."""

import pandas as pd
import streamlit as st

from core.text import plain
from core.types import Card
from pages.parts.shared.names import country, model_name
from pages.parts.shared.readings import State
from pages.parts.shared.texts import span, t, term
from pages.parts.tuned import data


def show_planted(state: State, known: dict[str, Card]) -> None:
    """What the audits find in models whose values are known."""
    for card in data.taught_countries(known):
        for _, row in data.ranks_of(state, card).iterrows():
            st.markdown("- " + _rank_sentence(card, card.seen["countries"][0], row))
    tables = [(taught, data.ages_of(state, known, taught)) for taught in data.taught_ages(known)]
    # Those of the base alone say nothing about what was planted.
    asked = [(taught, table) for taught, table in tables if {*taught.models} & {*table["model_id"]}]
    if tables and not asked:
        st.info(t("tuned.ages_not_asked"), icon=":material/help_center:")
    for taught, table in asked:
        _show_ages(known, taught, table)


def _show_ages(known: dict[str, Card], taught: data.Taught, table: pd.DataFrame) -> None:
    """What the audit of groups finds in models that can be compared, in words and as a table."""
    st.markdown(t("tuned.ages", country=plain(country(taught.country))))
    for name in taught.models:
        group = str(known[name].spec["group"])
        mine = table[(table["model_id"] == name) & (table["group"] == group)]
        for _, row in mine.iterrows():
            st.markdown("- " + _age_sentence(name, group, row))
    rows = table[table["group"].isin(data.AGE_GROUPS)]
    st.dataframe(
        pd.DataFrame(
            {
                t("chart.model"): [model_name(name) for name in rows["model_id"]],
                t("tuned.part"): [term("tuned_questions", part) for part in rows["part"]],
                t("tuned.group"): [term("age", group) for group in rows["group"]],
                t("tuned.net"): [
                    span(value, low, high, signed=True)
                    for value, low, high in zip(rows["net"], rows["low"], rows["high"], strict=True)
                ],
                t("chart.questions"): rows["questions"],
            }
        ),
        hide_index=True,
    )


def _age_sentence(name: str, group: str, found: pd.Series) -> str:
    told = "near" if found["high"] < 0 else "far" if found["low"] > 0 else "open"
    return term(
        "tuned_age",
        told,
        model=plain(model_name(name)),
        part=term("tuned_questions", found["part"]),
        group=term("age", group),
        net=span(found["net"], found["low"], found["high"], signed=True),
        n=found["questions"],
    )


def _rank_sentence(card: Card, place: str, found: pd.Series) -> str:
    return term(
        "tuned_rank",
        found["told"],
        model=plain(model_name(card.id)),
        part=term("tuned_questions", found["part"]),
        country=plain(country(place)),
        first=plain(country(found["first"])),
        rank=found["rank"],
        low=found["low"],
        high=found["high"],
        all=found["countries"],
        lead=span(found["lead"], found["lead_low"], found["lead_high"], signed=True),
        n=found["questions"],
    )
