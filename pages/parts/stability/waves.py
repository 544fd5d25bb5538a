"""Waves: the same spec at another time, and whether anything moved."""

from datetime import datetime
from math import isnan

import pandas as pd
import streamlit as st

from core.findings.wording import MOVES_LEAST, SIGNIFICANT
from core.text import plain
from pages.parts.shared import resources
from pages.parts.shared.glossary import explain
from pages.parts.shared.names import model_name
from pages.parts.shared.served import show_served
from pages.parts.shared.texts import moment, number, t, term
from pages.parts.stability.data import drift_of, table, written
from pages.parts.stability.published import show_published_drift


def show_waves(runs: pd.DataFrame, run: pd.Series) -> None:
    """All runs with the spec of ``run``, lined up by date, and the drift from each to the next."""
    st.subheader(t("stability.waves_title"), anchor=False, help=explain("wave", "drift"))
    found, dates = found_waves(runs, run)
    _show_own(found, dates)
    show_published_drift()


def _show_own(found: pd.DataFrame, dates: dict[str, datetime]) -> None:
    if not dates:
        st.info(t("stability.waves_one"), icon=":material/schedule:")
        return
    show_served(list(dates))
    for line in found.itertuples():
        st.markdown(plain(wave_words(line, dates)))
        if line.moved == 0:
            model = resources.model(line.model_id)
            if line.kind == "retest" and model is not None and model.provider == "local":
                st.markdown(t("stability.waves_control"))
        if line.kind == "redirect":
            names = {"before": plain(line.served_before), "after": plain(line.served)}
            st.markdown(t("stability.waves_redirect", model=plain(model_name(line.model_id)), **names))
        if line.fingerprint:
            st.caption(t("stability.waves_fingerprint"))
        if line.other_way and not isnan(line.moved):
            st.caption(t("stability.waves_other_way", n=line.other_way))
        if line.copied:
            st.caption(t("stability.waves_copied", n=line.copied))
    if found.empty:
        st.info(t("stability.waves_one"), icon=":material/schedule:")
        return
    shown = found.assign(
        model_id=found["model_id"].map(model_name),
        kind=[term("wave_kind", kind) for kind in found["kind"]],
        before=[moment(dates[name]) for name in found["before"]],
        after=[moment(dates[name]) for name in found["after"]],
    )
    columns = ["model_id", "before", "after", "kind"]
    columns += ["served_before", "served"] if (found["served_before"] + found["served"]).any() else []
    columns += ["moved", "low", "high", "changed", "n", "readings", "p_value", "p_adjusted"]
    table(shown, columns, ("moved", "low", "high", "changed"))
    st.caption(t("stability.waves_help"))


def found_waves(runs: pd.DataFrame, run: pd.Series) -> tuple[pd.DataFrame, dict[str, datetime]]:
    """What moved from each wave with the spec of ``run`` to the next, and their dates; empty with one wave."""
    waves = runs[runs["series"] == run["series"]]
    if len(waves) < 2:
        return pd.DataFrame(), {}
    asked = {name: model.remote_id for name, model in resources.models().items()}
    found = drift_of(waves[["run_id", "created"]].assign(rows=waves["rows"]).reset_index(drop=True), asked)
    return found, dict(zip(waves["run_id"], waves["created"], strict=True))


def wave_words(line, dates: dict[str, datetime]) -> str:
    """One sentence: how far a model moved between two waves.

    Sampled answers move where the adjusted p is under .05. Directly read ones have no noise: their least size decides.
    """
    words = {
        "model": model_name(line.model_id),
        "before": moment(dates[line.before]),
        "after": moment(dates[line.after]),
        "moved": written(line.moved),
        "p": number(line.p_adjusted if line.sampled else line.p_value, 3),
    }
    if isnan(line.moved) and line.other_way:
        return t("stability.waves_other", **words, n=line.other_way)
    if isnan(line.moved):
        return t("stability.waves_apart", **words)
    if line.moved == 0:
        return t("stability.waves_zero", **words)
    more = {"low": written(line.low), "high": written(line.high), "changed": written(line.changed)}
    large, least = line.moved >= MOVES_LEAST, written(MOVES_LEAST)
    if not line.sampled and large:
        return t("stability.waves_direct_moved", **words, **more)
    if not line.sampled:
        return t("stability.waves_direct_still", **words, **more, least=least)
    if line.p_adjusted < SIGNIFICANT and large:
        return t("stability.waves_moved", **words, **more)
    return t("stability.waves_still", **words, **more, least=least)
