"""The details of one card: each printed order, the written answer, the likely first words, the prompt."""

import pandas as pd
import streamlit as st

from core.audits.alignment.audit import Reading
from core.text import plain
from core.types import Question
from pages.parts.probe.first_words import show_first_words
from pages.parts.probe.frames import share_table
from pages.parts.shared.names import series_label
from pages.parts.shared.texts import percent, t, term, ui_language


def show_details(question: Question, mine: list[Reading], frame: pd.DataFrame) -> None:
    """Two expanders: the chart as a table, and what was asked and read."""
    with st.expander(t("details.table"), icon=":material/table:"):
        table = share_table(frame).rename(columns={"option": t("chart.option")})
        formats = {
            name: st.column_config.NumberColumn(name, format="percent")
            for name in table.columns
            if name != t("chart.option")
        }
        st.dataframe(table, hide_index=True, column_config=formats)
    with st.expander(t("details.title"), icon=":material/manage_search:"):
        both = len({r.language for r in mine}) > 1
        mine = sorted(mine, key=lambda reading: reading.persona.is_empty)
        names = [series_label(reading, both) for reading in mine]
        for tab, reading in zip(st.tabs([plain(name) for name in names]), mine, strict=True):
            with tab:
                _show_reading(question, reading)


def _show_reading(question: Question, reading: Reading) -> None:
    language = ui_language()
    words = {option.code: option.text.get(language) for option in question.options}
    _show_text(reading, words)
    st.markdown(f"**{t('details.orders')}**")
    if reading.position_bias is not None:
        st.markdown(
            t("details.position_bias", bias=percent(reading.position_bias, signed=True), fair=percent(1 / len(words)))
        )
    st.dataframe(_order_table(question, reading, words), hide_index=True)
    st.markdown(f"**{t('details.tokens')}**")
    show_first_words(reading.top_tokens)
    st.markdown(f"**{t('details.prompt')}**")
    st.code(reading.rendered_prompt, language=None, wrap_lines=True)


def _show_text(reading: Reading, words: dict[int, str]) -> None:
    st.markdown(f"**{t('details.text')}**")
    if reading.text is None:
        st.caption(t("details.no_text"))
        return
    st.code(reading.text, language=None, wrap_lines=True)
    if reading.parsed_code is None:
        st.caption(term("text_outcome", reading.text_outcome or "invalid"))
    elif reading.text_agrees:
        st.caption(t("details.agrees", option=plain(words[reading.parsed_code])))
    else:
        said, mode = plain(words[reading.parsed_code]), plain(words[reading.mode])
        st.caption(t("details.disagrees", option=said, mode=mode))


def _order_table(question: Question, reading: Reading, words: dict[int, str]) -> pd.DataFrame:
    rows = []
    for order in reading.orders:
        total = sum(order.mass) or float("nan")
        shares = dict(zip(order.codes, (m / total for m in order.mass), strict=True))
        rows.append(
            {t("details.first_place"): words[order.codes[0]]}
            | {words[code]: percent(shares[code]) + (" ①" if code == order.codes[0] else "") for code in question.codes}
        )
    return pd.DataFrame(rows)
