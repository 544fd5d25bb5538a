"""The chart of each step of the lesson, with its title, its note and its source."""

import pandas as pd
import streamlit as st

from core.brief.model import Draw
from core.charts.lesson import interval_dots, order_dots
from core.charts.representation import gap_chart
from core.findings.lesson import GROUPS_OF, LEAST_DIFFERENCE, ORDER_QUESTION, PUBLICS, QUESTION_RUN, WAVES, Lesson
from core.findings.tuned.taught import MODEL as TAUGHT
from core.findings.tuned.taught import RUN as TAUGHT_RUN
from core.stats import Estimate
from pages.parts.learn.data import State, shipped_state
from pages.parts.shared import resources
from pages.parts.shared.chart_block import Block
from pages.parts.shared.names import country, labelled_groups, model_name, model_side
from pages.parts.shared.texts import listed, number, percent, t, term, ui_language


def block_of(step: str, found: Lesson) -> Block:
    """The chart of a step."""
    return _kept(step, shipped_state(), ui_language(), found)


@st.cache_resource(show_spinner=False, max_entries=32)
def _kept(step: str, state: State, language: str, _found: Lesson) -> Block:
    """The chart of a step, made once for all pupils."""
    return MADE[step](_found)._replace(of=(state,))


def _block(step: str, title: str, note: str, draw: Draw, frame: pd.DataFrame, found: Lesson) -> Block:
    model = model_name(found.model_id)
    source = t("learn.source", model=model, run=QUESTION_RUN)
    if step == "taught":
        source = t("learn.source", model=model_name(TAUGHT), run=TAUGHT_RUN)
    if step == "dilemmas":
        source = t("learn.source_dilemmas", model=model, run=listed(WAVES))
    return Block(f"learn_{step}", title, draw, frame, source, alt=note, note=note)


def _order(found: Lesson) -> Block:
    order = found.order
    question = resources.questions()[ORDER_QUESTION]
    texts = {option.code: option.text.get(ui_language()) for option in question.options}
    rows = order.rows.assign(
        option=order.rows["code"].map(texts),
        is_first=order.rows["place"] == 0,
        printed=order.rows["place"] + 1,
        even=1 / len(texts),
    )
    rows = rows.assign(rank=rows["code"].map(list(texts).index)).sort_values(["rank", "printed"], kind="stable")
    frame = rows[["option", "share", "printed", "even"]].assign(
        first=rows["is_first"],
        stood=[t("learn.stood_first") if first else t("learn.stood_later") for first in rows["is_first"]],
    )
    title = term("learn_order_title", order.outcome, n=order.orders, winners=order.winners)
    bias = order.bias
    note = t(
        "learn.order_note",
        even=percent(1 / len(texts)),
        bias=number(bias.mean * 100, 1, signed=True),
        low=number(bias.low * 100, 1, signed=True),
        high=number(bias.high * 100, 1, signed=True),
        n=bias.n,
    )
    table = frame.pivot_table(index="option", columns="printed", values="share", sort=False)
    table.columns = [t("learn.printed_at", place=place) for place in table.columns]
    shown = table.round(3).rename_axis(t("chart.option")).reset_index()
    return _block("order", title, note, lambda palette, words: order_dots(frame, palette, words), shown, found)


def _dots(step: str, frame: pd.DataFrame, title: str, note: str, axis: str, share: bool, found: Lesson) -> Block:
    shown = frame.drop(columns="look").rename(
        columns={
            "label": t("learn.row"),
            "series": t("learn.series"),
            "value": t("learn.value"),
            "low": t("chart.low"),
            "high": t("chart.high"),
            "n": t("learn.n"),
        }
    )
    return _block(
        step,
        title,
        note,
        lambda palette, words: interval_dots(frame, palette, words, axis, share),
        shown.round(3),
        found,
    )


def _persona(found: Lesson) -> Block:
    rows = found.persona
    people, side = rows["pair"] == "people", model_side(found.model_id)
    frame = rows.assign(
        label=[term("learn_pair", pair) for pair in rows["pair"]],
        series=[t("learn.people") if real else t("learn.model") for real in people],
        look=["people" if real else side for real in people],
    )[["label", "series", "look", "value", "low", "high", "n"]]
    value = rows.set_index("pair")["value"]
    title = t("learn.persona_title", model=percent(value["CHN_USA"], 1), people=percent(value["people"]))
    note = t("learn.persona_note", n=int(rows["n"].iloc[0]))
    return _dots("persona", frame, title, note, t("learn.persona_axis"), True, found)


