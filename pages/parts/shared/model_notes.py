"""Notes on the chosen models before they are asked: how they are read, what they lack, when they end."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import streamlit as st

from core.catalogue import ending
from core.errors import said
from core.providers.hosted.capabilities import seen
from core.providers.local.gguf import known_recipe
from core.providers.local.libraries import missing_libraries
from core.providers.local.speed import cost_of
from core.providers.local.weights import weights_state
from core.text import plain
from core.types import Model
from pages.parts.shared import resources
from pages.parts.shared.names import model_name
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import day, listed, number, paired, t


def show_missing(models: Sequence[Model]) -> bool:
    """Warn where one of ``models`` needs a library that is not installed; returns whether it warned."""
    missing = missing_libraries()
    if not missing or all(model.provider != "local" for model in models):
        return False
    told = said("no_libraries", names=listed(missing))
    st.warning(problem_text(told), icon=":material/memory:")
    return True


def here_first(models: Mapping[str, Model]) -> list[str]:
    """The names of ``models``: the first, then those whose weights are on this computer, then the others, in order."""
    names = list(models)
    here = [name for name in names if (recipe := known_recipe(models[name])) and weights_state(recipe) == "ready"]
    return list(dict.fromkeys([*names[:1], *here, *names]))


def fetch_words(model: Model) -> str:
    """What fetching the weights of ``model`` takes, as a sentence; empty where they are here or no size is known."""
    recipe = known_recipe(model)
    if recipe is None or weights_state(recipe) == "ready":
        return ""
    cost = cost_of(recipe)
    words = [t("model_details.cost", fetch=number(cost.fetch_bytes / 1e6), disk=number(cost.disk_bytes / 1e6))]
    if cost.seconds is not None:
        words.append(t("model_details.cost_seconds", seconds=round(cost.seconds)))
    return " ".join(words)


def show_fetching(models: Sequence[Model]) -> None:
    """Show what asking ``models`` fetches first, one line for each whose weights are not on this computer."""
    for model in models:
        if words := fetch_words(model):
            st.caption(f":material/download: {paired(f'**{plain(model_name(model.id))}**', words)}")


def show_ending(models: Sequence[Model]) -> None:
    """Warn which of ``models`` will soon be withdrawn, or have a name that another model may answer to, and say which
    entries of the catalogue nobody could confirm.
    """
    for model in ending(models):
        st.warning(paired(f"**{plain(model_name(model.id))}**", ending_words(model)), icon=":material/event_busy:")
    for model in models:
        if not model.confirmed:
            st.caption(f":material/help: {paired(f'**{plain(model_name(model.id))}**', t('model_state.unconfirmed'))}")


def ending_words(model: Model) -> str:
    """Until when the name is answered, what replaces the model, and whether that answers to the old name."""
    known = resources.models()
    successor = plain(model_name(model.successor)) if model.successor in known else "–"
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
            st.caption(f":material/info: {paired(f'**{plain(model_name(model.id))}**', t('model_details.falls_back'))}")
        if found.dropped:
            dropped = t("model_details.dropped", names=listed(map(plain, found.dropped)))
            st.caption(f":material/tune: **{plain(model_name(model.id))}**: {dropped}")
