"""What moves the answers of models to questions of surveys, as every page that speaks of a model shows it."""

import pandas as pd
import streamlit as st

from core.audits.shared import shared_items
from core.findings.moving import Moving, moving
from core.store.index.readings import ReadingFilter
from core.surveys.questions import among_kinds
from pages.parts.shared import resources
from pages.parts.shared.kept import kept
from pages.parts.shared.kinds import Kinds
from pages.parts.shared.readings import State
from pages.parts.shared.scope import usual_scope
from pages.parts.shared.texts import t


@st.cache_data(show_spinner=False, max_entries=16)
def survey_moves(state: State, models: tuple[str, ...], kinds: Kinds) -> Moving:
    """What moves the answers of ``models`` to questions of ``kinds``, from all audits in the store."""
    found = _moves(state, models, kinds)
    sets = found["asked"].groupby("model_id", sort=False)["question_id"]
    return Moving(found["parts"], found["formats"], shared_items({str(model): set(names) for model, names in sets}))


def show_left_out() -> None:
    """Say which runs :func:`survey_moves` leaves out: their single answers are not in memory."""
    if large := resources.store().aggregated():
        st.caption(t("moves.left_out", n=len(large)))


@kept
def _moves(state: State, models: tuple[str, ...], kinds: Kinds) -> dict[str, pd.DataFrame]:
    """The frames of :func:`survey_moves`, and ``asked``, the questions of each model."""
    bank = resources.questions()
    chosen = ReadingFilter(
        scope=usual_scope(state, models if len(models) == 1 else ()),
        model_ids=models,
        question_ids=among_kinds(bank, kinds),
    )
    printed = resources.store().printed(chosen)
    found = moving(printed, bank)
    asked = printed.loc[printed["question_id"].isin(list(bank)), ["model_id", "question_id"]].drop_duplicates()
    return {"parts": found.parts, "formats": found.formats, "asked": asked.reset_index(drop=True)}
