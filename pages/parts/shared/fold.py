"""What is folded away and made only once it is unfolded: a closed table costs a page as much as an open one."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.parts.shared.texts import t


@contextmanager
def fold(title: str, key: str, icon: str = "table") -> Iterator[bool]:
    """An expander, closed at first, with whether it is open; what stands in it is the caller's to leave out."""
    box = st.expander(title, icon=f":material/{icon}:", key=f"fold_{key}", on_change="rerun")
    with box:
        yield bool(box.open)


def show_how(page: str, title: str, *paragraphs: str) -> None:
    """How ``page`` measures, in words, and the way to the page on method."""
    with fold(title, f"{page}_how", "functions") as opened:
        if opened:
            for words in paragraphs:
                st.markdown(words)
            st.page_link("pages/method.py", label=t("probe.how_link"), icon=":material/arrow_forward:")
