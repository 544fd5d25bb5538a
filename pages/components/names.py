"""Words for personas, models and answers, as the reader sees them."""

from core.audits.first_token import Reading
from core.surveys.countries import country_name
from core.types import Model, Persona, Reference
from pages.components.texts import t, term, ui_language


def country(iso3: str) -> str:
    """Name of a country or territory."""
    return country_name(iso3, ui_language())


def persona_label(persona: Persona) -> str:
    """“China · woman · 18–29”; a phrase of its own for the empty persona."""
    if persona.is_empty:
        return t("persona.none")
    parts = [country(persona.country)] if persona.country else []
    parts += [term(name, getattr(persona, name)) for name in ("sex", "age", "education") if getattr(persona, name)]
    return " · ".join(parts)


def group_label(reference: Reference) -> str:
    """The group of people a reference stands for."""
    name = country(reference.country)
    if reference.dimension == "all":
        return t("people.country", country=name)
    words = ", ".join(term("group", part) for part in reference.group.split("|"))
    return t("people.group", country=name, group=words)


def series_label(reading: Reading, models: dict[str, Model], many_languages: bool) -> str:
    """Name of one answer in a chart: model, language where there are two, and whether it is the no-persona twin."""
    model = models.get(reading.model_id)
    name = model.name if model else reading.model_id
    if many_languages:
        name = f"{name} ({term('language', reading.language)})"
    return t("series.twin", name=name) if reading.persona.is_empty else t("series.persona", name=name)
