"""Hostile values for the tests of every border at which text enters, and the list of those borders.

entry                                     | test
text shown as Markdown; cells of a CSV    | test_hostile_text.py; every page: tests/pages/test_markdown.py
typed question, options, free prompt      | test_hostile_asks.py
a model's written answer, its first words | test_hostile_asks.py
key typed or in the environment           | test_hostile_asks.py
title, note and name of a run             | test_hostile_runs.py
run.json, shards, a zip of a run          | test_hostile_runs.py
the aggregate of a copied run             | test_aggregate.py
own models, dilemmas, specs; settings     | test_hostile_files.py
survey data: microdata, table of shares   | test_hostile_surveys.py
logs of other programs                    | test_foreign_logs.py
lists of persons and dilemmas as CSV      | test_own_tables.py
SQL                                       | test_hostile_sql.py
address of an endpoint                    | test_hostile_addresses.py
parameters of an address of the app       | test_hostile_links.py; every page: tests/pages/test_hostile_links.py
texts in charts and briefs                | test_hostile_charts.py
code, guess and address of a lesson       | test_classroom.py
"""

from __future__ import annotations

import os
import string
from collections.abc import Callable
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from core.errors import DataError, InputError, ParallaxError

T = TypeVar("T")

# Fewer in CI, whose time is bounded.
MANY = settings(
    max_examples=100 if os.environ.get("CI") == "true" else 1_000, derandomize=True, deadline=None, database=None
)

NASTY = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff\ud83d",
    "\u202eevil\u202c",
    "\u200b\u2060\ufeff",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](https://px.example/x.png)",
    "$\\frac{1}{0}$ :red[x] :material/home: :smile:",
    "../../../etc/passwd",
    "..\\..\\x",
    "C:\\x",
    "/etc/passwd",
    "{0} {name} {} %s %(x)s",
    "'; DROP TABLE responses; --",
    "\"'`",
    "NaN",
    "1e999",
    "-1",
    "9" * 5_000,
    "[" * 3_000,
    '{"a":' * 3_000,
    "x" * 20_000,
    "中" * 3_000,
    "\r\n\u2028\u2029\x85",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
)
"""Single values that have broken something somewhere."""

ANY = (
    st.text(st.characters(), max_size=60)
    | st.text(string.punctuation + " \t\r\nwW1h", max_size=40)
    | st.sampled_from(NASTY)
)
"""Text with anything in it, halves of characters too."""

CLEAN = ANY.map(lambda text: "".join(c for c in text if not "\ud800" <= c <= "\udfff"))
"""The same without halves of characters, which files in UTF-8 cannot hold."""

VALUES: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | CLEAN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(CLEAN, inner, max_size=4),
    max_leaves=5,
)
"""Anything that JSON can hold."""


def in_words(work: Callable[[], T], *kinds: type[ParallaxError]) -> T | None:
    """What ``work`` gives, or ``None`` where it was refused with an error of ``kinds`` that says something."""
    expected = kinds or (InputError, DataError)
    try:
        return work()
    except expected as error:
        told = error
    assert told.message
    assert told.sentence("zh")
    return None
