"""Parts of the page on tuned models: the four quadrants, the training, and planted values."""

import pandas as pd
import streamlit as st

from core.charts.tuned import loss_lines, quadrant_points
from core.findings.tuned.learned import MEASURES, WHO
from core.findings.tuned.planted import PARTS
from core.text import plain
from core.types import Card
from pages.parts.shared.chart_block import Block, show_chart, show_table
from pages.parts.shared.names import country, model_name
from pages.parts.shared.readings import State
from pages.parts.shared.texts import number, span, t, term, ui_language
from pages.parts.tuned import data

AGE_GROUPS = ("18-29", "50+")


def show_quadrants(state: State, card: Card) -> None:
    """The verdict of each quadrant in words, the chart of one measure, and the table."""
    found = data.quadrants(state, card.id, card.weights_sha256)
    frame = found["frame"]
    if frame.empty:
        st.info(t("tuned.not_asked", name=plain(data.title(card, ui_language()))), icon=":material/help_center:")
        return
    for _, row in found["verdicts"].iterrows():
        st.markdown(f"- **{term('tuned_quadrant', row['quadrant'])}**: {_sentence(frame, row)}")
    measure = st.segmented_control(
        t("tuned.measure"), MEASURES, format_func=lambda v: term("tuned_measure", v), key="tm", required=True
    )
    shown = frame[frame["measure"] == measure].assign(
        label=lambda rows: [term("tuned_quadrant", name) for name in rows["quadrant"]],
        series=lambda rows: [term("tuned_who", name) for name in rows["who"]],
    )
    title = t("tuned.chart_title", measure=term("tuned_measure", measure), name=data.title(card, ui_language()))
    show_chart(
        Block(
            "tuned",
            title,
            lambda palette, t: quadrant_points(shown, palette, t, term("tuned_measure", measure)),
            shown,
            t("representation.source"),
            note=term("tuned_help", measure),
            of=(state, card.id, measure),
        )
    )
    show_table(lambda: _table(frame), "tuned")


def _sentence(frame: pd.DataFrame, row: pd.Series) -> str:
    if row["verdict"] == "unknown":
        return term("tuned_verdict", "unknown")
    mine = frame[(frame["quadrant"] == row["quadrant"]) & frame["who"].isin(["before", "after"])]
    at = {(who, measure): one for (who, measure), one in mine.groupby(["who", "measure"])}
    words = {
        "before": _span(at["before", "skill"]),
        "after": _span(at["after", "skill"]),
        "apart": _span(at["after", "apart"]),
        "n": int(at["after", "skill"]["questions"].iloc[0]),
    }
    return " ".join([term("tuned_verdict", row["verdict"]), t("tuned.sentence", **words)])


def _span(rows: pd.DataFrame) -> str:
    one = rows.iloc[0]
    return span(one["value"], one["low"], one["high"], digits=2, signed=True)


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
    st.markdown(
        t(
            "tuned.training",
            prompts=card.prompts,
            step=card.kept,
            questions=len(card.seen["questions"]),
            countries=len(card.seen["countries"]),
            kept_apart=len(card.held_out["test_questions"]),
            megabytes=number(card.weights_bytes / 1e6, 2),
            minutes=number(card.seconds / 60, 1),
            device=plain(card.computed.device if card.computed.device != "cpu" else card.computed.processor),
        )
        + (" " + t("tuned.early") if card.stopped == "early" else "")
    )
    rows = [
        (point.step, term("tuned_part", part), value) for point in card.losses for part, value in point.parts.items()
    ]
    frame = pd.DataFrame(rows, columns=["step", "series", "value"])
    title = t("tuned.losses_title", name=data.title(card, ui_language()))
    show_chart(
        Block(
            "tuned_losses",
            title,
            lambda palette, t: loss_lines(frame, palette, t),
            frame,
            card.data,
            note=t("tuned.losses_help"),
            of=(card.id, card.weights_sha256),
        )
    )


def show_planted(state: State, known: dict[str, Card]) -> None:
    """What the audits find in models whose values are known."""
    for name, card in known.items():
        trained = card.seen["countries"]
        if card.spec.get("told") != "nobody" or card.spec.get("group") or len(trained) != 1:
            continue
        for part in PARTS:
            found = data.rank(state, name, trained[0], part, card.weights_sha256)
            if found is not None:
                st.markdown("- " + _rank_sentence(card, part, trained[0], found))
    taught = [name for name, card in known.items() if card.spec.get("group") in AGE_GROUPS]
    if not taught:
        return
    place = known[taught[0]].seen["countries"][0]
    control = [name for name, card in known.items() if card.spec.get("shuffle")]
    weights = tuple(known[name].weights_sha256 for name in (*taught, *control))
    table = data.ages(state, (*taught, *control, known[taught[0]].base.id), place, weights)
    if not {*taught} & {*table["model_id"]}:  # those of the base alone say nothing about what was planted
        st.info(t("tuned.ages_not_asked"), icon=":material/help_center:")
        return
    st.markdown(t("tuned.ages", country=plain(country(place))))
    rows = table[table["group"].isin(AGE_GROUPS)]
    st.dataframe(
        pd.DataFrame(
            {
                t("chart.model"): [model_name(name) for name in rows["model_id"]],
                t("tuned.part"): [term("tuned_questions", part) for part in rows["part"]],
                t("tuned.group"): [term("age", group) for group in rows["group"]],
                t("tuned.net"): [
                    span(value, low, high, signed=True)
                    for value, low, high in zip(rows["net"], rows["low"], rows["high"], strict=True)
                ],
                t("chart.questions"): rows["questions"],
            }
        ),
        hide_index=True,
    )


def _rank_sentence(card: Card, part: str, place: str, found: data.Rank) -> str:
    sure = "first" if found.high == 1 else "near" if found.lead_low > 0 else "open"
    return term(
        "tuned_rank",
        sure,
        model=plain(data.title(card, ui_language())),
        part=term("tuned_questions", part),
        country=plain(country(place)),
        first=plain(country(found.first)),
        rank=found.rank,
        low=found.low,
        high=found.high,
        all=found.countries,
        lead=span(found.lead, found.lead_low, found.lead_high, signed=True),
        n=found.questions,
    )
