"""Free prompts: what each model writes, side by side, and the likely first words behind it."""

import streamlit as st

from core.runs.jobs import Job
from core.text import plain
from core.types import Cell, cell_id
from pages.parts.probe.first_words import show_first_words
from pages.parts.shared.names import model_name, persona_label
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import moment, t, term

FIRST_WORDS = 5


def show_texts(cells: list[Cell], job: Job) -> None:
    """One card per cell: the text while it is written, then the probabilities of its first word."""
    done = {result.response.cell_id: result for result in job.results()}
    live = {cell_id(cell): text for cell, text in job.live().items()}
    columns = st.columns(min(3, len(cells)))
    for position, cell in enumerate(cells):
        with columns[position % len(columns)].container(border=True):
            st.markdown(f"#### {plain(model_name(cell.model.id))}")
            st.caption(f"{persona_label(cell.persona)} · {term('language', cell.variant.language)}")
            result = done.get(cell_id(cell))
            if result is None:
                st.text(live.get(cell_id(cell), "") or t("answers.waiting"))
            elif result.problem is not None:
                st.error(problem_text(result.problem))
            else:
                st.text(result.response.text or t("free.silent"))
                if result.cached:
                    when = moment(result.response.created)
                    st.badge(t("answers.cached", when=when), icon=":material/history:", color="gray")
                st.markdown(f"**{t('free.first_words')}**")
                show_first_words(result.response.top_tokens, FIRST_WORDS)
