"""The list of runs: filter it, open one."""

import json

import pandas as pd
import streamlit as st

from core.text import search_words
from pages.parts.runs.data import all_runs, kind_word, run_label
from pages.parts.shared import links
from pages.parts.shared.names import model_name, run_title
from pages.parts.shared.texts import listed, t, term

LINKED: dict[str, str | list[str] | None] = {"kind": [], "state": [], "of": [], "run": None}
ICONS = {
    "planned": "○",
    "queued": "…",
    "running": "▶",
    "done": "✓",
    "cancelled": "■",
    "failed": "✕",
    "interrupted": "!",
}


def _models(text: str) -> list[str]:
    return list(json.loads(text) or {})


def _filtered(runs: pd.DataFrame) -> pd.DataFrame:
    kinds = sorted(runs["kind"].unique())
    models = sorted({name for text in runs["models"] for name in _models(text)}, key=model_name)
    links.restore_many("kind", kinds, [])
    links.restore_many("state", ICONS, [])
    links.restore_many("of", models, [])
    one, two, three, four = st.columns(4)
    chosen = one.multiselect(
        t("runs.kind"), kinds, format_func=kind_word, placeholder=t("app.choose"), select_all=False, key="kind"
    )
    states = two.multiselect(
        t("runs.status"),
        list(ICONS),
        format_func=lambda value: term("run_status", value),
        placeholder=t("app.choose"),
        select_all=False,
        key="state",
    )
    of = three.multiselect(
        t("runs.model"), models, format_func=model_name, placeholder=t("app.choose"), select_all=False, key="of"
    )
    words = search_words(four.text_input(t("runs.words"), key="words", icon=":material/search:"))
    keep = pd.Series(True, index=runs.index)
    if chosen:
        keep &= runs["kind"].isin(chosen)
    if states:
        keep &= runs["status"].isin(states)
    if of:
        keep &= runs["models"].map(lambda text: bool(set(of) & set(_models(text))))
    text = (runs["run_id"] + " " + runs["title"] + " " + runs["note"]).str.casefold()
    for part in words:
        keep &= text.str.contains(part, regex=False)
    return runs[keep]


def _table(runs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            t("runs.title_column"): [
                run_title(*told) for told in zip(runs["run_id"], runs["title"], runs["kind"], strict=True)
            ],
            t("runs.status"): [f"{ICONS[value]} {term('run_status', value)}" for value in runs["status"]],
            t("runs.from"): [t("runs.shipped") if flag else t("runs.yours") for flag in runs["shipped"]],
            t("runs.kind"): runs["kind"].map(kind_word).to_list(),
            t("runs.model"): [listed(model_name(name) for name in _models(text)) for text in runs["models"]],
            t("runs.rows"): runs["rows"].to_list(),
            t("runs.errors"): runs["errors"].to_list(),
            t("runs.created"): runs["created"].to_list(),
            t("runs.id"): runs["run_id"].to_list(),
        }
    )


def _open_selected() -> None:
    rows = st.session_state["runs_table"]["selection"]["rows"]
    if rows:
        st.session_state["run"] = st.session_state["runs_listed"][rows[0]]


def show_table() -> str | None:
    """Filters, the table and a box to open a run by; returns the id of the open one."""
    runs = all_runs()
    if runs.empty:
        st.info(t("runs.empty"), icon=":material/inbox:")
        return None
    asked = st.query_params.get("run")
    if asked and "run" not in st.session_state and asked not in set(runs["run_id"]):
        st.warning(t("runs.unknown", run=asked), icon=":material/help:")
    links.restore_one("run", runs["run_id"], None)
    if st.session_state["run"] not in {None, *runs["run_id"]}:
        st.session_state["run"] = None
    found = _filtered(runs)
    st.session_state["runs_listed"] = found["run_id"].to_list()
    st.caption(t("runs.count", n=len(found), total=len(runs)))
    st.dataframe(
        _table(found),
        hide_index=True,
        key="runs_table",
        on_select=_open_selected,
        selection_mode="single-row",
        height=min(400, 36 * (len(found) + 1) + 2),
        column_config={t("runs.created"): st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")},
    )
    shown = runs[runs["run_id"].isin([*found["run_id"], st.session_state["run"]])]
    labels = {row["run_id"]: run_label(row) for _, row in shown.iterrows()}
    return st.selectbox(
        t("runs.open"), list(labels), format_func=lambda name: labels[name], key="run", placeholder=t("runs.open_none")
    )
