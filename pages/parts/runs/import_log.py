"""Makes a run from a log that another program wrote."""

import tempfile
from pathlib import Path

import streamlit as st

from core.errors import ParallaxError
from core.runs.logs import LogAccount, LogSource, import_log
from core.text import plain
from pages.parts.runs.data import say
from pages.parts.shared import resources
from pages.parts.shared.resources import bank
from pages.parts.shared.texts import t, ui_language

MOST_MEGABYTES = 200
_DONE = "run_log_done"
_FORMS = ["jsonl", "json", "eval"]


def show_import_log() -> None:
    """The upload, and the account of the last imported log."""
    done: tuple[str, LogAccount] | None = st.session_state.get(_DONE)
    with st.expander(t("runs.log"), icon=":material/receipt_long:", expanded=done is not None):
        st.caption(t("runs.log_help"))
        left, right = st.columns(2)
        given = left.file_uploader(t("runs.log_file"), _FORMS, key="run_log", max_upload_size=MOST_MEGABYTES)
        right.file_uploader(t("runs.log_requests"), "jsonl", key="run_log_requests", max_upload_size=MOST_MEGABYTES)
        st.text_input(t("runs.log_model"), max_chars=200, key="run_log_model")
        st.button(
            t("runs.log_now"), key="run_log_now", icon=":material/upload:", disabled=given is None, on_click=_take
        )
        if done is not None:
            st.success(t("runs.log_done", run=done[0]), icon=":material/check:")
            st.markdown("\n".join(f"- {line.message(ui_language(), plain)}" for line in done[1].lines()))


def _take() -> None:
    given, requests = st.session_state["run_log"], st.session_state.get("run_log_requests")
    st.session_state.pop(_DONE, None)
    if given is None:
        return
    try:
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for place, file in enumerate(file for file in (given, requests) if file is not None):
                paths.append(Path(folder) / f"{place}{Path(file.name).suffix}")
                paths[-1].write_bytes(file.getbuffer())
            source = LogSource(
                path=paths[0],
                name=Path(given.name).name,
                requests=paths[1] if len(paths) > 1 else None,
                model=st.session_state["run_log_model"].strip(),
            )
            made = import_log(resources.store(), source, bank().questions, bank().models)
    except ParallaxError as error:
        say(error)
        return
    st.session_state[_DONE] = (made.run_id, made.account)
    st.session_state["run"] = made.run_id
