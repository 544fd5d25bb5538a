"""Folds: expanders whose content is made only when they are open, since a closed table takes as long as an open one."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.parts.shared.texts import t


@contextmanager
def fold(title: str, key: str, icon: str = "table") -> Iterator[bool]:
    """An expander, closed at first. It gives whether it is open; the caller makes the content only then."""
    box = st.expander(title, icon=f":material/{icon}:", key=f"fold_{key}", on_change="rerun")
    with box:
        yield bool(box.open)


def show_how(page: str, title: str, *paragraphs: str) -> None:
    """A fold that says how ``page`` measures, with a link to the page Method."""
    with fold(title, f"{page}_how", "functions") as opened:
        if opened:
            for words in paragraphs:
                st.markdown(words)
            st.page_link("pages/method.py", label=t("probe.how_link"), icon=":material/arrow_forward:")
