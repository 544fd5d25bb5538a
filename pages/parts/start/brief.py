"""The start page's finding as a brief."""

import pandas as pd
import streamlit as st

from core.brief import Brief, plain_lines, table_of
from pages.parts.shared.brief_words import measured_as
from pages.parts.shared.texts import t, term
from pages.parts.start.published import item_words
from pages.parts.start.view import Shown


@st.cache_resource(show_spinner=False, max_entries=32)
def start_brief(language: str, persona: str, interface: str, _found: Shown) -> Brief:
    """What the page shows for one way of asking, in the language ``interface``."""
    return _brief(_found, language, persona)


def _brief(found: Shown, language: str, persona: str) -> Brief:
    asked = measured_as(language, term("persona_country", persona))
    return Brief(
        title=found.sentences[0],
        finding=tuple(line for text in [*found.sentences, asked] for line in plain_lines(text)),
        figures=(found.leans.figure(), found.items.figure()),
        tables=(
            table_of(found.lean_table, t("brief_start.leans")),
            table_of(_publics(found.table), t("brief_start.items")),
        ),
        method=plain_lines(t("brief_start.method")),
        limits=plain_lines(t("start.caveats")),
        data=(t("start.source"),),
    )


def _publics(table: pd.DataFrame) -> pd.DataFrame:
    """The publics alone: paper has no room for a column a model."""
    return item_words(table[[name for name in table if name.startswith(("item_", "chn_", "usa_"))]]).round(2)
