"""Names of countries and territories, from ISO 3166 and the Unicode CLDR, and of places without an ISO code."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import pycountry
from babel import Locale

from core.errors import InputError, said
from core.once import once
from core.surveys.places import places
from core.types import Language


@once
def country_name(iso3: str, language: Language) -> str:
    """Name of the country with ISO 3166-1 alpha-3 code ``iso3``, or of a place that ISO has no code for.

    Raises :class:`InputError` on an unknown code.
    """
    if (place := places().get(iso3)) is not None:
        return place.name.get(language)
    country = pycountry.countries.get(alpha_3=iso3)
    name = Locale(language).territories.get(country.alpha_2) if country else None
    if not name:
        raise InputError(said("no_country", code=iso3))
    return str(name)


def _sort_key(name: str, language: Language) -> bytes:
    # Common Chinese characters are in pinyin order in GB 18030; accents do not count in English.
    if language == "zh":
        return name.encode("gb18030")
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).encode()


def country_choices(codes: Iterable[str], language: Language) -> list[tuple[str, str]]:
    """(code, name) of each code, sorted by name as a reader of ``language`` expects. Errors as above."""
    pairs = [(code, country_name(code, language)) for code in codes]
    return sorted(pairs, key=lambda pair: _sort_key(pair[1], language))
