"""What the Alignment page shows, computed once per state of the store."""

import pandas as pd
import streamlit as st

from core.audits.alignment import by_trait, floors, persona_key, question_scores, skills
from core.audits.option_table import answers_of
from core.types import Persona
from pages.components import resources
from pages.components.representation_data import PLAIN, readings

State = tuple[tuple[str, int], ...]


@st.cache_data(show_spinner=False, max_entries=16)
def scores(state: State, language: str, asked: str) -> pd.DataFrame:
    """One row per model, country and question; countries are those that any model was asked as."""
    table = readings(state, language=language, told=PLAIN)
    countries = sorted({c for c in (Persona.from_key(key).country for key in table["persona"].unique()) if c})
    countries = [c for c in countries if persona_key(c, "country") in set(table["persona"])]
    answers = {model: answers_of(table, model, language) for model in table["model_id"].unique()}
    return question_scores(answers, resources.survey(), countries, "none" if asked == "none" else "country")


@st.cache_data(show_spinner=False, max_entries=64)
def matrix(state: State, language: str, asked: str, topic: str) -> pd.DataFrame:
    """Skill of each model in each country over the questions of ``topic``, with the noise floor of the country."""
    mine = _of_topic(scores(state, language, asked), topic)
    found = skills(mine)
    return found.merge(floors(mine, resources.survey()), on="country", how="left") if len(found) else found


@st.cache_data(show_spinner=False, max_entries=64)
def topic_skills(state: State, language: str, asked: str, model: str, country: str) -> pd.DataFrame:
    """Skill of one model in one country, topic by topic."""
    mine = scores(state, language, asked)
    mine = mine[(mine["model_id"] == model) & (mine["country"] == country)]
    return skills(mine, ("topic",))


@st.cache_data(show_spinner=False, max_entries=64)
def trait_skills(state: State, language: str, asked: str, topic: str, trait: str) -> pd.DataFrame:
    """Skill of each model by size, tuning or family."""
    return by_trait(_of_topic(scores(state, language, asked), topic), resources.models(), trait)


def _of_topic(frame: pd.DataFrame, topic: str) -> pd.DataFrame:
    return frame if topic == "any" else frame[frame["topic"] == topic]
