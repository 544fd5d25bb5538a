"""The table of likely first words of an answer."""

import json

import pandas as pd
import streamlit as st

from pages.parts.shared.texts import t


def show_first_words(tokens: str, most: int = 10) -> None:
    """``tokens`` is the stored JSON list of word and probability; the first ``most`` are shown."""
    frame = pd.DataFrame(json.loads(tokens)[:most], columns=["token", "probability"])
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "token": st.column_config.TextColumn(t("words.token")),
            "probability": st.column_config.ProgressColumn(
                t("words.probability"), min_value=0, max_value=1, format="percent"
            ),
        },
    )
