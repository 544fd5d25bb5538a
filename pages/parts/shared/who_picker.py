"""Widgets to choose models, personas and prompt languages."""

from itertools import product

import streamlit as st

from core.audits.citizens.people import joint
from core.types import AGES, EDUCATIONS, LANGUAGES, SEXES, Language, Model, Persona
from pages.parts.shared import links, resources
from pages.parts.shared.model_notes import here_first, show_ending, show_fetching, show_missing
from pages.parts.shared.names import country, model_name
from pages.parts.shared.texts import t, term

DEFAULT_COUNTRIES = ("CHN", "USA")
MOST_PERSONAS = 12
MOST_MODELS = 5


def default_model() -> str:
    """Id of the built-in model: the first of the catalogue."""
    return next(iter(resources.models()))


def pick_models() -> list[Model]:
    """The models to ask, those on this computer first; once something is chosen, at least one."""
    known = resources.askable()
    names = {name: model_name(name) for name in known}
    if (built_in := default_model()) in names:
        names[built_in] = t("ask.built_in", name=names[built_in])
    links.restore_many("m", known, [default_model()], MOST_MODELS)
    chosen = st.multiselect(
        t("ask.models"),
        here_first(known),
        format_func=names.__getitem__,
        placeholder=t("app.choose"),
        select_all=False,
        key="m",
        max_selections=MOST_MODELS,
        help=t("ask.models_help"),
    )
    models = [known[name] for name in chosen]
    show_missing(models)
    show_fetching(models)
    show_ending(models)
    return models


def pick_languages() -> tuple[Language, ...]:
    """The chosen prompt languages, in a fixed order."""
    links.restore_many("lang", LANGUAGES, ["en"])
    chosen = st.pills(
        t("ask.languages"),
        LANGUAGES,
        selection_mode="multi",
        format_func=lambda name: term("language", name),
        key="lang",
        help=t("ask.languages_help"),
    )
    return tuple(language for language in LANGUAGES if language in chosen)


def pick_countries() -> list[str]:
    """The chosen countries, among those whose people the survey knows by age, sex and education."""
    countries = sorted(joint(), key=country)
    links.restore_many("country", countries, DEFAULT_COUNTRIES, MOST_PERSONAS)
    st.session_state["country"] = [name for name in st.session_state["country"] if name in countries]
    return st.multiselect(
        t("ask.countries"),
        countries,
        format_func=country,
        key="country",
        max_selections=MOST_PERSONAS,
        select_all=False,
    )


def pick_personas() -> list[Persona]:
    """All combinations of the chosen attributes, without the empty persona."""
    countries = sorted(resources.survey().countries(), key=country)
    links.restore_many("country", countries, DEFAULT_COUNTRIES, MOST_PERSONAS)
    links.restore_many("age", AGES, [])
    links.restore_many("sex", SEXES, [])
    links.restore_many("edu", EDUCATIONS, [])
    where, age, sex, edu = st.columns([2, 1, 1, 1])
    places = where.multiselect(
        t("ask.countries"),
        countries,
        format_func=country,
        placeholder=t("app.choose"),
        select_all=False,
        key="country",
        max_selections=MOST_PERSONAS,
    )
    ages = age.multiselect(
        t("ask.ages"),
        AGES,
        format_func=lambda v: term("age", v),
        placeholder=t("app.choose"),
        select_all=False,
        key="age",
    )
    sexes = sex.multiselect(
        t("ask.sexes"),
        SEXES,
        format_func=lambda v: term("sex", v),
        placeholder=t("app.choose"),
        select_all=False,
        key="sex",
    )
    schools = edu.multiselect(
        t("ask.educations"),
        EDUCATIONS,
        format_func=lambda v: term("education", v),
        placeholder=t("app.choose"),
        select_all=False,
        key="edu",
    )
    combinations = product(places or [None], ages or [None], sexes or [None], schools or [None])
    personas = [Persona(country=c, age=a, sex=s, education=e) for c, a, s, e in combinations]
    return [persona for persona in personas if not persona.is_empty]


LINKED: dict[str, str | list[str] | None] = {
    "mode": "bank",
    "topic": "any",
    "q": "Q164",
    "lang": ["en"],
    "country": list(DEFAULT_COUNTRIES),
    "age": [],
    "sex": [],
    "edu": [],
}
"""The widgets of the Probe page that are in the URL, with their defaults; the catalogue gives the default model."""
