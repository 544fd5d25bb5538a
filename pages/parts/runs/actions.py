"""Rename a run, write a note on it, export it, delete it; import one."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.errors import ParallaxError
from core.settings import settings
from core.store import RunInfo, Selection
from core.store.files.imports import import_run
from core.store.index.export import export_csv, export_duckdb, export_parquet, export_zip
from pages.parts.runs.data import active_job, say
from pages.parts.shared import resources
from pages.parts.shared.texts import t

LONGEST_TITLE = 120
LONGEST_NOTE = 2_000


def show_actions(info: RunInfo, shipped: bool) -> None:
    """Three popovers. What a shipped run does not allow is off and says why. A running run cannot be deleted."""
    busy = active_job(info.run_id) is not None
    with st.container(horizontal=True):
        _export(info)
        if settings().public:
            return
        with st.popover(t("runs.edit"), icon=":material/edit:", disabled=shipped, key="run_edit_pop"):
            _edit(info)
        with st.popover(t("runs.delete"), icon=":material/delete:", disabled=shipped or busy, key="run_delete_pop"):
            st.markdown(t("runs.delete_warning", run=info.run_id))
            sure = st.checkbox(t("runs.delete_sure"), key=f"sure_{info.run_id}")
            st.button(
                t("runs.delete_now"),
                key="run_delete",
                type="primary",
                disabled=not sure,
                on_click=_delete,
                args=(info.run_id,),
            )
    if shipped:
        st.caption(f":material/lock: {t('runs.shipped_help')}")


def _edit(info: RunInfo) -> None:
    with st.form("run_edit", border=False):
        st.text_input(t("runs.title_column"), info.title, max_chars=LONGEST_TITLE, key=f"title_{info.run_id}")
        st.text_area(t("runs.note"), info.note, max_chars=LONGEST_NOTE, key=f"note_{info.run_id}")
        st.form_submit_button(t("runs.save"), icon=":material/save:", on_click=_save, args=(info.run_id,))


def _save(run_id: str) -> None:
    title, note = st.session_state[f"title_{run_id}"], st.session_state[f"note_{run_id}"]
    try:
        resources.store().update(run_id, title=title.strip(), note=note.strip())
    except ParallaxError as error:
        say(error)


def _delete(run_id: str) -> None:
    try:
        resources.store().delete(run_id)
        st.session_state["run"] = None
    except ParallaxError as error:
        say(error)


def _file(name: str, write: Callable[[Path], object]) -> bytes:
    """The bytes of an export. It is first written to a file, because the store exports to files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def _export(info: RunInfo) -> None:
    store, name, mine = resources.store(), info.run_id, Selection(run_ids=(info.run_id,))
    ways: dict[str, tuple[str, Callable[[Path], object]]] = {
        "Parquet": (f"{name}.parquet", lambda path: export_parquet(store, path, mine)),
        "CSV": (f"{name}.csv", lambda path: export_csv(store, path, mine)),
        "DuckDB": (f"{name}.duckdb", lambda path: export_duckdb(store, path, mine)),
        "ZIP": (f"{name}.zip", lambda path: export_zip(store, name, path)),
    }
    with st.popover(t("runs.export"), icon=":material/download:", key="run_export_pop"):
        st.caption(t("runs.export_help"))
        for label, (file, write) in ways.items():
            st.download_button(
                label,
                lambda file=file, write=write: _file(file, write),
                file,
                key=f"export_{label}",
                on_click="ignore",
                width="stretch",
            )


def show_import() -> None:
    """Import a run that was exported as a zip."""
    with st.expander(t("runs.import"), icon=":material/upload:"):
        st.caption(t("runs.import_help"))
        given = st.file_uploader(t("runs.import_file"), type="zip", key="run_import")
        st.button(
            t("runs.import_now"), key="run_import_now", icon=":material/upload:", disabled=given is None, on_click=_take
        )


def _take() -> None:
    given = st.session_state["run_import"]
    if given is None:
        return
    store = resources.store()
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "run.zip"
            path.write_bytes(given.getbuffer())
            info = import_run(path, store.runs_dir)
        store.refresh()
        st.session_state["run"] = info.run_id
    except ParallaxError as error:
        say(error)
