"""What is chosen: value win rates, and where rising stakes or a stated consequence change the choice."""

import pandas as pd
import streamlit as st

from core.audits.stability.values import LEAST_SHIFT
from core.charts.stability import switch_chart, win_chart
from core.findings.wording import Figure, consequence_words
from core.text import plain
from pages.parts.shared.chart_block import Block
from pages.parts.shared.names import model_name, model_side
from pages.parts.shared.texts import percent, t, term, texts
from pages.parts.stability.data import Source, written
from pages.parts.stability.overview import show_finding

SHARE = ("share", "low", "high")


def show_values(scores: dict[str, pd.DataFrame], models: list[str], run: Source) -> None:
    """How often each value wins on contested dilemmas, with intervals."""
    block = values_block(scores, models, run)
    if block is not None:
        shown = block.frame.assign(model_id=block.frame["series"], group=block.frame["value"], share=block.frame["win"])
        show_finding(block, shown, ["model_id", "group", *SHARE, "n"], SHARE)


def values_block(scores: dict[str, pd.DataFrame], models: list[str], run: Source) -> Block | None:
    """The wins of each value as a chart, in the order of the first model; None where nothing was contested."""
    values = scores["values"]
    mine = values[values["model_id"].isin(models) & (values["ambiguity"] == "high")].dropna(subset=["win"])
    if mine.empty:
        return None
    first = mine[mine["model_id"] == models[0]].sort_values("win", ascending=False)
    order = {name: place for place, name in enumerate(first["value"])}
    mine = mine.sort_values("value", key=lambda column: column.map(order), kind="stable")
    frame = mine.assign(
        value=[term("value", v) for v in mine["value"]],
        series=mine["model_id"].map(model_name),
        look=mine["model_id"].map(model_side),
    )
    finding = ""
    if len(first):
        top = first.iloc[0]
        words = {"value": term("value", top["value"]), "win": percent(top["win"])}
        finding = t("stability.values_title", model=model_name(models[0]), **words)

    def draw(palette, t):
        return win_chart(frame, palette, t)

    return Block("stability_values", finding, draw, frame, run.words, note=t("stability.values_help"), of=run.of)


def show_curve(scores: dict[str, pd.DataFrame], models: list[str], run: Source) -> None:
    """The switch curve over the steps of an escalation, in sequence and each alone."""
    block = curve_block(scores, models, run)
    if block is not None:
        shown = block.frame.assign(
            group=block.frame["series"], variant=block.frame["step"].astype(str), share=block.frame["p_b"]
        )
        show_finding(block, shown, ["group", "variant", *SHARE, "n"], SHARE)


def curve_block(scores: dict[str, pd.DataFrame], models: list[str], run: Source) -> Block | None:
    """The switch curve as a chart; None where no escalation was asked."""
    curve = scores["curve"]
    mine = curve[curve["model_id"].isin(models)].dropna(subset=["p_b"])
    if mine.empty:
        return None
    names = [
        term("stability_way", way, model=model_name(m)) for way, m in zip(mine["way"], mine["model_id"], strict=True)
    ]
    frame = mine.assign(series=names, look=mine["model_id"].map(model_side))
    lead = mine[(mine["model_id"] == models[0]) & (mine["way"] == "sequence")].sort_values("step")
    finding = ""
    if len(lead):
        ends = {"start": written(lead["p_b"].iloc[0]), "end": written(lead["p_b"].iloc[-1])}
        finding = t("stability.curve_title", model=model_name(models[0]), **ends)
    steps = scores["switches"]
    steps = steps[steps["model_id"] == models[0]]["step"]
    counts = {"never": int(steps.isna().sum()), "from_start": int((steps == 0).sum()), "n": len(steps)}

    def draw(palette, t):
        return switch_chart(frame, palette, t)

    note = t("stability.curve_help", **counts)
    return Block("stability_curve", finding, draw, frame, run.words, note=note, of=run.of)


def show_consequences(scores: dict[str, pd.DataFrame], models: list[str]) -> None:
    """In words: how far a certain consequence moves the choice."""
    for words in consequence_lines(scores["consequence"], models):
        st.markdown(plain(words))


def consequence_lines(told: pd.DataFrame, models: list[str]) -> list[str]:
    """One sentence for each model and consequence; p is adjusted over all rows of ``told``."""
    tests = int(told["p"].notna().sum())
    lines = []
    for line in told[told["model_id"].isin(models)].itertuples():
        names = {"model": model_name(line.model_id), "kind": term("stability_variant", line.consequence)}
        figure = Figure(line.shift, line.low, line.high, line.p_adjusted, tests, LEAST_SHIFT)
        lines.append(consequence_words(texts(), names, figure, int(line.n)))
    return lines
