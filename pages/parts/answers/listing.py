"""The list of answers about the open one, and the way from one to the next."""

import pandas as pd
import streamlit as st

from core.store.index.reader import AnswerFilter, answers
from pages.parts.answers import data
from pages.parts.answers.pick import CELL
from pages.parts.shared import resources
from pages.parts.shared.names import model_name, word
from pages.parts.shared.texts import number, percent, t, term

LISTED = 50
"""Number of answers in the list at once, around the open one."""


def open_place(places: list[str]) -> int:
    """The position of the open answer in ``places``; the first where it is not among them."""
    asked = st.session_state.get(CELL) or st.query_params.get(CELL)
    at = places.index(asked) if asked in places else 0
    st.session_state[CELL] = places[at]
    return at


def show_steps(places: list[str], at: int) -> None:
    """The number of the open answer and of all, with buttons back and on, also by arrow keys."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            t("reader.previous"),
            key="previous",
            icon=":material/arrow_back:",
            disabled=at == 0,
            shortcut="Left",
            on_click=_open,
            args=(places[max(at - 1, 0)],),
        )
        st.button(
            t("reader.next"),
            key="next",
            icon=":material/arrow_forward:",
            disabled=at + 1 == len(places),
            shortcut="Right",
            on_click=_open,
            args=(places[min(at + 1, len(places) - 1)],),
        )
        st.markdown(t("reader.place", n=number(at + 1), total=number(len(places))), width="content")


def _open(place: str) -> None:
    st.session_state[CELL] = place


def _open_selected() -> None:
    rows = st.session_state["answers_table"]["selection"]["rows"]
    if rows:
        st.session_state[CELL] = st.session_state["answers_listed"][rows[0]]


def show_list(chosen: AnswerFilter, places: list[str], at: int, beside: dict[str, tuple[str, float]]) -> None:
    """The answers about the open one as a table; a click opens one."""
    first = max(0, min(at - LISTED // 2, len(places) - LISTED))
    shown = places[first : first + LISTED]
    st.session_state["answers_listed"] = shown
    cells = tuple({data.split_place(place)[0] for place in shown})
    found = answers(resources.store(), AnswerFilter(run_ids=chosen.run_ids, cells=cells))
    found.index = pd.Index(
        [data.place_of(c, int(s)) for c, s in zip(found["cell_id"], found["sample"], strict=True)], dtype=object
    )
    rows = found.loc[[place for place in shown if place in found.index]]
    table = pd.DataFrame(
        {
            t("reader.nth"): [
                f"▶ {number(n)}" if n == at + 1 else number(n) for n in range(first + 1, len(rows) + first + 1)
            ],
            t("chart.question"): rows["question_id"].map(data.question_words).to_list(),
            t("reader.person"): rows["persona"].map(data.person_words).to_list(),
            t("ask.languages"): [term("language", name) for name in rows["language"]],
            t("reader.outcome"): [word("run_outcome", name) for name in rows["outcome"]],
            t("reader.on_options"): ["–" if pd.isna(mass) else percent(mass) for mass in rows["valid_mass"]],
            t("runs.model"): rows["model_id"].map(model_name).to_list(),
        }
    )
    if beside:
        table.insert(2, t("compare_runs.moved"), [_moved(beside[place][1]) for place in rows.index])
    st.dataframe(
        table,
        hide_index=True,
        key="answers_table",
        on_select=_open_selected,
        selection_mode="single-row",
        height=min(290, 36 * (len(rows) + 1) + 2),
    )
    if len(places) > LISTED:
        st.caption(
            t("reader.window", first=number(first + 1), last=number(first + len(rows)), total=number(len(places)))
        )


def _moved(share: float) -> str:
    return "–" if pd.isna(share) else percent(share, 1)
