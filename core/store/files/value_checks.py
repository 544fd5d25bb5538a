"""Checks the values of a shard beyond their types: a complete file may still not come from this app.

Pages look up words by these values. A shard with an unknown value is therefore refused as a whole when it is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import get_args

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import DataError, Said, said
from core.store.files.schema import Grain
from core.types import AGES, EDUCATIONS, LANGUAGES, SEXES, Method, Outcome, Question

LONGEST_NAME = 500
"""Most characters of an id, a tag or another name."""

CLOSED: dict[str, tuple[str, ...]] = {
    "kind": ("options", "text"),
    "language": tuple(LANGUAGES),
    "method": (*get_args(Method), "text"),
    "outcome": get_args(Outcome),
    "age": tuple(AGES),
    "sex": tuple(SEXES),
    "education": tuple(EDUCATIONS),
}
_MAY_LACK = {"age", "sex", "education", "country"}
_NAMES = ("run_id", "cell_id", "cache_key", "provider", "model_id", "question_id", "tag", "prompt_version")
_NEEDED = (*_NAMES, *(set(CLOSED) - _MAY_LACK), "created", "paraphrase", "sample", "codes", "mass", "latency_s")
_STEP_NEEDED = ("run_id", "cell_id", "sample", "created", "stage", "step", "options", "probabilities", "prompt")
_ROUNDING = 1e-6
FIRST_DAY, LAST_DAY = datetime(1900, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
"""Between these a run is dated; a clock may be wrong by years, but not by more."""


def check_values(grain: Grain, table: pa.Table) -> None:
    """Raise :class:`DataError` where ``table`` has a value that the app does not write.

    Long columns may be missing from ``table``.
    """
    try:
        table.validate(full=True)
    except (pa.ArrowInvalid, ValueError) as error:
        raise DataError(said("values_bytes", reason=error)) from error
    if not table.num_rows:
        return
    steps = grain == "trace_steps"
    for name in _STEP_NEEDED if steps else _NEEDED:
        if name in table.column_names and table[name].null_count:
            raise wrong_value(name, "null")
    for name in ("run_id", "cell_id", "stage", "step") if steps else _NAMES:
        check_names(name, table[name])
    check_dates(table["created"])
    if steps:
        check_lists(table, "options", "probabilities")
        return
    for name, allowed in CLOSED.items():
        check_closed(name, (value for value in pc.unique(table[name]).to_pylist() if value is not None), allowed)
    check_countries(table["country"])
    for name in ("paraphrase", "sample"):
        if pc.min(table[name]).as_py() < 0:
            raise wrong_value(name, pc.min(table[name]).as_py())
    check_lists(table, "codes", "mass")
    _check_questions(table["question_json"])
    if "top_tokens" in table.column_names:
        _check_tokens(table["top_tokens"])


def check_names(name: str, column: pa.ChunkedArray) -> None:
    """Raise :class:`DataError` where a name is too long or cannot be printed; one may be missing."""
    if (pc.max(pc.utf8_length(column)).as_py() or 0) > LONGEST_NAME:
        raise wrong_value(name, f"{LONGEST_NAME}+")
    # Most names are plain, which Arrow sees at once; Python looks at the others one by one.
    plain = pc.and_(pc.string_is_ascii(column), pc.ascii_is_printable(column))
    for value in pc.unique(column.filter(pc.invert(plain))).to_pylist():
        if value is not None and not value.isprintable():
            raise wrong_value(name, ascii(value))


def check_countries(column: pa.ChunkedArray) -> None:
    """Raise :class:`DataError` where a country has no code of three letters; it may be missing."""
    for code in pc.unique(column).to_pylist():
        if code is not None and not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            raise wrong_value("country", code)


def wrong_value(column: str, value: object) -> DataError:
    """The error for a value that the app does not write."""
    return DataError(said("values_unknown", column=column, value=value if isinstance(value, Said) else str(value)[:60]))


def check_closed(name: str, values: Iterable[str], allowed: tuple[str, ...]) -> None:
    """Raise :class:`DataError` where one of ``values`` is not allowed."""
    for value in values:
        if value not in allowed:
            raise wrong_value(name, value)


def check_dates(column: pa.ChunkedArray) -> None:
    """Times lie where Python, pandas and the database all have dates, in every time zone."""
    for end in (pc.min(column), pc.max(column)):
        if not int(FIRST_DAY.timestamp()) <= end.value // 1_000_000 <= int(LAST_DAY.timestamp()):
            raise wrong_value("created", end.value)


def check_lists(table: pa.Table, names: str, shares: str) -> None:
    """Check that shares lie in 0..1 and are as many as the names they belong to, or are missing altogether."""
    counts, given = pc.list_value_length(table[names]), pc.list_value_length(table[shares])
    if not pc.all(pc.or_(pc.equal(given, 0), pc.equal(given, counts))).as_py():
        raise wrong_value(shares, said("values_lengths"))
    flat, labels = pc.list_flatten(table[shares]), pc.list_flatten(table[names])
    if flat.null_count or labels.null_count:
        raise wrong_value(shares if flat.null_count else names, "null")
    if len(flat) and not pc.all(pc.and_(pc.greater_equal(flat, 0), pc.less_equal(flat, 1 + _ROUNDING))).as_py():
        raise wrong_value(shares, said("values_shares"))
    if "outcome" in table.column_names:
        measured = pc.and_(pc.equal(table["outcome"], "option"), pc.equal(table["kind"], "options"))
        if pc.any(pc.and_(measured, pc.equal(given, 0))).as_py():
            raise wrong_value(shares, said("values_lengths"))


def _check_questions(column: pa.ChunkedArray) -> None:
    for text in pc.unique(column).to_pylist():
        if text is None:
            continue
        try:
            value = json.loads(text)
            if isinstance(value, dict):
                Question.model_validate(value)
        except (ValueError, RecursionError):
            raise wrong_value("question_json", text) from None


def _check_tokens(column: pa.ChunkedArray) -> None:
    for text in pc.unique(column).to_pylist():
        try:
            pairs = json.loads(text or "[]")
            good = isinstance(pairs, list) and all(
                isinstance(pair, list)
                and len(pair) == 2
                and isinstance(pair[0], str)
                and isinstance(pair[1], int | float)
                for pair in pairs
            )
        except (ValueError, RecursionError):
            good = False
        if not good:
            raise wrong_value("top_tokens", text)
