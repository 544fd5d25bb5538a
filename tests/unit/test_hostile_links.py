"""What a link holds: names of sides and people, read or taken for nothing."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from pydantic import ValidationError

from core.errors import InputError
from core.findings.compare import side_of
from core.surveys.countries import country_name
from core.types import Persona
from tests.unit.hostile import ANY, MANY, in_words


@MANY
@given(ANY)
def test_a_side_of_anything_is_known_again_or_none(text: str) -> None:
    for key in (text, f"{text}~~en", f"m~{text}~zh", f"{text}~{text}~{text}"):
        with suppress(ValidationError):  # halves of characters
            side = side_of(key)
            assert side is None or side_of(side.key) == side


@MANY
@given(ANY)
def test_a_person_of_anything_is_read_or_refused(text: str) -> None:
    for key in (text, f"{text}|||", f"CHN|{text}||", "|".join([text] * 4)):
        with suppress(ValueError):
            assert Persona.from_key(key).key == key
    in_words(lambda: country_name(text, "en"), InputError)
