"""The catalogue as a table with filters."""

from collections.abc import Collection, Iterable

import pandas as pd
import streamlit as st

from core.providers.hosted.keys import SESSION, has_key, using_keys
from core.store.files.cache_key import endpoint_host
from core.text import search_words
from core.types import Model
from pages.parts.shared import links
from pages.parts.shared.links import to_card
from pages.parts.shared.names import model_name, origin_words
from pages.parts.shared.session_models import key_ring
from pages.parts.shared.texts import t, term

SIZES = ("tiny", "small", "large", "unknown")
METHODS = ("full", "top_k", "sampled")
FILTERS: dict[str, str | list[str] | None] = {"made": [], "family": [], "size": [], "reads": []}


def size_class(model: Model) -> str:
    """The class of :data:`SIZES` of a model's published size; parameters are in billions."""
    if model.parameters is None:
        return "unknown"
    return "tiny" if model.parameters <= 1 else "small" if model.parameters <= 10 else "large"


def is_ready(model: Model) -> bool:
    """Whether the model can be used in this session because no key is missing."""
    with using_keys(key_ring()):
        return has_key(model)


def pick_filters(models: Iterable[Model]) -> list[Model]:
    """Draw the filters and return the models that pass them."""
    known = list(models)
    made = {model.origin.label: origin_words(model.origin) for model in known}
    families = sorted({model.family for model in known})
    for key, allowed in (("made", made), ("family", families), ("size", SIZES), ("reads", METHODS)):
        links.restore_many(key, allowed, [])
    words = search_words(st.text_input(t("models_page.search"), key="model_search", icon=":material/search:"))
    first, second, third, fourth = st.columns(4)
    origins = first.multiselect(
        t("models_page.origin"),
        list(made),
        format_func=lambda v: made[v],
        placeholder=t("app.choose"),
        select_all=False,
        key="made",
    )
    chosen = second.multiselect(
        t("models_page.family"), families, placeholder=t("app.choose"), select_all=False, key="family"
    )
    sizes = third.multiselect(
        t("models_page.size"),
        SIZES,
        format_func=lambda v: term("size_class", v),
        placeholder=t("app.choose"),
        select_all=False,
        key="size",
    )
    reads = fourth.multiselect(
        t("models_page.reads"),
        METHODS,
        format_func=lambda v: term("reads", v),
        placeholder=t("app.choose"),
        select_all=False,
        key="reads",
    )
    ready = st.toggle(t("models_page.ready"), key="only_ready")
    links.save(FILTERS)
    return [
        model
        for model in known
        if (not origins or model.origin.label in origins)
        and (not chosen or model.family in chosen)
        and (not sizes or size_class(model) in sizes)
        and (not reads or model.capabilities.method in reads)
        and (not ready or is_ready(model))
        and all(word in f"{model.name} {model.name_zh} {model.developer} {model.family}".casefold() for word in words)
    ]


def key_words(model: Model) -> str:
    """The state of a model's key, in words."""
    if not model.key_variable:
        return t("models_page.key_not_needed")
    if model.key_variable.startswith(SESSION):
        return t("models_page.key_session")
    return t("models_page.key_set") if is_ready(model) else t("models_page.key_missing", variable=model.key_variable)


def show_table(models: Iterable[Model], cards: Collection[str]) -> None:
    """One row per model, with a link to its card where something of it was measured (``cards``)."""
    frame = pd.DataFrame(
        [
            {
                t("models.name"): model_name(model.id),
                t("ranking.card"): to_card(model.id) if model.id in cards else "",
                t("models.origin"): origin_words(model.origin),
                t("models.developer"): model.developer,
                t("models.parameters"): model.parameters,
                t("models_page.reading"): term("reads", model.capabilities.method),
                t("models_page.where"): endpoint_host(model.endpoint) or t("models_page.here"),
                t("models_page.key"): key_words(model),
                t("model_state.until"): model.retires,
                t("model_state.checked"): model.verified,
                t("models.tuning"): model.tuning,
                t("models.licence"): model.licence,
                t("models.link"): model.link or None,
            }
            for model in models
        ]
    )
    # Otherwise the column would say “None” where no model has a published size.
    frame[t("models.parameters")] = frame[t("models.parameters")].astype("float64")
    st.dataframe(
        frame,
        hide_index=True,
        key="model_table",
        column_config={
            t("models.name"): st.column_config.TextColumn(pinned=True),
            t("models.link"): st.column_config.LinkColumn(),
            t("ranking.card"): st.column_config.LinkColumn(display_text=":material/badge:", width="small"),
        },
    )
