"""What a reader must know of a chosen model before its answers: how they are read, and what it would not take."""

from collections.abc import Sequence

import streamlit as st

from core.errors import said
from core.providers.hosted.capabilities import seen
from core.providers.local.libraries import missing_libraries
from core.text import plain
from core.types import Model
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import listed, paired, t


def show_missing(models: Sequence[Model]) -> bool:
    """Say so where one of ``models`` would run here and what it needs is not installed; returns whether it said so."""
    missing = missing_libraries()
    if not missing or all(model.provider != "local" for model in models):
        return False
    told = said("no_libraries", names=listed(missing))
    st.warning(problem_text(told), icon=":material/memory:")
    return True


def show_notes(models: Sequence[Model]) -> None:
    """One line a model whose endpoint has shown itself to differ from what the catalogue says."""
    for model in models:
        if not model.endpoint:
            continue
        found = seen(model)
        if found.logprobs is False:
            st.caption(f":material/info: {paired(f'**{plain(model.name)}**', t('model_details.falls_back'))}")
        if found.dropped:
            dropped = t("model_details.dropped", names=listed(map(plain, found.dropped)))
            st.caption(f":material/tune: **{plain(model.name)}**: {dropped}")
