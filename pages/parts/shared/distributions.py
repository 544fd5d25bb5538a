"""Shows the answers of people and of a model to one question side by side."""

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd
import streamlit as st

from core.charts.options import option_bars
from core.text import plain
from core.types import LITTLE_MASS, Question, Reference, Side
from pages.parts.shared import resources
from pages.parts.shared.chart_block import Block, draw_chart
from pages.parts.shared.fold import fold
from pages.parts.shared.names import model_name, model_side
from pages.parts.shared.question_notes import show_notes
from pages.parts.shared.texts import day, number, percent, t, term, ui_language


def shares_block(
    key: str,
    question: Question,
    people: Mapping[str, Sequence[float]],
    answers: Mapping[str, Sequence[float]],
    sides: Mapping[str, Side],
    title: str,
    source: str,
    of: tuple[Hashable, ...],
    *,
    faded: bool = False,
) -> Block:
    """A bar chart of the share of each option. ``people`` and ``answers`` have shares by the name of their series.

    ``sides`` are those of the models, by the same names.
    """
    language = ui_language()
    series = [(name, "human", shares) for name, shares in people.items()]
    series += [(name, "persona", shares) for name, shares in answers.items()]
    frame = pd.DataFrame(
        [
            {
                "option": option.text.get(language),
                "place": place,
                "series": name,
                "kind": kind,
                "look": sides[name] if kind == "persona" else "people",
                "faded": faded and kind != "human",
                "share": share,
            }
            for name, kind, shares in series
            for place, (option, share) in enumerate(zip(question.options, shares, strict=True))
        ]
    )
    return Block(key, title, lambda palette, t: option_bars(frame, palette, t), frame, source, of=of)


def show_distributions(question: Question, reference: Reference, reading: pd.Series, people: str) -> None:
    """Show people and model side by side on one question, with the prompt that the model read."""
    st.markdown(f"> **{question.stem.get(ui_language())}**")
    show_notes(question)
    shares = tuple(reading["probabilities"])
    draw_chart(
        shares_block(
            "cell_bars",
            question,
            {t("representation.people_series", group=people, n=number(reference.n)): reference.shares},
            {model_name(reading["model_id"]): shares},
            {model_name(reading["model_id"]): model_side(reading["model_id"])},
            t("representation.bars_alt"),
            t("representation.source"),
            (question.id, people, reference, reading["model_id"], shares, reading["valid_mass"]),
            faded=reading["valid_mass"] < LITTLE_MASS,
        )
    )
    st.caption(
        t(
            "representation.reading",
            mass=percent(reading["valid_mass"]),
            orders=int(reading["orders"]),
            method=term("method", reading["method"]),
            when=day(reading["created"]),
            run=plain(reading["run_id"]),
        )
    )
    with fold(t("details.prompt"), "cell_prompt", "chat") as opened:
        rows = resources.store().rows(reading["run_id"], [reading["cell_id"]]) if opened else []
        for row in rows[:1]:
            st.code(row.rendered_prompt, language=None, wrap_lines=True)
