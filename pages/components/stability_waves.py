"""Waves: the same spec at another time, and whether anything moved."""

import pandas as pd
import streamlit as st

from pages.components import resources
from pages.components.stability_data import drift_of, model_name, percent, table
from pages.components.texts import t, term


def show_waves(runs: pd.DataFrame, run: pd.Series) -> None:
    """All runs with the spec of ``run``, lined up by date, and the drift from each to the next."""
    st.subheader(t("stability.waves_title"), anchor=False)
    waves = runs[runs["series"] == run["series"]]
    if len(waves) < 2:
        st.info(t("stability.waves_one"), icon=":material/schedule:")
        return
    found = drift_of(waves[["run_id", "created"]].assign(rows=waves["rows"]).reset_index(drop=True))
    dates = dict(zip(waves["run_id"], waves["created"], strict=True))
    for line in found.itertuples():
        words = {
            "model": model_name(line.model_id),
            "before": f"{dates[line.before]:%Y-%m-%d %H:%M}",
            "after": f"{dates[line.after]:%Y-%m-%d %H:%M}",
            "moved": percent(line.moved),
            "p": f"{line.p_value:.3f}",
        }
        if line.moved == 0:
            st.markdown(t("stability.waves_zero", **words))
            model = resources.models().get(line.model_id)
            if line.kind == "retest" and model is not None and model.provider == "local":
                st.markdown(t("stability.waves_control"))
        else:
            more = {"low": percent(line.low), "high": percent(line.high), "changed": percent(line.changed)}
            st.markdown(t("stability.waves_moved", **words, **more))
        if line.copied:
            st.caption(t("stability.waves_copied", n=line.copied))
    if found.empty:
        st.info(t("stability.waves_one"), icon=":material/schedule:")
        return
    shown = found.assign(
        model_id=found["model_id"].map(model_name),
        kind=[term("wave_kind", kind) for kind in found["kind"]],
        before=[f"{dates[name]:%Y-%m-%d %H:%M}" for name in found["before"]],
        after=[f"{dates[name]:%Y-%m-%d %H:%M}" for name in found["after"]],
    )
    columns = ["model_id", "before", "after", "kind", "moved", "low", "high", "changed", "n", "readings", "p_value"]
    table(shown, columns, ("moved", "low", "high", "changed"))
    st.caption(t("stability.waves_help"))
