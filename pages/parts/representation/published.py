"""What others measured: 24 models beside demographic segments, and the baseline that none of them reaches."""

import altair as alt
import pandas as pd
import streamlit as st

from core.charts.palette import Palette
from core.charts.segments import segment_chart
from core.findings.segments import BASELINES, STUDY, SegmentFit, segment_fit
from core.i18n import Texts
from pages.parts.shared.chart_block import Block, show_chart, show_table
from pages.parts.shared.glossary import explain
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import number, t, term, ui_language


@st.cache_resource(show_spinner=False)
def fit() -> SegmentFit:
    """The published figures, read once."""
    return segment_fit()


def finding(found: SegmentFit) -> str:
    """What the baselines and the models score, and how many models score more than each baseline."""
    best = found.models.iloc[0]
    scores = {name: number(found.baseline(name), 3) for name in BASELINES}
    counts = {f"beyond_{name}": found.beyond[name] for name in BASELINES}
    return t(
        "representation.segments_finding",
        models=len(found.models),
        best=best["name"],
        best_value=number(best["value"], 3),
        **scores,
        **counts,
    )


def segment_rows(found: SegmentFit) -> pd.DataFrame:
    """The rows of the chart, with names in words."""
    plain = found.rows["group"] == "baseline"
    names = [
        term("segment_baseline", name) if is_one else name
        for name, is_one in zip(found.rows["name"], plain, strict=True)
    ]
    groups = [
        t("start.baseline") if is_one else term("pair", pair)
        for pair, is_one in zip(found.rows["group"], plain, strict=True)
    ]
    return found.rows.assign(label=names, group_name=groups, whole=found.baseline("whole"))


def segment_block(found: SegmentFit) -> Block:
    """The chart."""
    rows = segment_rows(found)

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return segment_chart(rows, palette, words)

    return Block(
        "segments",
        finding(found),
        draw,
        rows.drop(columns=["whole", "group_name"]),
        source_line(STUDY),
        of=("segments",),
    )


@st.cache_resource(show_spinner=False, max_entries=4)
def _kept(language: str) -> Block:
    return segment_block(fit())


def show_published() -> None:
    """The chart with its finding, its limits, its source and its table."""
    st.header(t("representation.segments_title"), anchor=False, divider="gray", help=explain("even_guess"))
    block = _kept(ui_language())
    st.markdown(f"**{block.title}**")
    show_chart(block)
    st.caption(t("representation.segments_help"))
    st.caption(block.source)
    show_table(lambda: segment_table(block.frame), block.key)


def segment_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Every figure with its maker, n, prompt language and date, as the source gives them."""
    return pd.DataFrame(
        {
            t("chart.model"): rows["label"],
            t("models.developer"): rows["developer"],
            t("representation.segments_axis"): [number(value, 3) for value in rows["value"]],
            "n": ["–" if pd.isna(n) else number(int(n)) for n in rows["n"]],
            t("start.prompt_language"): [term("study_language", language) for language in rows["language"]],
            t("representation.segments_date"): rows["date"],
        }
    )
