"""Suggested comparisons, where the store has them."""

import pandas as pd
import streamlit as st

from core.audits.stability.waves import list_waves
from core.findings.china_west import group_of
from core.findings.compare import side_of
from core.types import LANGUAGES
from pages.parts.compare.data import sides
from pages.parts.shared import resources
from pages.parts.shared.readings import State


@st.cache_data(show_spinner=False, max_entries=4)
def presets(state: State) -> dict[str, list[str]]:
    """Suggested comparisons by name, where they exist.

    Two models in one language, one model in two languages, and two waves of one spec.
    """
    known = sides(state)
    whole = known[known["run_id"].isna()]
    out = {}
    if models := _two_models(whole):
        out["models"] = models
    for _, mine in whole.groupby("model_id", sort=False):
        if len(mine) > 1:
            out["languages"] = sorted(mine["key"], key=lambda key: side_of(key).language)[:2]
            break
    keys = set(known["key"])
    for _, wave in list_waves(resources.store().runs()).groupby("series", sort=False):
        pairs = known[known["run_id"].isin(list(wave["run_id"]))]
        for _, mine in pairs.groupby(["model_id", "language"], sort=False):
            if len(mine) > 1:
                out.setdefault("waves", [key for key in mine.sort_values("created")["key"] if key in keys][-2:])
    return out


def _two_models(whole: pd.DataFrame) -> list[str]:
    """Sides of two models in the first language in which two were asked: a Chinese and a Western one if possible.

    For each origin, or for all models where an origin is missing, it takes the model with most answers; base models
    come last.
    """
    known = resources.models()
    origins = {name: model.origin for name, model in known.items()}
    whole = whole[whole["model_id"].isin(list(known))]
    whole = whole.assign(chat=whole["model_id"].map(lambda name: known[name].chat))
    whole = whole.sort_values(["chat", "rows"], ascending=False, kind="stable")
    for language in LANGUAGES:
        mine = whole[whole["language"] == language]
        groups = mine["model_id"].map(lambda name: group_of(origins[name].base, origins[name].tuner))
        both = [key for group in ("China", "West") for key in mine.loc[groups == group, "key"].head(1)]
        found = both if len(both) == 2 else list(mine["key"].head(2))
        if len(found) == 2:
            return found
    return []


def usual_sides(state: State) -> list[str]:
    """The comparison before the user chooses one: the first preset, else the first two sides."""
    return next(iter(presets(state).values()), list(sides(state)["key"])[:2])
