"""A text that counts says “1 answer” and “2 answers”."""

import re

import pytest

from core import i18n
from core.errors import said
from core.i18n.entry import Entry, form, forms_of


@pytest.mark.parametrize("language", i18n.languages())
def test_a_text_with_plural_forms_has_all_that_its_language_tells_apart(language):
    for key, entry in i18n.catalogue(language).items():
        assert len(entry.forms) == 1 or set(entry.forms) == forms_of(language), key
        if len(entry.forms) > 1:
            assert f"{{{entry.by}" in entry.forms["other"], f"{key} is chosen by what it does not show"


NAMES_OF = {
    *("address", "axis", "city", "country", "even", "file", "function", "group", "high", "host", "language", "line"),
    *("low", "model", "name", "path", "pinned", "question", "seed", "side", "survey", "text", "value", "variable"),
    *("arm", "item", "shift", "lead", "least", "middle"),
}
"""Places that hold a name or a share, so that the word after them is no counted noun."""
NO_NOUN = r"(?!(?:is|was|has|does|this|its|less|as)\b)"
COUNTED = re.compile(rf"\{{(\w+)(?::.{{1,2}})?\}}\**\s+(?!of\b)(?:[a-z-]+ )?{NO_NOUN}([a-z]+s|people)\b")
PLURAL_VERB = re.compile(r"\{(\w+)(?::\w+)?\}\**(?: of \{\w+(?::\w+)?\})? (?:are|were|have|do)\b")


def uncounted(entry: Entry) -> list[str]:
    """Numbers of an English text that stand before a plural which one thing would make wrong."""
    text = entry.forms["other"]
    chosen = {entry.by} if len(entry.forms) > 1 else set()
    wrong = [match[0] for match in COUNTED.finditer(text) if match[1] not in chosen | NAMES_OF]
    return wrong + [match[0] for match in PLURAL_VERB.finditer(text) if match[1] not in chosen | NAMES_OF]


def test_every_english_text_that_counts_has_a_form_for_one():
    wrong = {key: uncounted(entry) for key, entry in i18n.catalogue().items() if not key.startswith(i18n.COUNTS)}
    assert not {key: found for key, found in wrong.items() if found}


def test_a_count_without_a_form_for_one_is_found():
    assert uncounted(Entry({"other": "{n} problems with run folders"})) == ["{n} problems"]
    assert uncounted(Entry({"other": "Over {k} paired answers"})) == ["{k} paired answers"]
    assert uncounted(Entry({"other": "{n:questions} are open"})) == ["{n:questions} are"]
    assert uncounted(Entry({"other": "{b} of {n:models} are near"})) == ["{b} of {n:models} are"]
    assert not uncounted(Entry({"other": "{b} of {n:models} are near", "one": "{b} of {n:models} is near"}, by="b"))
    assert uncounted(Entry({"other": "{n} of {k} models", "one": "{n} of {k} models"})) == ["{k} models"]


def test_the_form_follows_the_number_as_it_is_written():
    t = i18n.texts()
    assert t("runs.set_aside", n=1) == t("runs.set_aside", n="1") == "1 problem with run folders"
    assert t("runs.set_aside", n=0) == "0 problems with run folders"
    assert t("runs.set_aside", n=1234) == t("runs.set_aside", n="1,234") == "1,234 problems with run folders"
    assert i18n.texts("zh")("runs.set_aside", n=1) != t("runs.set_aside", n=1)
    told = t("representation.import_done", rows=1, questions="2", countries=1, name="x")
    assert told.startswith("Imported 1 share of 2 questions in 1 country.")
    assert [form(n, "en") for n in (1, 1.0, "1", "1.0", "–", None)] == [
        "one",
        "other",
        "one",
        "other",
        "other",
        "other",
    ]
    assert {form(n, "zh") for n in (0, 1, 2)} == {"other"}


def test_a_float_is_counted_as_it_is_shown():
    assert said("sql_late", seconds=1.0).message().endswith("after 1 second.")
    assert said("sql_late", seconds=1.5).message().endswith("after 1.5 seconds.")


def test_an_error_is_said_with_the_right_form():
    assert said("public_large", prompts=1, most=1000).message() == (
        "This would put 1 prompt, and the public demonstration takes 1,000 at once."
    )


def test_a_noun_that_no_table_counts_is_an_error(tmp_path):
    (tmp_path / "shared.toml").write_text("[page]\na = '{n:apples} there'", encoding="utf-8")
    with pytest.raises(ValueError, match="apples"):
        i18n.read(tmp_path)
    (tmp_path / "shared.toml").write_text("[page]\na = {other = 'x', on = 'y'}", encoding="utf-8")
    with pytest.raises(ValueError, match="on"):
        i18n.read(tmp_path)
