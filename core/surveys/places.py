"""Codes of countries as surveys write them: ISO 3166-1 in letters or numbers, and places without an ISO code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

import pycountry

from core.errors import DataError, said
from core.once import once
from core.settings import DATA
from core.types import Frozen, LocalText

FILE = DATA / "places.toml"


class Place(Frozen):
    """A place without an ISO code of its own: its name and its other spellings in surveys."""

    name: LocalText
    also: tuple[str, ...] = ()


@once
def places() -> Mapping[str, Place]:
    """The places by their three-letter code in this project. Raises :class:`DataError` for a damaged file."""
    try:
        found = tomllib.loads(FILE.read_text("utf-8"))
        return {code: Place.model_validate(entry) for code, entry in found.items()}
    except (OSError, ValueError) as error:
        what = str(error).splitlines()[0]
        raise DataError(said("data_entry", file=FILE.name, where=said("part_whole_file"), what=what)) from error


@once
def country_code(text: str) -> str | None:
    """The three-letter code of a country written as ``CHN``, ``CN``, ``156`` or ``China``; else ``None``.

    >>> country_code("156"), country_code("cn"), country_code("XYZ"), country_code("NIR")
    ('CHN', 'CHN', None, 'NIR')
    """
    # Pandas writes a column of numbers that has a blank with fractions: 156.0.
    text = re.sub(r"^([0-9]+)[.,]0*$", r"\1", text.strip())
    key = text.upper()
    for code, place in places().items():
        if key == code or text in place.also or key in place.also:
            return code
    if text.isascii() and text.isdigit():
        found = pycountry.countries.get(numeric=text.zfill(3)) if len(text) <= 3 else None
    elif len(key) == 3:
        found = pycountry.countries.get(alpha_3=key)
    elif len(key) == 2:
        found = pycountry.countries.get(alpha_2=key)
    else:
        found = pycountry.countries.get(name=text) or pycountry.countries.get(common_name=text)
    return str(found.alpha_3) if found else None
