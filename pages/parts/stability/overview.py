"""How often does a model change its choice? The headline, and flips by axis, ambiguity and domain."""

from typing import Any

import pandas as pd
import streamlit as st

from core.audits.stability.scores import LEAST_EXCESS
from core.charts.stability import flip_chart
from core.errors import Shown
from core.findings.wording import STANDS_OUT, Figure, axes_words, direction, place_words, shares, span, turning_words
from core.stats import benjamini_hochberg
from core.text import plain
from pages.parts.shared.chart_block import Block, show_chart
from pages.parts.shared.fold import fold
from pages.parts.shared.names import model_name, model_side
from pages.parts.shared.texts import listed, percent, t, term, texts
from pages.parts.stability.data import Source, table

AGAIN = "again"
SHARES = ("flips", "flips_low", "flips_high", "noise", "excess", "excess_low", "excess_high", "changed", "agreement")


def _one(axes: pd.DataFrame, model: str, axis: str = AGAIN, group: str = "all") -> pd.Series | None:
    found = axes[(axes["model_id"] == model) & (axes["axis"] == axis) & (axes["group"] == group)]
    return None if found.empty else found.iloc[0]


def show_headline(scores: dict[str, pd.DataFrame], models: list[str]) -> None:
    """For each model: how often it changes, how much of that is noise, and what else a reader must know."""
    for column, model in zip(st.columns(len(models)), models, strict=True):
        with column, st.container(border=True):
            _headline(scores, model)


def _headline(scores: dict[str, pd.DataFrame], model: str) -> None:
    for style, text in headline_words(scores, model, plain):
        if style == "caption":
            st.caption(text)
        else:
            st.markdown(f"#### {text}" if style == "head" else text)


def headline_words(scores: dict[str, pd.DataFrame], model: str, shown: Shown = str) -> list[tuple[str, str]]:
    """What a reader must know of ``model`` first, as (style, sentence); style is head, text or caption.

    The sentences contain Markdown; the name of the model is passed through ``shown``.
    """
    name, lines = shown(model_name(model)), []
    found = _one(scores["axes"], model)
    if found is not None:
        excess = Figure(found["excess"], found["excess_low"], found["excess_high"], least=LEAST_EXCESS)
        facts = {key: percent(found[key]) for key in ("flips", "noise", "changed")}
        lines.append(("head", turning_words(texts(), name, excess, facts, int(found["n"]))))
        if pd.isna(found["noise"]):
            lines.append(("text", t("stability.headline_noise_unknown")))
        else:
            lines.append(("text", t("wording.turns_facts", n=int(found["n"]), **facts)))
    for line in _of(scores["order_bias"], model):
        bias = Figure(line.bias, line.low, line.high, least=STANDS_OUT)
        lines.append(("text", place_words(texts(), {"language": term("language", line.language), "model": name}, bias)))
    for line in _of(scores["worse"], model):
        share = {"share": percent(line.share), "low": percent(line.low), "high": percent(line.high)}
        lines.append(("text", t("stability.worse_words", model=name, n=line.n, **share)))
    for line in _of(scores["answered"], model):
        if line.unanswered > 0:
            language = term("language", line.language)
            share = percent(line.unanswered)
            lines.append(("caption", t("stability.unanswered", language=language, share=share, model=name)))
    for line in _of(scores["texts"], model):
        if line.outcome == "refusal":
            language = term("language", line.language)
            share = percent(line.share)
            lines.append(("caption", t("stability.refusals", model=name, language=language, share=share, n=line.n)))
    return lines


def _of(frame: pd.DataFrame, model: str):
    return frame[frame["model_id"] == model].itertuples() if len(frame) else ()


def show_axes(scores: dict[str, pd.DataFrame], models: list[str], run: Source) -> None:
    """Flips by axis with intervals, for one model or two side by side."""
    block = axes_block(scores, models, run)
    if block is None:
        return
    frame = block.frame.assign(model_id=block.frame["series"], axis=block.frame["label"])
    alphas = [name for name in ("raw", "alpha", "alpha_low", "alpha_high") if name in frame]
    columns = ["model_id", "axis", *SHARES, *alphas, "jsd", "n"]
    show_finding(block, frame, columns, (*SHARES, "raw"), help=t("stability.axis_help"), folded=t("stability.numbers"))


def axes_block(scores: dict[str, pd.DataFrame], models: list[str], run: Source) -> Block | None:
    """Flips by axis as a chart; None where none was measured."""
    frame = axis_frame(scores, models)
    return None if frame.empty else _block("stability_axes", axis_finding(frame, models[0]), frame, run)


