"""The questions and texts that the stages of a reasoning trace ask.

Every closed decision is a :class:`~core.types.Question`, so it is measured like any other question. What earlier stages
found is told to the model as lines about the person (``Cell.detail``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.once import once
from core.surveys.countries import country_name
from core.types import LANGUAGES, Language, LocalText, Option, Persona, Question, digest

VERSION = "mark-1"
TOPIC = "mark"
LEVELS = ("none", "low", "medium", "high", "extreme")
FLAGS = ("supported", "distorted")
FUNCTIONS = ("Se", "Si", "Ne", "Ni", "Te", "Ti", "Fe", "Fi")
FEATURES = ("country", "sex", "age", "education")
LONGEST_PROFILE = 600
"""Most characters of a written profile that later stages are told."""

_FOLDER = Path(__file__).resolve().parent / "templates"


@once
def _template(version: str) -> dict[str, Any]:
    with (_FOLDER / f"{version}.toml").open("rb") as file:
        return tomllib.load(file)


def _words(language: Language) -> dict[str, Any]:
    found: dict[str, Any] = _template(VERSION)[language]
    return found


def _both(template: str, /, **values: Mapping[Language, str]) -> LocalText:
    texts = {
        language: _words(language)[template].format(**{key: value[language] for key, value in values.items()})
        for language in LANGUAGES
    }
    return LocalText.model_validate(texts)


def _entries(family: str, names: Sequence[str]) -> tuple[Option, ...]:
    return tuple(
        Option(
            code=code,
            text=LocalText.model_validate({language: _words(language)[family][name] for language in LANGUAGES}),
        )
        for code, name in enumerate(names, start=1)
    )


def _question(
    step: str, short: LocalText, stem: LocalText, options: tuple[Option, ...], ordinal: bool = False
) -> Question:
    return Question(
        id=f"mark-{step}-{digest([stem.en, stem.zh], 8)}",
        topic=TOPIC,
        short=short,
        stem=stem,
        options=options,
        scale="ordinal" if ordinal else "nominal",
        polarity=1 if ordinal else 0,
    )


def features_of(persona: Persona) -> tuple[str, ...]:
    """The attributes that are given for this person, in a fixed order."""
    return tuple(name for name in FEATURES if getattr(persona, name))


def feature_text(persona: Persona, name: str, language: Language) -> str:
    """One attribute in words, such as “Age: between 18 and 29.”"""
    words = _template("options-1")[language]
    value = getattr(persona, name)
    told = country_name(value, language) if name == "country" else words["values"][value]
    return f"{words[name].format(value=told)}{'.' if language == 'en' else '。'}"


def stress_question(persona: Persona, name: str) -> Question:
    """Stage 1: how much stress one attribute causes; options :data:`LEVELS`."""
    features: dict[Language, str] = {language: feature_text(persona, name, language) for language in LANGUAGES}
    names: dict[Language, str] = {language: _words(language)["features"][name] for language in LANGUAGES}
    short = _both("stress_short", name=names)
    return _question(f"stress-{name}", short, _both("stress_stem", feature=features), _entries("levels", LEVELS), True)


def profile_text(language: Language) -> str:
    """Stage 1, open: the request for a short profile of the person's life."""
    return str(_words(language)["profile_ask"])


def function_question(step: str) -> Question:
    """Stage 2: ``dominant`` or ``auxiliary``; options :data:`FUNCTIONS`."""
    stem = _both(f"{step}_stem")
    return _question(step, stem, stem, _entries("functions", FUNCTIONS))


def situation_question(question: Question, function: str) -> Question:
    """Stage 3a: whether a function is supported or distorted at this question; options :data:`FLAGS`."""
    stems: dict[Language, str] = {language: question.stem.get(language) for language in LANGUAGES}
    words: dict[Language, str] = {language: function_text(function, language) for language in LANGUAGES}
    stem = _both("situation_stem", stem=stems, function=words)
    return _question(f"situation-{function}", stem, stem, _entries("flags", FLAGS))


def function_text(function: str, language: Language) -> str:
    """The description of a cognitive function."""
    return str(_words(language)["functions"][function])


def context(persona: Persona, levels: Mapping[str, str], profile: str, language: Language) -> str:
    """The lines about the person that tell what stage 1 found; empty where it found nothing."""
    words = _words(language)
    lines = [
        words["stress_line"].format(feature=feature_text(persona, name, language), level=words["levels"][level])
        for name, level in levels.items()
    ]
    told = " ".join(profile.split())[:LONGEST_PROFILE]
    parts = [words["stress_heading"], *lines] if lines else []
    return "\n".join([*parts, words["profile_line"].format(profile=told)] if told else parts)


def as_function(before: str, function: str, distorted: bool, language: Language) -> str:
    """Stage 3b: the text ``before``, then the function with which the model is to answer."""
    words = _words(language)
    lines = [words["function_line"].format(function=function_text(function, language))]
    if distorted:
        lines.append(words["distorted_line"])
    return "\n".join([before, *lines] if before else lines)


def as_trace(before: str, leanings: Sequence[tuple[str, float, str]], language: Language) -> str:
    """Stage 4: the text ``before``, then each function with its weight (0..1) and the option that it prefers."""
    words = _words(language)
    lines = [
        words["trace_line"].format(function=function_text(name, language), weight=f"{weight:.0%}", option=option)
        for name, weight, option in leanings
    ]
    return "\n".join([*([before] if before else []), words["trace_heading"], *lines])


def explain_text(question: Question, option: str, language: Language) -> str:
    """Stage 4, open: the request for an explanation of the answer."""
    text: str = _words(language)["explain_ask"].format(stem=question.stem.get(language), option=option)
    return text