def _publics(found: Lesson) -> Block:
    lesson = found.publics
    looks = {"model": model_side(found.model_id), "uniform": "baseline", "others": "others"}
    series = {"model": t("learn.model"), "uniform": t("chart.uniform"), "others": t("chart.others")}
    frame = lesson.rows.assign(
        label=[t("people.country", country=country(iso3)) for iso3 in lesson.rows["country"]],
        series=lesson.rows["who"].map(series),
        look=lesson.rows["who"].map(looks),
    )[["label", "series", "look", "value", "low", "high", "n"]]
    far = lesson.rows.set_index(["who", "country"])["value"]
    places = {f"{who}_{iso3.lower()}": number(far[who, iso3], 2) for who in ("model", "uniform") for iso3 in PUBLICS}
    title = term("learn_publics_title", lesson.outcome, least=number(LEAST_DIFFERENCE, 2), **places)
    note = t("learn.publics_note", lean=_span(lesson.lean), even=_span(lesson.even_lean), n=lesson.lean.n)
    return _dots("publics", frame, title, note, t("chart.distance"), False, found)


def _dilemmas(found: Lesson) -> Block:
    lesson = found.dilemmas
    frame = lesson.rows.assign(
        label=[term("learn_change", change) for change in lesson.rows["change"]],
        series=t("learn.model"),
        look=model_side(found.model_id),
    )[["label", "series", "look", "value", "low", "high", "n"]]
    share = lesson.rows.set_index("change")["value"]
    title = t("learn.dilemmas_title", n=lesson.turned, total=lesson.total, words=percent(share["paraphrase"], 1))
    note = t("learn.dilemmas_note", again=percent(share["again"], 1), total=lesson.total, aside=lesson.aside)
    return _dots("dilemmas", frame, title, note, t("learn.dilemmas_axis"), True, found)


def _groups(found: Lesson) -> Block:
    lesson = found.groups
    groups = labelled_groups(lesson.groups)
    title = term(
        "learn_groups_title",
        lesson.outcome,
        country=country(GROUPS_OF),
        further=term("group", lesson.further),
        nearer=term("group", lesson.nearer),
        gap=number(lesson.gap.mean, 3),
        low=number(lesson.gap.low, 3),
        high=number(lesson.gap.high, 3),
    )
    note = t("learn.groups_note", average=number(lesson.average, 2), even=number(lesson.even, 3), n=lesson.gap.n)
    shown = pd.DataFrame(
        {
            t("representation.group"): groups["label"],
            t("chart.distance"): groups["distance"],
            t("representation.gap"): groups["gap"],
            t("chart.low"): groups["gap_low"],
            t("chart.high"): groups["gap_high"],
            t("representation.gap_even"): groups["gap_even"],
            t("learn.n"): groups["questions"],
        }
    ).round(3)
    return _block("groups", title, note, lambda palette, words: gap_chart(groups, palette, words), shown, found)


def _taught(found: Lesson) -> Block:
    lesson = found.taught
    rank, name = lesson.rank, country(lesson.country)
    when = {"before": t("learn.taught_before"), "after": t("learn.taught_after")}
    to = {"taught": t("learn.taught_to", country=name), "others": t("learn.taught_others")}
    looks = {"taught": model_side(TAUGHT), "others": "others"}
    frame = lesson.rows.assign(
        label=lesson.rows["when"].map(when), series=lesson.rows["to"].map(to), look=lesson.rows["to"].map(looks)
    )[["label", "series", "look", "value", "low", "high", "n"]]
    title = term("learn_taught_title", lesson.outcome, country=name, rank=rank.rank, all=rank.countries)
    note = t(
        "learn.taught_note",
        n=rank.questions,
        country=name,
        lead=_span(Estimate(rank.lead, rank.lead_low, rank.lead_high, rank.questions)),
        rank=rank.rank,
        low=rank.low,
        high=rank.high,
        all=rank.countries,
        first=country(rank.first),
    )
    return _dots("taught", frame, title, note, t("learn.taught_axis"), False, found)


def _span(found: Estimate) -> str:
    mean, low, high = (number(value, 3, signed=True) for value in (found.mean, found.low, found.high))
    return f"{mean} [{low}, {high}]"


MADE = {
    "order": _order,
    "persona": _persona,
    "publics": _publics,
    "dilemmas": _dilemmas,
    "groups": _groups,
    "taught": _taught,
}
