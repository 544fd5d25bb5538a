"""Findings that are named tuples, taken apart into frames and put together again, so that they can be kept on disk."""

from typing import Any, TypeVar, get_type_hints

import pandas as pd

T = TypeVar("T", bound=tuple[Any, ...])
VALUES = "values"
"""The frame of all fields that are single values; it has one row."""


def in_frames(found: Any) -> dict[str, Any]:
    """Frames by field, those of named tuples in it by field again; texts and numbers are one row of :data:`VALUES`."""
    frames: dict[str, Any] = {}
    values: dict[str, object] = {}
    for name, value in found._asdict().items():
        if isinstance(value, pd.DataFrame):
            frames[name] = value
        elif isinstance(value, tuple):
            frames[name] = in_frames(value)
        else:
            values[name] = value
    return {**frames, VALUES: pd.DataFrame([values])}


def out_of_frames(kind: type[T], frames: dict[str, Any]) -> T:
    """Inverse of :func:`in_frames` for the named tuple ``kind``. Raises ``KeyError`` for a missing field."""
    values, given = frames[VALUES], {}
    for name, hint in get_type_hints(kind).items():
        if name not in frames:
            value = values[name].iloc[0]
            given[name] = value.item() if hasattr(value, "item") else value
        else:
            given[name] = frames[name] if hint is pd.DataFrame else out_of_frames(hint, frames[name])
    return kind(**given)