def axis_frame(scores: dict[str, pd.DataFrame], models: list[str]) -> pd.DataFrame:
    """Flips of ``models`` by axis, with the names a chart shows."""
    axes = scores["axes"]
    mine = axes[axes["model_id"].isin(models) & (axes["group"] == "all")].dropna(subset=["flips"])
    labels = [term("stability_axis", a) for a in mine["axis"]]
    return mine.assign(label=labels, series=mine["model_id"].map(model_name), look=mine["model_id"].map(model_side))


def axis_finding(frame: pd.DataFrame, model: str) -> str:
    """On which axes ``model`` changes by more than chance, judged together; empty where none was measured."""
    mine = axis_figures(frame, model)
    if not mine:
        return ""
    turning = [term("stability_axis", row["axis"]) for row, figure in mine if direction(figure) == "above"]
    return axes_words(texts(), model_name(model), turning, len(mine), listed(turning))


def axis_figures(frame: pd.DataFrame, model: str) -> list[tuple[dict[str, Any], Figure]]:
    """Each axis of ``model`` with its excess, judged together; ``frame`` comes from :func:`axis_frame`."""
    mine = frame[(frame["model_id"] == model) & ~frame["axis"].isin((AGAIN, "repeat"))]
    adjusted = benjamini_hochberg(mine["excess_p"].to_numpy(float)) if len(mine) else ()
    return [
        (row, Figure(row["excess"], row["excess_low"], row["excess_high"], float(p), len(mine), LEAST_EXCESS))
        for row, p in zip(mine.to_dict("records"), adjusted, strict=True)
    ]


def show_groups(scores: dict[str, pd.DataFrame], models: list[str], run: Source) -> None:
    """Flips by ambiguity class and by domain, over all ways of asking again."""
    left, right = st.columns(2)
    for place, kind in ((left, "ambiguity"), (right, "domain")):
        block = group_block(scores, models, kind, run)
        if block is None:
            continue
        shown = block.frame.assign(model_id=block.frame["series"], group=block.frame["label"])
        with place:
            explained = t("stability.ambiguity_help") if kind == "ambiguity" else ""
            show_finding(block, shown, ["model_id", "group", *SHARES, "n"], SHARES, help=explained)


def group_block(scores: dict[str, pd.DataFrame], models: list[str], kind: str, run: Source) -> Block | None:
    """Flips by ``kind``, ``ambiguity`` or ``domain``, as a chart; None where none was measured."""
    frame, finding = group_frame(scores, models, kind)
    return None if frame.empty else _block(f"stability_{kind}", finding, frame, run)


def group_frame(scores: dict[str, pd.DataFrame], models: list[str], kind: str) -> tuple[pd.DataFrame, str]:
    """Flips of ``models`` over all ways of asking again, by ``ambiguity`` or ``domain``, and their finding."""
    axes = scores["axes"]
    mine = axes[axes["model_id"].isin(models) & (axes["axis"] == AGAIN)].dropna(subset=["flips"])
    part = mine[mine["group_kind"] == kind]
    if part.empty:
        return part, ""
    words = [term("ambiguity", n) if kind == "ambiguity" else term("dilemma_domain", n) for n in part["group"]]
    named = part.assign(label=words, series=part["model_id"].map(model_name), look=part["model_id"].map(model_side))
    return named, _group_finding(part, models[0], kind)


def _group_finding(part: pd.DataFrame, model: str, kind: str) -> str:
    mine = part[part["model_id"] == model].set_index("group")
    written = {
        name: span(Figure(*(float(row[end]) for end in ("flips", "flips_low", "flips_high"))), shares())
        for name, row in mine.iterrows()
    }
    name = model_name(model)
    if kind == "ambiguity":
        if not {"low", "high"} <= set(written):
            return ""
        return t("stability.ambiguity_title", model=name, low=written["low"], high=written["high"])
    best, worst = (str(mine["flips"].idxmin()), str(mine["flips"].idxmax()))
    words = {"best": term("dilemma_domain", best), "worst": term("dilemma_domain", worst), "n": len(mine)}
    return t("stability.domain_title", model=name, best_share=written[best], worst_share=written[worst], **words)


def _block(key: str, finding: str, frame: pd.DataFrame, run: Source) -> Block:
    return Block(key, finding, lambda palette, t: flip_chart(frame, palette, t), frame, run.words, of=run.of)


def show_finding(
    block: Block, frame: pd.DataFrame, columns: list[str], shares: tuple[str, ...], *, help: str = "", folded: str = ""
) -> None:
    """The finding of the chart if it has one, the chart, its ``help``, and ``frame`` as its table."""
    if block.title:
        st.markdown(f"**{plain(block.title)}**")
    show_chart(block if block.title else block._replace(title=t("stability.title")))
    if help:
        st.caption(help)
    with fold(folded or t("details.table"), block.key) as opened:
        if opened:
            table(frame, columns, shares)
