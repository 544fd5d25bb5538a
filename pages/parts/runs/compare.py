"""Compares two runs of the same questions: what changed, by how much, and is it more than noise?"""

import altair as alt
import pandas as pd
import streamlit as st

from core.charts.runs import change_bars
from core.findings.compare.runs import ROW_COLUMNS, SAME, ModelChange, RunComparison, by_question, compare_runs
from core.store.index.outcomes import differences
from core.text import plain
from core.types import Persona
from pages.parts.runs.data import all_runs, run_label
from pages.parts.shared import links, resources
from pages.parts.shared.downloads import show_downloads
from pages.parts.shared.names import model_name, model_side, persona_label
from pages.parts.shared.palette import current_palette
from pages.parts.shared.served import show_served
from pages.parts.shared.texts import number, percent, t, term, ui_language

LINKED: dict[str, str | list[str] | None] = {"a": None, "b": None}
MOST_BARS = 25
FEW = 10
MOST_ROWS = 5_000


def show_compare() -> None:
    """Two boxes to choose runs, one sentence per model, the chart, the table."""
    runs = all_runs()
    runs = runs[runs["rows"] > runs["errors"]]
    if large := runs["run_id"].isin(resources.store().aggregated()).sum():
        st.caption(t("compare_runs.large", n=int(large)))
        runs = runs[~runs["run_id"].isin(resources.store().aggregated())]
    if len(runs) < 2:
        st.info(t("compare_runs.too_few"), icon=":material/inbox:")
        return
    labels = {row["run_id"]: run_label(row) for _, row in runs.iterrows()}
    links.restore_one("a", labels, None)
    links.restore_one("b", labels, None)
    left, right = st.columns(2)
    for key, place, text in (("a", left, t("compare_runs.before")), ("b", right, t("compare_runs.after"))):
        if st.session_state[key] not in labels:
            st.session_state[key] = None
        place.selectbox(text, list(labels), format_func=lambda v: labels[v], key=key, placeholder=t("runs.open_none"))
    before, after = st.session_state["a"], st.session_state["b"]
    if not before or not after or before == after:
        st.info(t("compare_runs.choose"), icon=":material/compare_arrows:")
        return
    rows = runs.set_index("run_id")["rows"]
    with st.spinner(t("compare_runs.working")):
        found = _compared(before, int(rows[before]), after, int(rows[after]))
    if found.pairs.empty:
        st.info(t("compare_runs.nothing_shared"), icon=":material/block:")
        return
    show_served([before, after])
    _show(found, f"{before} → {after}")
    _show_making(before, after)
    with st.expander(t("compare_runs.how_title"), icon=":material/functions:"):
        st.markdown(t("compare_runs.how", same=f"{SAME:g}"))


@st.cache_data(show_spinner=False, max_entries=8)
def _compared(before: str, rows_before: int, after: str, rows_after: int) -> RunComparison:
    """The comparison. The numbers of rows are part of the cache key, because runs can grow."""
    store = resources.store()
    left, right = (store.responses([run], columns=ROW_COLUMNS) for run in (before, after))
    return compare_runs(left, right, resources.questions())


def _name(change: ModelChange) -> str:
    names = [model_name(name) for name in (change.model_id, change.model_after)]
    return names[0] if names[0] == names[1] else " → ".join(names)


def _sentence(change: ModelChange) -> str:
    moved = change.moved
    words = {
        "model": _name(change),
        "moved": percent(moved.mean, 1),
        "low": percent(moved.low, 1),
        "high": percent(moved.high, 1),
        "questions": change.questions,
        "changed": percent(change.changed, 0),
    }
    if change.verdict == "same":
        return t("compare_runs.same", model=words["model"], answers=number(change.answers), questions=change.questions)
    if change.questions == 1:
        return t("compare_runs.one_question", **words)
    return f"{t('compare_runs.moved_by', **words)} {term('run_verdict', change.verdict)}"


