"""The choice of a trace: one question, and for each side a model, a person and a prompt language."""

import pandas as pd
import streamlit as st

from core.audits.traces.types import Unit
from core.errors import InputError
from core.types import AGES, EDUCATIONS, LANGUAGES, SEXES, Persona, Question
from pages.parts.shared import links, resources
from pages.parts.shared.model_notes import show_ending, show_missing
from pages.parts.shared.names import country, model_name, persona_label
from pages.parts.shared.question_picker import pick_from_bank, type_question
from pages.parts.shared.readings import State, known_traces, store_state
from pages.parts.shared.texts import t, term
from pages.parts.shared.who_picker import default_model

SIDES = ("a", "b")
MODES = ("bank", "own")
FIRST_QUESTION = "Q6"
"""A question with four options, so that the first trace is made soon."""
_PERSON = {"c": "CHN", "age": "18-29", "sex": "female", "edu": "", "lang": "en"}
DEFAULTS = {"a": _PERSON, "b": _PERSON}
"""Both sides begin as the same person, asked of two models."""
VALUES = {"age": AGES, "sex": SEXES, "edu": EDUCATIONS}
WORDS = {"age": "age", "sex": "sex", "edu": "education"}


def linked() -> dict[str, str | None]:
    """Widgets of the page that are in the URL, with their defaults."""
    sides = {f"{side}_{name}": value for side in SIDES for name, value in DEFAULTS[side].items()}
    models = {f"{side}_m": default_of(side) for side in SIDES}
    two = usual_count()
    return {"tq_mode": "bank", "topic": "any", "q": FIRST_QUESTION, "two": two, "stage": "all", **sides, **models}


def default_of(side: str) -> str:
    """The model that a side begins with: the first of the catalogue, beside it one of another origin with traces."""
    return default_model() if side == SIDES[0] else _beside(store_state())


@st.cache_data(show_spinner=False, max_entries=4)
def _beside(state: State) -> str:
    first, models = default_model(), resources.askable()
    traced = set(known_traces()["model_id"])
    others = [name for name in models if name in traced and models[name].origin.base != models[first].origin.base]
    return others[0] if others else first


def usual_count() -> str:
    """The number of sides at first: ``two`` where models of two origins have traces."""
    return "one" if default_of(SIDES[1]) == default_of(SIDES[0]) else "two"


def pick_trace_question() -> Question:
    """A question of the bank, or the user's own. Raises :class:`InputError` where it is not complete."""
    links.restore_one("tq_mode", MODES, MODES[0])
    mode = st.segmented_control(
        t("traces.mode"),
        MODES,
        format_func=lambda name: term("ask_mode", name),
        key="tq_mode",
        required=True,
        label_visibility="collapsed",
    )
    if mode == "own":
        return type_question()
    return pick_from_bank(FIRST_QUESTION)


def pick_side(side: str, question: Question) -> Unit:
    """One side's model, person and language. Raises :class:`InputError` for a person without attributes."""
    known = resources.askable()
    places = ["", *sorted(resources.survey().countries(), key=country)]
    links.restore_one(f"{side}_m", known, default_of(side))
    links.restore_one(f"{side}_c", places, DEFAULTS[side]["c"])
    for name, values in VALUES.items():
        links.restore_one(f"{side}_{name}", ("", *values), DEFAULTS[side][name])
    links.restore_one(f"{side}_lang", LANGUAGES, DEFAULTS[side]["lang"])
    model = st.selectbox(t("traces.model"), list(known), format_func=model_name, key=f"{side}_m")
    show_missing([known[model]])
    show_ending([known[model]])
    one, two = st.columns(2)
    place = one.selectbox(
        term("attribute", "country"),
        places,
        format_func=lambda v: country(v) if v else t("traces.any"),
        key=f"{side}_c",
    )
    chosen = {}
    for box, name in ((two, "sex"), (one, "age"), (two, "edu")):
        chosen[name] = box.selectbox(
            term("attribute", WORDS[name]),
            ("", *VALUES[name]),
            format_func=lambda v, family=WORDS[name]: term(family, v) if v else t("traces.any"),
            key=f"{side}_{name}",
        )
    language = st.segmented_control(
        t("traces.language"),
        LANGUAGES,
        format_func=lambda name: term("language", name),
        key=f"{side}_lang",
        required=True,
    )
    persona = Persona(
        country=place or None, age=chosen["age"] or None, sex=chosen["sex"] or None, education=chosen["edu"] or None
    )
    if persona.is_empty:
        raise InputError(t("traces.no_person"), t("traces.no_person_hint"))
    return Unit(model=known[model], persona=persona, question=question, language=language or "en")


def copy_side(source: str, target: str) -> None:
    """Make one side the same as the other, to pin the right side."""
    for name in ("m", *DEFAULTS[source]):
        st.session_state[f"{target}_{name}"] = st.session_state[f"{source}_{name}"]


def side_label(unit: Unit) -> str:
    """“SmolLM2 135M · China · woman · English”."""
    return f"{model_name(unit.model.id)} · {persona_label(unit.persona)} · {term('language', unit.language)}"


def open_first(known: pd.DataFrame) -> None:
    """Callback: show the first of the stored traces ``known`` whose question and model are available."""
    bank = resources.questions()
    mine = known[known["question_id"].isin(bank) & known["model_id"].isin(resources.askable())]
    if mine.empty:
        return
    first = mine.iloc[0]
    parts = dict(zip(("c", "age", "sex", "edu"), first["persona"].split("|"), strict=True))
    chosen = {"m": first["model_id"], "lang": first["language"], **parts}
    st.session_state.update({f"a_{name}": value for name, value in chosen.items()})
    st.session_state.update({"tq_mode": "bank", "topic": "any", "q": first["question_id"], "two": "one"})
