"""What moves the answers of models to questions of surveys, as every page that speaks of a model shows it."""

import streamlit as st

from core.findings.moving import Moving, moving
from core.store.index.readings import ReadingFilter
from core.surveys.questions import among_kinds
from pages.parts.shared import resources
from pages.parts.shared.kinds import Kinds
from pages.parts.shared.readings import State
from pages.parts.shared.scope import usual_scope


@st.cache_data(show_spinner=False, max_entries=16)
def survey_moves(state: State, models: tuple[str, ...], kinds: Kinds) -> Moving:
    """What moves the answers of ``models`` to questions of ``kinds``, from all audits in the store."""
    bank = resources.questions()
    chosen = ReadingFilter(scope=usual_scope(state), model_ids=models, question_ids=among_kinds(bank, kinds))
    return moving(resources.store().printed(chosen), bank)
