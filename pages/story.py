"""The story in five slides, to be presented: full width, on and back by arrow keys, each slide a link."""

from pathlib import Path

import streamlit as st

from pages.parts.app.frame import inside_app
from pages.parts.shared import links
from pages.parts.shared.texts import t, term
from pages.parts.story.view import SLIDES, show_slide

inside_app()

st.html(Path(__file__).parent / "parts" / "story" / "slide.css")
NUMBERS = tuple(str(n) for n in range(1, len(SLIDES) + 1))
links.restore_one("slide", NUMBERS, NUMBERS[0])
at = int(st.session_state["slide"])


def go(number: int) -> None:
    """Callback: open slide ``number``."""
    st.session_state["slide"] = str(number)


with st.container(horizontal=True, vertical_alignment="center", key="slide_steps"):
    st.button(
        t("story.back"),
        key="slide_back",
        icon=":material/arrow_back:",
        disabled=at == 1,
        shortcut="Left",
        on_click=go,
        args=(at - 1,),
    )
    st.button(
        t("story.next"),
        key="slide_next",
        icon=":material/arrow_forward:",
        type="primary",
        disabled=at == len(SLIDES),
        shortcut="Right",
        on_click=go,
        args=(at + 1,),
    )
    st.markdown(t("story.place", n=at, total=len(SLIDES), name=term("story_slide", SLIDES[at - 1])), width="content")
    link_place = st.container(width="content")
    st.page_link("pages/start.py", label=t("story.leave"), icon=":material/close:")
with st.container(key="slide"):
    show_slide(SLIDES[at - 1])
selection = links.save({"slide": NUMBERS[0]})
with link_place, st.popover(t("ask.link"), icon=":material/link:"):
    st.code(links.address(selection), language=None, wrap_lines=True)
