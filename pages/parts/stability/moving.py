"""What moves the answers of the models of a run to its dilemmas and to survey questions: content or form."""

from collections.abc import Hashable, Sequence

import pandas as pd
import streamlit as st

from core.charts.shares import share_chart
from core.findings.moving import Moving, formats_words, moving_dilemmas, moving_words
from core.text import plain
from core.types import DEFAULT_KINDS
from pages.parts.shared.aside import aside_words
from pages.parts.shared.chart_block import Block, show_chart, show_table
from pages.parts.shared.glossary import explain
from pages.parts.shared.kinds import pick_kinds
from pages.parts.shared.links import with_cards
from pages.parts.shared.moves import show_left_out, survey_moves
from pages.parts.shared.names import model_name, model_side
from pages.parts.shared.readings import store_state
from pages.parts.shared.texts import percent, t, term, texts
from pages.parts.stability.data import Shown, scores_of, side_by_side

PARTS = ("content", "order", "format", "wording", "language", "persona", "order x language", "rest")
"""All parts, of dilemmas and of questions, in the order in which they are shown."""


@st.cache_data(show_spinner=False, max_entries=8)
def dilemma_moves(run_ids: tuple[str, ...], rows: int, models: tuple[str, ...]) -> pd.DataFrame:
    """What moves the choices of ``models`` in the dilemmas of their runs."""
    return moving_dilemmas(scores_of(run_ids, rows, side_by_side(models))["readings"], models)


def show_moving(shown: Shown, models: list[str]) -> None:
    """Two parts: the dilemmas of the runs, then all survey questions that these models answered."""
    st.header(t("stability.moving_title"), anchor=False, divider="gray", help=explain("variance_decomposition"))
    st.markdown(t("stability.moving_intro"))
    _show(moving_block("dilemmas", dilemma_moves(*shown, tuple(models)), models, tuple(shown)), models)
    st.subheader(t("stability.moving_survey"), anchor=False)
    kinds = pick_kinds()
    state = store_state()
    found = survey_moves(state, tuple(models), kinds)
    show_left_out()
    block = moving_block("questions", found.parts, models, (state, kinds))
    if block is None:
        st.info(t("stability.moving_nothing"), icon=":material/help_center:")
        return
    _show(block, models)
    lost = {model_name(name): count for name, count in found.shared.aside.items()}
    for sentence in aside_words(len(found.shared.items), lost, [model_name(one) for one in found.shared.apart]):
        st.caption(sentence)
    for sentence in format_sentences(found, models):
        st.markdown(plain(sentence))


def format_sentences(found: Moving, models: Sequence[str]) -> list[str]:
    """How far the formats of scales disagree, for each of ``models`` and its prompt languages."""
    return [line for model in models for line in formats_words(texts(), found.formats, model, model_name(model))]


def moving_sentences(parts: pd.DataFrame, models: Sequence[str], basis: str) -> list[str]:
    """What moves the answers of each of ``models``; ``basis`` is ``dilemmas`` or ``questions``."""
    named = ((model, model_name(model)) for model in models)
    made = (moving_words(texts(), parts, *one, dilemmas=basis == "dilemmas") for one in named)
    return [sentence for sentence in made if sentence]


def moving_block(basis: str, parts: pd.DataFrame, models: Sequence[str], of: tuple[Hashable, ...]) -> Block | None:
    """The shares as a chart; None where nothing was asked in a full grid."""
    mine = parts[parts["model_id"].isin(list(models))].dropna(subset=["share"])
    if mine.empty:
        return None
    mine = mine.sort_values("part", key=lambda column: column.map(PARTS.index), kind="stable")
    names = [term("moving_part", part.replace(" x ", "_x_")) for part in mine["part"]]
    frame = mine.assign(label=names, series=mine["model_id"].map(model_name), look=mine["model_id"].map(model_side))
    first = mine.drop_duplicates("model_id")
    counts = {"answers": int(first["answers"].sum()), "left_out": int(first["left_out"].sum())}
    return Block(
        f"moving_{basis}",
        " ".join(moving_sentences(parts, models, basis)),
        lambda palette, words: share_chart(frame, palette, words),
        frame,
        t("stability.moving_source"),
        note=t("stability.moving_help", **counts),
        of=(*of, *models),
    )


def _show(block: Block | None, models: Sequence[str]) -> None:
    if block is None:
        return
    for sentence in moving_sentences(block.frame, models, block.key.removeprefix("moving_")):
        st.markdown(f"**{plain(sentence)}**")
    show_chart(block)
    show_table(
        lambda: with_cards(moving_table(block.frame), block.frame["model_id"]), block.key, cards=t("ranking.card")
    )


def moving_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The chart as a table."""
    spans = zip(frame["share"], frame["low"], frame["high"], strict=True)
    return pd.DataFrame(
        {
            t("chart.model"): frame["series"],
            t("stability_chart.what"): frame["label"],
            term("stability_column", "share"): [
                f"{percent(share, 1)} [{percent(low, 1)}, {percent(high, 1)}]" for share, low, high in spans
            ],
            t("stability.moving_units"): frame["questions"],
            t("stability.moving_answers"): frame["answers"],
        }
    )


def moving_ahead(shown: Shown, models: list[str]) -> list[Block]:
    """The blocks that the page draws before the user chooses."""
    state = store_state()
    found = survey_moves(state, tuple(models), DEFAULT_KINDS)
    blocks = (
        moving_block("dilemmas", dilemma_moves(*shown, tuple(models)), models, tuple(shown)),
        moving_block("questions", found.parts, models, (state, DEFAULT_KINDS)),
    )
    return [block for block in blocks if block is not None]