def _show(found: RunComparison, runs: str) -> None:
    names = {change.model_id: _name(change) for change in found.models}
    for change in found.models:
        st.markdown(f"**{plain(_sentence(change))}**")
        if change.revision_before != change.revision_after:
            st.caption(
                t(
                    "compare_runs.revisions",
                    before=plain(change.revision_before) if change.revision_before else t("runs.revision_unknown"),
                    after=plain(change.revision_after) if change.revision_after else t("runs.revision_unknown"),
                )
            )
        if 1 < change.questions < FEW:
            st.caption(t("compare_runs.few", n=change.questions))
    if found.only_before or found.only_after:
        st.caption(t("compare_runs.unpaired", before=found.only_before, after=found.only_after))
    frame = _question_frame(found, names)
    moved = frame[frame["total_variation"] > SAME]
    if len(moved):
        _show_chart(moved, found, runs)
    _show_table(frame, found.pairs, names)


def _question_frame(found: RunComparison, names: dict[str, str]) -> pd.DataFrame:
    frame, known, language = by_question(found.pairs), resources.questions(), ui_language()
    frame["question"] = [known[q].short.get(language) if q in known else q for q in frame["question_id"]]
    frame["series"] = frame["model_id"].map(names)
    frame["look"] = frame["model_id"].map(model_side)
    return frame


def _show_chart(frame: pd.DataFrame, found: RunComparison, runs: str) -> None:
    top = list(dict.fromkeys(frame["question"]))[:MOST_BARS]
    shown = frame[frame["question"].isin(top)]
    widest = frame.iloc[0]
    title = t("compare_runs.finding", question=widest["question"], moved=percent(widest["total_variation"], 1))
    st.markdown(f"**{plain(title)}**")
    if len(top) < frame["question"].nunique():
        st.caption(t("compare_runs.top", n=len(top), total=frame["question"].nunique()))
    if (shown["noise"] > 0).any():
        st.caption(t("compare_runs.tick"))
    palette = current_palette()

    def chart() -> alt.LayerChart:
        return change_bars(shown, palette, t)

    st.altair_chart(chart(), theme=None, key="run_changes", alt=title)
    source = t("compare_runs.source", runs=runs, answers=number(len(found.pairs)))
    show_downloads(chart, shown.drop(columns="look"), key="run_changes", title=title, source=source)


def _show_table(frame: pd.DataFrame, pairs: pd.DataFrame, names: dict[str, str]) -> None:
    percent = st.column_config.NumberColumn
    words = {
        "series": t("compare_runs.model"),
        "question_id": t("compare_runs.item"),
        "question": t("compare_runs.question"),
        "total_variation": percent(t("compare_runs.moved"), format="percent"),
        "emd": percent(t("compare_runs.emd"), format="%.4f"),
        "shift": percent(t("compare_runs.shift"), format="%+.4f"),
        "noise": percent(t("compare_runs.noise"), format="percent"),
        "answers": t("compare_runs.answers"),
        "persona": t("compare_runs.persona"),
        "language": t("compare_runs.language"),
        "tag": t("compare_runs.tag"),
    }
    with st.expander(t("compare_runs.table"), icon=":material/table:"):
        columns = ["series", "question_id", "question", "total_variation", "emd", "shift", "noise", "answers"]
        st.dataframe(frame[columns], hide_index=True, column_config=words)
    with st.expander(t("compare_runs.answers_table"), icon=":material/table_rows:"):
        rows = pairs.sort_values("total_variation", ascending=False).head(MOST_ROWS)
        rows = rows.assign(series=rows["model_id"].map(names), persona=[_persona(key) for key in rows["persona"]])
        columns = ["series", "question_id", "persona", "language", "tag", "total_variation", "emd", "shift", "noise"]
        st.dataframe(rows[columns], hide_index=True, column_config=words)


def _show_making(before: str, after: str) -> None:
    store = resources.store()
    found = differences(store.info(before), store.info(after))
    with st.expander(t("compare_runs.making"), icon=":material/difference:"):
        if found.empty:
            st.markdown(t("compare_runs.made_alike"))
            return
        words = dict(zip(found.columns, _making_words(), strict=True))
        st.dataframe(
            found.assign(part=[term("run_part", part) for part in found["part"]]),
            hide_index=True,
            column_config=words,
        )


def _making_words() -> tuple[str, ...]:
    return (t("compare_runs.part"), t("compare_runs.name"), t("compare_runs.before"), t("compare_runs.after"))


def _persona(key: str) -> str:
    return persona_label(Persona.from_key(key))
