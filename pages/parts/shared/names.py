"""Names of personas, models, runs and answers in the reader's language."""

from typing import TYPE_CHECKING

import pandas as pd

from core import i18n
from core.errors import InputError
from core.findings.china_west.answers import PUBLISHED
from core.surveys import every_survey
from core.surveys.countries import country_name
from core.text import visible
from core.types import Origin, Persona, Reference, Side
from pages.parts.shared import resources
from pages.parts.shared.texts import listed, t, term, ui_language

if TYPE_CHECKING:
    from core.audits.alignment.audit import Reading


def country(iso3: str) -> str:
    """The name of a country or territory; its code where no list has it, as in some surveys and imported runs."""
    try:
        return country_name(iso3, ui_language())
    except InputError:
        return iso3


def origin_words(origin: Origin) -> str:
    """The origin of a model: one word, or the origins of the base model and of its tuning where they differ."""
    parts = dict.fromkeys((origin.base, origin.tuner))
    return "/".join(word("origin_choice", part) for part in parts)


def run_title(run_id: str, title: str, kind: str) -> str:
    """The title of a run. Titles of shipped runs and those made by the app are in the reader's language."""
    if f"run_title.{run_id}" in i18n.catalogue():
        return term("run_title", run_id)
    english = i18n.texts()
    own = {
        english("probe.run_title"): t("probe.run_title"),
        english("traces.run_title"): t("traces.run_title"),
        "": word("run_kind", kind),
    }
    return own.get(title) or visible(title)


def word(family: str, value: str) -> str:
    """The word for ``value`` of a family; the value itself where a plug-in added it."""
    return term(family, value) if f"{family}.{value}" in i18n.catalogue() else value.replace("_", " ")


def survey_name(survey_id: str) -> str:
    """The name of a survey or private reference: in the reader's language where there is one, else its own title."""
    if f"survey.{survey_id}" in i18n.catalogue():
        return term("survey", survey_id)
    titles = {survey.id: survey.title for survey in every_survey().parts}
    return visible(titles.get(survey_id, survey_id))


def persona_label(persona: Persona) -> str:
    """The persona in words, “China · woman · 18–29”; the empty persona has a phrase of its own."""
    if persona.is_empty:
        return t("persona.none")
    parts = [country(persona.country)] if persona.country else []
    parts += [term(name, getattr(persona, name)) for name in ("sex", "age", "education") if getattr(persona, name)]
    return " · ".join(parts)


def group_label(reference: Reference) -> str:
    """The group of people of a reference in words."""
    name = country(reference.country)
    if reference.dimension == "all":
        return t("people.country", country=name)
    words = listed(term("group", part) for part in reference.group.split("|"))
    return t("people.group", country=name, group=words)


def series_label(reading: "Reading", many_languages: bool) -> str:
    """The name of an answer in a chart: model, language where there are two, and whether there was no persona."""
    name = model_name(reading.model_id)
    if many_languages:
        name = f"{name} ({term('language', reading.language)})"
    return t("series.twin", name=name) if reading.persona.is_empty else t("series.persona", name=name)


def model_name(model_id: str, given: str = "") -> str:
    """The name of a model in the reader's language; the only way in which a page names one.

    A model that is neither in the catalogue nor of the session, such as a published one, has the name ``given``, else
    its id.
    """
    model = resources.model(model_id)
    return model.name_in(ui_language()) if model else given or model_id.removeprefix(PUBLISHED)


def ranked_names(table: pd.DataFrame) -> pd.DataFrame:
    """A table of :func:`core.findings.world.ranked_models` with ``group``, as a chart of nearness takes it.

    Added are ``label`` (a model or a baseline), ``group_name`` and ``ranks`` in words.
    """
    return table.assign(
        label=[
            term("country_baseline", name) if group == "baseline" else model_name(name)
            for name, group in zip(table["name"], table["group"], strict=True)
        ],
        group_name=[term("cw_group", group) for group in table["group"]],
        ranks=[
            f"{rank} [{low}, {high}]"
            for rank, low, high in zip(table["rank"], table["rank_low"], table["rank_high"], strict=True)
        ],
    )


def model_side(model_id: str) -> Side:
    """The side of a model, which decides its look in a chart; ``other`` where the model is not known."""
    model = resources.model(model_id)
    return model.origin.side if model else "other"


def group_words(group: str) -> str:
    """A group in words: “18–29, women” for ``18-29|female``."""
    return listed(term("group", part) for part in group.split("|"))


def labelled_groups(groups: pd.DataFrame) -> pd.DataFrame:
    """``groups`` with a column of the words that a chart shows."""
    words = groups["group"].map({group: group_words(group) for group in groups["group"].unique()})
    ways = {told: term("told", told) for told in groups["told"].unique()}
    named = {verdict: term("verdict", verdict) for verdict in ("none", "further", "nearer")}
    verdicts = [
        named["none" if not flagged else "further" if gap > 0 else "nearer"]
        for flagged, gap in zip(groups["flagged"], groups["net"], strict=True)
    ]
    return groups.assign(
        key=groups["dimension"] + ":" + groups["group"],
        label=words,
        told_label=groups["told"].map(ways),
        verdict=verdicts,
    )
