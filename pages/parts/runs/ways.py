"""Links from a run to the page of its audit with only this run, and to its single answers."""

from typing import Any

import streamlit as st

from core.store import RunInfo
from core.store.index.reader import under_half
from core.text import plain
from pages.parts.shared import resources
from pages.parts.shared.names import model_name
from pages.parts.shared.texts import t

RESULTS: dict[str, tuple[str, str]] = {
    "alignment": ("alignment", "from"),
    "representation": ("representation", "from"),
    "stability": ("stability", "run"),
    "citizens": ("citizens", "crun"),
    "traces": ("traces", "from"),
    "single_traces": ("traces", "from"),
}
"""Kind of run -> the page that shows its results, and the name of the run in its link."""


MOST_CARDS = 4
"""Links to cards of models; a run of many models has them in the list of models."""


def show_ways(info: RunInfo) -> None:
    """Links to results and answers. A run of an audit without a page has only the link to its answers."""
    with st.container(horizontal=True):
        if info.kind in RESULTS:
            page, name = RESULTS[info.kind]
            _way(page, t("runs.to_results", page=_title(page)), "monitoring", {name: info.run_id})
        _way("answers", t("runs.to_answers"), "manage_search", {"run": info.run_id})
        for name in list(info.models)[:MOST_CARDS]:
            _way("model", t("runs.to_card", model=plain(model_name(name))), "badge", {"mc": name})
        if under_half(resources.store(), info.run_id):
            _way("answers", t("runs.to_beside"), "trending_down", {"run": info.run_id, "mass": "under_half"})


def _way(page: str, label: str, icon: str, query: dict[str, Any]) -> None:
    st.page_link(f"pages/{page}.py", label=label, icon=f":material/{icon}:", query_params=query)


def _title(page: str) -> str:
    return {
        "alignment": t("alignment.title"),
        "representation": t("representation.title"),
        "stability": t("stability.title"),
        "citizens": t("citizens.title"),
        "traces": t("traces.title"),
    }[page]
