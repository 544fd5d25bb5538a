"""The chart palettes, read from ``.streamlit/config.toml``."""

import streamlit as st

from core.charts.palette import Palette


def current_palette() -> Palette:
    """The colours of the theme that the reader sees."""
    return _palette("dark" if st.context.theme.type == "dark" else "light")


def both_palettes() -> tuple[Palette, Palette]:
    """The colours of both themes, for charts that are drawn before a visit."""
    return _palette("light"), _palette("dark")


def print_palette() -> Palette:
    """The colours for white paper, whatever the theme."""
    return _palette("light")


def _palette(mode: str) -> Palette:
    colours = st.get_option(f"theme.{mode}.chartCategoricalColors")
    return Palette(
        human=colours[0],
        series=tuple(colours[1:]),
        text=st.get_option(f"theme.{mode}.textColor"),
        background=st.get_option(f"theme.{mode}.backgroundColor"),
        rule=st.get_option(f"theme.{mode}.borderColor"),
    )
