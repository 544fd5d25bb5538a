"""Errors speak the reader's language, stay English where they are stored, and survive a trip between processes."""

import copy
import pickle

import pytest

from core.errors import InputError, ParallaxError, RateLimited, said
from core.providers.hosted.faults import Refusal


def test_an_entry_is_english_in_its_attributes_and_told_in_the_language_that_is_asked_for():
    error = InputError(said("text_too_long", n=12_345, most=8_000))
    assert str(error) == error.message == "This text has 12,345 characters; 8,000 is the most."
    assert error.hint == "Shorten it and ask again."
    assert error.text() == (error.message, error.hint)
    message, hint = error.text("zh")
    assert "12,345" in message
    assert "字符" in message
    assert "缩短" in hint


def test_plain_words_are_told_as_they_are():
    error = InputError("Something is missing.", "Type it.")
    assert error.text("zh") == ("Something is missing.", "Type it.")
    assert error.sentence() == "Something is missing. Type it."
    assert InputError("Alone.").sentence() == "Alone."


def test_a_shared_hint_and_a_part_are_told_in_the_same_language():
    what = said("part_no_provider", provider="x", names="a, b")
    error = ParallaxError(said("models_entry", file="m.toml", where="y", what=what), said("hint_models_file"))
    assert error.message == "In m.toml, y: there is no “x”; known: a, b."
    assert error.hint.startswith("Correct the file")
    assert "已有：a, b" in error.text("zh")[0]
    assert error.text("zh")[1].startswith("请改正")


def test_only_words_from_outside_are_changed_for_showing():
    error = RateLimited(said("rate_limited", host="host", words="*now*"))
    message, hint = error.text("en", lambda words: words.replace("*", ""))
    assert message == "host asked to slow down and went on doing so: now"
    assert hint == error.hint
    assert "*now*" in error.message
    assert InputError("*a*").text("en", lambda words: words.strip("*")) == ("a", "")


@pytest.mark.parametrize("travel", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy])
def test_an_error_survives_a_trip_between_processes(travel):
    error = Refusal(said("filtered", words="no"), status=400, words="no", declined=True)
    there = travel(error)
    assert type(there) is Refusal
    assert (there.status, there.words, there.declined, there.kind) == (400, "no", True, "refused")
    assert there.text() == error.text()
    assert there.text("zh") == error.text("zh") != error.text()


def test_an_unknown_entry_is_an_error():
    with pytest.raises(KeyError):
        InputError(said("no_such_entry"))
