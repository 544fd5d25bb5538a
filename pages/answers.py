"""Answers: read what a model was asked and what came back, one answer after the other."""

import tempfile
from pathlib import Path

import streamlit as st

from core.store.index.export import export_csv
from core.store.index.reader import AnswerFilter
from pages.parts.answers import data
from pages.parts.answers.listing import open_place, show_list, show_steps
from pages.parts.answers.notes import show_note
from pages.parts.answers.pick import LINKED, chosen_places, pick_filter, pick_other, pick_run
from pages.parts.answers.view import show_answer
from pages.parts.app.frame import inside_app
from pages.parts.shared import links, resources
from pages.parts.shared.fold import show_how
from pages.parts.shared.texts import number, t

inside_app()

NARROW = Path(__file__).parent / "parts" / "answers" / "narrow.css"


def exported(chosen: AnswerFilter, places: list[str], narrowed: bool) -> bytes:
    """The answers that are read as CSV, with prompts and likely words."""
    cells = tuple({data.split_place(place)[0] for place in places}) if narrowed else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.csv"
        export_csv(resources.store(), path, chosen.model_copy(update={"cells": cells}))
        return path.read_bytes()


def show_reader() -> None:
    """Filters, the list, the open answer."""
    run = pick_run(runs)
    size = int(runs.loc[run, "rows"])
    with st.spinner(t("reader.reading"), show_time=False):
        known = data.choices(run, size)
    st.html(NARROW)
    st.toggle(t("reader.filters"), key="show_filters")
    with st.container(border=True, key="answer_filters"):
        chosen = pick_filter(run, known)
        other = pick_other(runs, run)
    if found := data.too_many(run, size, chosen):
        st.info(t("reader.too_many", n=found, most=number(data.MOST_LISTED)), icon=":material/filter_alt:")
        return
    pairs = data.pairs(runs, run, other) if other is not None else None
    places, beside = chosen_places(data.places(run, size, chosen), pairs)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(t("reader.count", n=number(len(places)), total=number(size)), width="content")
        if places:
            st.download_button(
                t("reader.export"),
                lambda: exported(chosen, places, other is not None),
                f"{run}-answers.csv",
                "text/csv",
                key="answers_csv",
                icon=":material/download:",
                on_click="ignore",
            )
        link_place = st.container(width="content")
        st.page_link(
            "pages/runs.py", label=t("reader.to_run"), icon=":material/inventory_2:", query_params={"run": run}
        )
    if not places:
        st.info(t("reader.none") if other is None else t("reader.none_both"), icon=":material/filter_alt_off:")
        return
    at = open_place(places)
    show_list(chosen, places, at, beside)
    show_steps(places, at)
    place = places[at]
    with st.container(border=True):
        show_answer(run, place, other, beside[place][0] if place in beside else None)
        show_note(run, data.split_place(place)[0], bool(runs.loc[run, "shipped"]))
    selection = links.save(LINKED)
    with link_place, st.popover(t("ask.link"), icon=":material/link:"):
        st.code(links.address(selection), language=None, wrap_lines=True)


st.title(t("reader.title"), anchor=False)
st.markdown(t("reader.intro"))
runs = data.readable_runs()
if runs.empty:
    st.info(t("runs.empty"), icon=":material/inbox:")
else:
    show_reader()
show_how("answers", t("reader.how_title"), t("reader.how"))
