"""The last two slides: what would settle the question, and what to ask a vendor."""

import pandas as pd
import streamlit as st

from core.charts.story import moved_chart
from core.text import plain
from pages.parts.shared.chart_block import Block, draw_chart
from pages.parts.shared.moves import show_left_out
from pages.parts.shared.names import model_name
from pages.parts.shared.readings import store_state
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import percent, t, term
from pages.parts.story import data

ON = (
    ("pages/probe.py", "quiz", "probe"),
    ("pages/world.py", "public", "world"),
    ("pages/ranking.py", "format_list_numbered", "ranking"),
    ("pages/claims.py", "gavel", "claims"),
    ("pages/learn.py", "school", "learn"),
)
"""Where to go from the last slide: page, icon, words."""


def head(title: str, *lines: str) -> None:
    """The sentence of a slide and its explanation."""
    st.title(title, anchor=False)
    for line in lines:
        st.markdown(line)


def settle() -> None:
    """The evidence that a finding on values would need, and how far the models measured here are from it."""
    state = store_state()
    with st.spinner(t("story.working"), show_time=False):
        found = data.moved(state)
    head(t("story.settle_title"), t("story.settle_text"))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(t("story.settle_list"))
    with right:
        if found.empty:
            st.info(t("card.no_parts"), icon=":material/help_center:")
            return
        first = found.iloc[0]
        st.markdown(
            t(
                "story.settle_best",
                model=plain(model_name(first["model_id"])),
                question=percent(first["question"]),
                asked=percent(first["asked"]),
                n=len(found),
            )
        )
        frame = _moved_rows(found)
        block = Block(
            "story_moved",
            t("story.moved_chart"),
            lambda palette, words: moved_chart(frame, palette, words),
            frame,
            t("world.model_source"),
            of=("story_moved", state),
        )
        draw_chart(block)
        show_left_out()


def _moved_rows(found: pd.DataFrame) -> pd.DataFrame:
    long = found.melt("model_id", ["question", "asked", "both"], "part", "share")
    places = {"question": 0, "asked": 1, "both": 2}
    return long.assign(
        name=long["model_id"].map(model_name),
        place=long["part"].map(places),
        part=[term("story_part", name) for name in long["part"]],
    )


def vendor() -> None:
    """Five questions to a vendor, with the findings here, and the links to other pages."""
    state = store_state()
    near = data.coin(state)
    with st.spinner(t("story.working"), show_time=False):
        found = data.moved(state)
    head(t("story.vendor_title"), t("story.vendor_text"))
    here = t("story.vendor_guess", china=near.clear["CHN"], total=near.models)
    if found.empty:
        form = ""
    else:
        ends = {"low": percent(found["asked"].min()), "high": percent(found["asked"].max()), "n": len(found)}
        form = t("story.vendor_form", **ends)
    st.markdown(t("story.vendor_list", guess=here, form=form))
    show_left_out()
    st.caption(source_line("justifiable"))
    st.markdown(f"**{t('story.on')}**")
    with st.container(horizontal=True):
        for page, icon, words in ON:
            st.page_link(page, label=term("story_on", words), icon=f":material/{icon}:")
