"""The layers of the map: answers of people, an index, or the distance to a model."""

from typing import Literal, cast

import numpy as np
import streamlit as st

from core.charts.world import Look
from core.findings.world import BASIS, Basis, Index
from core.surveys import SHIPPED
from core.text import plain
from core.types import DEFAULT_KINDS, LANGUAGES, Language, Question
from pages.parts.shared import links, resources
from pages.parts.shared.chart_block import draw_ahead
from pages.parts.shared.kinds import Kinds, pick_kinds
from pages.parts.shared.names import model_name, survey_name
from pages.parts.shared.readings import State
from pages.parts.shared.texts import listed, number, percent, span, t, term, ui_language
from pages.parts.world import data
from pages.parts.world.view import Layer, map_block
from pages.parts.world.words import ends, extremes, group_name, overlay_words

STEP = 0.05
DRAWN: tuple[Literal["distance", "net"], ...] = ("distance", "net")


def people_layer(question: Question, group: str, option: int | None) -> Layer:
    """Answers of ``group`` to ``question``; its colours range from the lowest to the highest whole country."""
    frame, whole = (data.people(question.id, name, option).assign(mark="") for name in (group, "all"))
    low, high = whole["value"].min(), whole["value"].max()
    reach = float(np.floor(low / STEP) * STEP), float(np.ceil(high / STEP) * STEP)
    name, legend = question.short.get(ui_language()), ends(question, option)
    more = [t("world.asked", n=len(frame), group=group_name(group), mean=percent(frame["value"].mean()))]
    if group != "all":
        more.append(t("world.fewer", known=len(frame), asked=len(whole)))
    source = listed(survey_name(one) for one in dict.fromkeys(frame["survey"]))
    title = extremes(frame, name, as_percent=True) if len(frame) else name
    of = ("people", question.id, group, option)
    return Layer(frame, title, legend, reach, "more", True, source, of, more, name)


def index_layer(index: Index) -> Layer:
    """An index of places."""
    frame = data.index(index).assign(mark="")
    name = term("world_index", index)
    reach = float(frame["value"].min()), float(frame["value"].max())
    source = t("map.official_source") if index in ("secular", "expression") else survey_name(SHIPPED)
    title = extremes(frame, name, as_percent=False)
    made = Layer(frame, title, name, reach, "more", False, source, ("index", index), [], name)
    return made._replace(study="people") if index in ("secular", "expression") else made


def model_layer(state: State, languages: list[Language]) -> Layer | None:
    """The widgets of an overlay, and the places by their distance to the chosen model."""
    languages = languages or [*LANGUAGES]  # the published models were asked in both
    links.restore_one("wl", languages, languages[0])
    language = cast(Language, st.session_state["wl"])
    known = set(data.known_models(state))
    asked = data.models_by_basis(state, language)
    models = [name for name in dict.fromkeys(name for basis in BASIS for name in asked[basis]) if name in known]
    if not models:
        return None
    links.restore_one("wm", models, data.FIRST_MODEL if data.FIRST_MODEL in models else models[0])
    if st.session_state["wm"] not in models:
        st.session_state["wm"] = models[0]
    links.restore_one("wd", DRAWN, DRAWN[0])
    left, right = st.columns([2, 1])
    model = left.selectbox(t("chart.model"), models, format_func=model_name, key="wm")
    if len(languages) > 1:
        right.segmented_control(
            t("ask.languages"), languages, format_func=lambda v: term("language", v), key="wl", required=True
        )
    bases = [basis for basis in BASIS if model in asked[basis]]
    links.restore_one("wb", bases, bases[0])
    if len(bases) > 1:
        st.segmented_control(
            t("world.basis"), bases, format_func=lambda v: term("world_basis", v), key="wb", required=True, wrap=True
        )
    basis = cast(Basis, st.session_state["wb"] if st.session_state["wb"] in bases else bases[0])
    drawn = st.segmented_control(
        t("world.drawn_as"), DRAWN, format_func=lambda v: term("world_drawn", v), key="wd", required=True, wrap=True
    )
    # The 19 questions of the study are values, all of them.
    kinds = pick_kinds() if basis == "measured" else DEFAULT_KINDS
    return _overlay(state, basis, language, model, model_name(model), drawn, kinds)


def _overlay(state: State, basis: Basis, language: str, model: str, name: str, drawn: str, kinds: Kinds) -> Layer:
    found = data.overlay(state, basis, language, model, kinds)
    places, total = found.places, len(found.places)
    ends_at = {*range(1, data.NEAR + 1), *range(total - data.NEAR + 1, total + 1)}
    net = drawn == "net"
    frame = places.rename(columns={"name": "country", "low": "d_low", "high": "d_high"}).assign(
        value=places["net"] if net else places["distance"],
        low=places["net_low"] if net else places["low"],
        high=places["net_high"] if net else places["high"],
        mark=[str(rank) if rank in ends_at and not net else "" for rank in places["rank"]],
        questions=found.questions,
        rank_words=[
            f"{rank} [{low}, {high}]"
            for rank, low, high in zip(places["rank"], places["rank_low"], places["rank_high"], strict=True)
        ],
        even_words=[
            t(
                "world.even_words",
                even=number(row["even"], 2),
                net=span(row["net"], row["net_low"], row["net_high"], 2, signed=True),
            )
            for _, row in places.iterrows()
        ],
    )
    reach = (-found.most_net, found.most_net) if net else found.distances
    look: Look = "either" if net else "nearer"
    legend = t("world.net_legend") if net else t("world.distance_legend")
    first, *more = overlay_words(found, plain(name))
    of = ("model", state, basis, language, model, drawn, kinds)
    source = t("world.model_source") if basis == "justifiable" else survey_name(SHIPPED)
    made = Layer(frame, first, legend, reach, look, False, source, of, more, legend)
    return made._replace(study="justifiable") if basis == "justifiable" else made


def prepare() -> None:
    """Compute and draw the first view of the page."""
    data.prepare()
    question = resources.questions()[data.FIRST_QUESTION]
    draw_ahead([map_block(people_layer(question, "all", None))])
