"""What a reader must know of a chosen model before its answers: how they are read, and what it would not take."""

from collections.abc import Sequence

import streamlit as st

from core.providers.capabilities import seen
from core.safe_text import plain
from core.types import Model
from pages.components.texts import paired, t


def show_notes(models: Sequence[Model]) -> None:
    """One line a model whose endpoint has shown itself to differ from what the catalogue says."""
    for model in models:
        if not model.endpoint:
            continue
        found = seen(model)
        if found.logprobs is False:
            st.caption(f":material/info: {paired(f'**{plain(model.name)}**', t('model_details.falls_back'))}")
        if found.dropped:
            st.caption(
                f":material/tune: **{plain(model.name)}**: {t('model_details.dropped', names=', '.join(found.dropped))}"
            )
