"""Parts of the page on tuned models: the four quadrants, the training, and planted values."""

import pandas as pd
import streamlit as st

from core.charts.tuned import loss_lines, quadrant_points, shown_range
from core.findings.tuned.learned import MEASURES, WHO, Measure
from core.text import plain
from core.types import Card
from pages.parts.shared.chart_block import Block, show_chart, show_table
from pages.parts.shared.names import model_name, model_side
from pages.parts.shared.readings import State
from pages.parts.shared.texts import number, span, t, term
from pages.parts.tuned import data

CONTROLLED = "new_seen"
"""The quadrant in which the control tells most: it has seen these questions, and these countries nobody has."""


def show_quadrants(state: State, card: Card, known: dict[str, Card]) -> None:
    """The verdict of each quadrant in words, beside the control, the chart of one measure, and the table."""
    found = data.quadrants(state, card.id, card.weights_sha256)
    frame = found["frame"]
    if frame.empty:
        st.info(t("tuned.not_asked", name=plain(model_name(card.id))), icon=":material/help_center:")
        return
    for _, row in found["verdicts"].iterrows():
        st.markdown(f"- **{term('tuned_quadrant', row['quadrant'])}**: {_sentence(frame, row)}")
    for control in data.controls(card, known):
        _show_control(state, control)
    measure = st.segmented_control(
        t("tuned.measure"), MEASURES, format_func=lambda v: term("tuned_measure", v), key="tm", required=True
    )
    show_chart(quadrants_block(state, card, frame, measure))
    show_table(lambda: _table(frame), "tuned")


def quadrants_block(state: State, card: Card, frame: pd.DataFrame, measure: Measure) -> Block:
    """One measure by quadrant, before and after, beside what needs no model."""
    looks = {"before": card.base.origin.side, "after": model_side(card.id), "others": "others"}
    shown = frame[frame["measure"] == measure].assign(
        label=lambda rows: [term("tuned_quadrant", name) for name in rows["quadrant"]],
        series=lambda rows: [term("tuned_who", name) for name in rows["who"]],
        look=lambda rows: [looks.get(name, "people") for name in rows["who"]],
    )
    return Block(
        "tuned",
        t("tuned.chart_title", measure=term("tuned_measure", measure), name=model_name(card.id)),
        lambda palette, t: quadrant_points(shown, palette, t, term("tuned_measure", measure)),
        shown,
        t("representation.source"),
        note=" ".join([term("tuned_help", measure), *_clipped(shown)]),
        of=(state, card.id, card.weights_sha256, measure),
    )


def _show_control(state: State, control: Card) -> None:
    """What the same training reaches where each country is told with the answers of another one."""
    frame = data.quadrants(state, control.id, control.weights_sha256)["frame"]
    mine = frame[(frame["quadrant"] == CONTROLLED) & (frame["who"] == "after")] if len(frame) else frame
    if mine.empty:
        st.markdown(t("tuned.control_not_asked", name=plain(model_name(control.id))))
        return
    at = {measure: one for (measure,), one in mine.groupby(["measure"])}
    words = {"skill": _span(at["skill"]), "apart": _span(at["apart"], 3), "name": plain(model_name(control.id))}
    st.markdown(t("tuned.control", quadrant=term("tuned_quadrant", CONTROLLED), **words))


def _sentence(frame: pd.DataFrame, row: pd.Series) -> str:
    if row["verdict"] == "unknown":
        return term("tuned_verdict", "unknown")
    mine = frame[(frame["quadrant"] == row["quadrant"]) & frame["who"].isin(["before", "after"])]
    at = {(who, measure): one for (who, measure), one in mine.groupby(["who", "measure"])}
    words = {
        "before": _span(at["before", "skill"]),
        "after": _span(at["after", "skill"]),
        "apart": _span(at["after", "apart"], 3),
        "n": int(at["after", "skill"]["questions"].iloc[0]),
    }
    return " ".join([term("tuned_verdict", row["verdict"]), t("tuned.sentence", **words)])


def _span(rows: pd.DataFrame, digits: int = 2) -> str:
    one = rows.iloc[0]
    return span(one["value"], one["low"], one["high"], digits=digits, signed=True)


def _clipped(shown: pd.DataFrame) -> list[str]:
    """That some intervals are wider than the chart, where they are."""
    low, high = shown_range(shown)
    return [t("tuned.clipped")] if shown["low"].min() < low or shown["high"].max() > high else []


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    order = {name: place for place, name in enumerate(WHO)}
    rows = frame.assign(place=frame["who"].map(order)).sort_values(["measure", "quadrant", "place"], kind="stable")
    return pd.DataFrame(
        {
            t("tuned.measure"): [term("tuned_measure", name) for name in rows["measure"]],
            t("tuned.quadrant"): [term("tuned_quadrant", name) for name in rows["quadrant"]],
            t("tuned.who"): [term("tuned_who", name) for name in rows["who"]],
            t("alignment.value"): [
                span(value, low, high, digits=2, signed=True)
                for value, low, high in zip(rows["value"], rows["low"], rows["high"], strict=True)
            ],
            t("chart.questions"): rows["questions"],
            t("tuned.batteries"): rows["batteries"],
            t("tuned.countries"): rows["countries"],
        }
    )


def show_training(card: Card) -> None:
    """How the training went: what was trained on, the losses, and what the weights are."""
    apart = len(card.held_out["test_questions"])
    st.markdown(
        t(
            "tuned.training",
            prompts=card.prompts,
            step=card.kept,
            questions=len(card.seen["questions"]),
            countries=len(card.seen["countries"]),
            apart=t("tuned.kept_apart", n=apart) if apart else t("tuned.none_kept_apart"),
            megabytes=number(card.weights_bytes / 1e6, 2),
            minutes=number(card.seconds / 60, 1),
            device=plain(card.computed.device if card.computed.device != "cpu" else card.computed.processor),
        )
        + (" " + t("tuned.early") if card.stopped == "early" else "")
    )
    show_chart(losses_block(card))
    st.markdown(t("tuned.baselines"))
    st.dataframe(_baselines(card), hide_index=True)


def losses_block(card: Card) -> Block:
    """The divergence from people on each watched part while the model was taught."""
    rows = [
        (point.step, term("tuned_part", part), value) for point in card.losses for part, value in point.parts.items()
    ]
    frame = pd.DataFrame(rows, columns=["step", "series", "value"])
    return Block(
        "tuned_losses",
        t("tuned.losses_title", name=model_name(card.id)),
        lambda palette, t: loss_lines(frame, palette, t),
        frame,
        card.data,
        note=t("tuned.losses_help"),
        of=(card.id, card.weights_sha256),
    )


def _baselines(card: Card) -> pd.DataFrame:
    """The losses before and after beside what needs no model, on the same prompts."""
    first, kept = card.losses[0], next(point for point in card.losses if point.step == card.kept)
    columns = {
        term("tuned_who", "before"): first.parts,
        term("tuned_who", "after"): kept.parts,
        t("chart.uniform"): card.even,
        t("tuned.average"): card.average,
    }
    return pd.DataFrame(
        {
            t("tuned.part"): [term("tuned_part", part) for part in kept.parts],
            **{
                name: [number(values[part], 2) if part in values else "–" for part in kept.parts]
                for name, values in columns.items()
            },
        }
    )
