"""The details of a cell of the heat map: its questions, and for a question both distributions and the prompt."""

import pandas as pd
import streamlit as st

from core.audits.representation.audit import persona_of
from core.text import plain
from core.types import Persona, Reference
from pages.parts.shared import resources
from pages.parts.shared.distributions import show_distributions
from pages.parts.shared.names import country, group_words, model_name, word
from pages.parts.shared.texts import t, term, ui_language


def asked_persona(place: str, dimension: str, group: str, told: str) -> Persona:
    """The persona as which the model was asked."""
    if told == "none":
        return Persona()
    return Persona(country=place) if told == "country" else persona_of(place, dimension, group)


def show_cell(
    frames: dict[str, pd.DataFrame], table: pd.DataFrame, model: str, place: str, cell: str, told: str
) -> None:
    """Questions of one group, the furthest first; picking a row opens its distributions."""
    dimension, group = cell.split(":", 1)
    rows = frames["questions"]
    if not len(rows):
        return
    rows = rows[(rows["dimension"] == dimension) & (rows["group"] == group) & (rows["told"] == told)]
    st.subheader(t("representation.cell_title", group=group_words(group), country=country(place)), anchor=False)
    st.caption(t("representation.cell_told", model=plain(model_name(model)), told=term("told", told)))
    if not len(rows):
        st.info(t("representation.not_told", told=term("told", told)), icon=":material/help_center:")
        return
    rows = rows.sort_values("distance", ascending=False, ignore_index=True)
    bank, language = resources.questions(), ui_language()
    shown = pd.DataFrame(
        {
            t("chart.question"): [bank[name].short.get(language) for name in rows["question_id"]],
            t("ask.topic"): [word("topic", bank[name].topic) for name in rows["question_id"]],
            t("chart.distance"): rows["distance"].round(3),
            t("representation.gap"): rows["gap"].round(3),
            "n": rows["n"],
        }
    )
    event = st.dataframe(
        shown, hide_index=True, key="cell_questions", on_select="rerun", selection_mode="single-row", height=320
    )
    picked = event["selection"]["rows"] if event else []
    name = rows["question_id"].iloc[picked[0] if picked and picked[0] < len(rows) else 0]
    persona = asked_persona(place, dimension, group, told)
    reference = resources.survey().reference(name, persona_of(place, dimension, group))
    mine = table[(table["model_id"] == model) & (table["persona"] == persona.key) & (table["question_id"] == name)]
    if isinstance(reference, Reference) and len(mine):
        show_distributions(bank[name], reference, mine.iloc[0], group_words(group))
