"""Downloads of a chart as PNG and SVG and of its table as CSV."""

from collections.abc import Callable

import altair as alt
import pandas as pd
import streamlit as st

from core.charts.export import to_csv, to_png, to_svg
from pages.parts.shared.palette import current_palette
from pages.parts.shared.texts import keeping_language, t


def show_downloads(
    chart: Callable[[], alt.TopLevelMixin], frame: pd.DataFrame, *, key: str, title: str, source: str, file: str = ""
) -> None:
    """A popover with three downloads. A file is made only when it is asked for.

    ``file`` is the name of the files without what follows the point; it is ``key`` where none is given.
    """
    named = file or key
    palette = current_palette()
    with st.popover(t("download.title"), icon=":material/download:", key=f"{key}_downloads"):
        st.download_button(
            "PNG",
            keeping_language(lambda: to_png(chart(), palette, title, source)),
            f"{named}.png",
            "image/png",
            key=f"{key}_png",
            on_click="ignore",
        )
        st.download_button(
            "SVG",
            keeping_language(lambda: to_svg(chart(), palette, title, source)),
            f"{named}.svg",
            "image/svg+xml",
            key=f"{key}_svg",
            on_click="ignore",
        )
        st.download_button(
            "CSV", lambda: to_csv(frame), f"{named}.csv", "text/csv", key=f"{key}_csv", on_click="ignore"
        )
