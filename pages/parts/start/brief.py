"""The start page's finding as a brief."""

import pandas as pd
import streamlit as st

from core.brief import Brief, Figure, FirstPage, plain_lines, table_of
from core.findings import china_west
from core.types import Language
from pages.parts.shared.brief_words import first_page, lean_lines, limits, measured_as, side_lines
from pages.parts.shared.texts import t, term
from pages.parts.start.published import item_words
from pages.parts.start.view import Shown, lean_block


@st.cache_resource(show_spinner=False, max_entries=32)
def start_brief(language: Language, persona: str, interface: str, _found: Shown) -> Brief:
    """The page as a brief for one way of asking, in the language ``interface``."""
    return _brief(_found, language, persona)


def _brief(found: Shown, language: Language, persona: str) -> Brief:
    asked = measured_as(language, term("persona_country", persona))
    return Brief(
        title=t("app.tagline"),
        first=_first(found, language, persona),
        finding=tuple(line for text in [*found.sentences, asked] for line in plain_lines(text)),
        figures=(found.items.figure(),),
        tables=(
            table_of(found.lean_table, t("brief_start.leans")),
            table_of(_publics(found.table), t("brief_start.items")),
        ),
        method=plain_lines(t("brief_start.method")),
        limits=(*limits("start"), *plain_lines(t("start.caveats"))),
        data=(t("start.source"),),
    )


def _first(found: Shown, language: Language, persona: str) -> FirstPage:
    """The lean of the published models together, beyond that of an answer without values, and by origin."""
    answers = china_west.published_answers()
    frame = china_west.places(answers, language, persona)
    bottom, findings = lean_lines(answers, frame, language, persona, "distance")
    findings += side_lines(china_west.origins(answers, language, persona), "distance")
    return first_page("start", bottom, findings, [_leans(found)])


def _leans(found: Shown) -> Figure:
    """The models that were asked this way and the baselines; the others are counted and are in the table."""
    told = found.leans.frame.dropna(subset=["lean"])
    silent = len(found.leans.frame) - len(told)
    note = t("brief_start.not_asked", n=silent) if silent else ""
    return lean_block(told, t("start.lean_title"))._replace(note=note).figure()


def _publics(table: pd.DataFrame) -> pd.DataFrame:
    """Only the publics, because paper has no room for one column per model."""
    return item_words(table[[name for name in table if name.startswith(("item_", "chn_", "usa_"))]]).round(2)
