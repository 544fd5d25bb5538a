"""Notes on the chosen models before they are asked: how they are read, what they lack, when they end."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from core.catalogue import ending
from core.errors import said
from core.providers.hosted.capabilities import seen
from core.providers.local.libraries import missing_libraries
from core.text import plain
from core.types import Model
from pages.parts.shared import resources
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import day, listed, paired, t


def show_missing(models: Sequence[Model]) -> bool:
    """Warn where one of ``models`` needs a library that is not installed; returns whether it warned."""
    missing = missing_libraries()
    if not missing or all(model.provider != "local" for model in models):
        return False
    told = said("no_libraries", names=listed(missing))
    st.warning(problem_text(told), icon=":material/memory:")
    return True


def show_ending(models: Sequence[Model]) -> None:
    """Warn which of ``models`` will soon be withdrawn, or have a name that another model may answer to."""
    for model in ending(models):
        st.warning(paired(f"**{plain(model.name)}**", ending_words(model)), icon=":material/event_busy:")


def ending_words(model: Model) -> str:
    """Until when the name is answered, what replaces the model, and whether that answers to the old name."""
    known = resources.models()
    successor = plain(known[model.successor].name) if model.successor in known else "–"
    if model.retires is None:
        return t("model_state.redirected", successor=successor)
    key = {"day": day(model.retires), "successor": successor}
    if model.redirects:
        return t("model_state.redirects", **key)
    gone = model.retired(datetime.now(UTC).date())
    return t("model_state.retired", **key) if gone else t("model_state.ending", **key)


def show_state(model: Model) -> None:
    """Show what the catalogue knows of a hosted model: its end, its thinking, and when the entry was last verified."""
    if model.retires or model.redirects:
        st.warning(ending_words(model), icon=":material/event_busy:")
    lines = []
    if model.always_thinks:
        lines.append(t("model_state.always_thinks"))
    if model.probabilities_with:
        lines.append(t("model_state.probabilities_with", setting=plain(model.probabilities_with)))
    if not model.confirmed:
        lines.append(t("model_state.unconfirmed"))
    if model.verified:
        lines.append(t("model_state.verified", day=day(model.verified)))
    if lines:
        st.caption(" ".join(lines))


def show_notes(models: Sequence[Model]) -> None:
    """Show one line for each model whose endpoint was found to differ from the catalogue."""
    for model in models:
        if not model.endpoint:
            continue
        found = seen(model)
        if found.logprobs is False:
            st.caption(f":material/info: {paired(f'**{plain(model.name)}**', t('model_details.falls_back'))}")
        if found.dropped:
            dropped = t("model_details.dropped", names=listed(map(plain, found.dropped)))
            st.caption(f":material/tune: **{plain(model.name)}**: {dropped}")
