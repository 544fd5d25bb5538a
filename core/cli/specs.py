"""Reads the spec of a run from a TOML or JSON file, from flags, or from both; flags replace what the file says."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from core.errors import InputError
from core.types import Frozen, Persona


class Order(Frozen):
    """What a spec file asks for: the audit, its spec, and title, note and id of the run."""

    audit: str = "alignment"
    id: str | None = None
    title: str = ""
    note: str = ""
    fresh: bool = False
    spec: dict[str, Any] = Field(default_factory=dict)


def read_values(path: Path) -> dict[str, Any]:
    """The content of a TOML or JSON file. Raises :class:`InputError`."""
    try:
        text = path.read_text("utf-8")
        values = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The spec file {path} cannot be read.", str(error)) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"The spec file {path} is neither TOML nor JSON: {error}") from error
    if not isinstance(values, dict):
        raise InputError(f"The spec file {path} holds no table.")
    return values


def read_order(path: Path) -> Order:
    """The content of a spec file: audit, id, title, note, fresh, and a table called spec.

    Raises :class:`InputError`. Earlier files of traces had the fields of the spec beside the title, and their run has
    the name of the file.
    """
    values = read_values(path)
    if values.get("audit") == "tuning":
        raise InputError(f"{path.name} is the spec of a tuning, not of a run.", "Start it with: python -m core tune")
    if values.get("audit") == "mark" and "spec" not in values:
        own = {name: values.pop(name) for name in list(values) if name not in Order.model_fields}
        values = {"id": path.stem, **values, "spec": own}
    if set(values) - set(Order.model_fields):
        known = ", ".join(Order.model_fields)
        raise InputError(f"The spec file {path} has unknown fields.", f"It may hold: {known}.")
    try:
        return Order.model_validate(values)
    except ValueError as error:
        raise InputError(f"The spec file {path} cannot be used: {error}") from error


def persona(text: str) -> Persona:
    """The persona of ``CHN`` or ``CHN|18-29|female|higher``; parts at the end may be left out.

    Raises :class:`InputError`.
    """
    parts = [part.strip() for part in text.split("|")]
    try:
        return Persona.from_key("|".join([*parts, *[""] * (4 - len(parts))]))
    except ValueError as error:
        raise InputError(
            f"“{text}” is no persona.",
            "Write country|age|sex|education, such as CHN|18-29|female|higher; what is not meant stays empty.",
        ) from error


def setting(text: str) -> tuple[str, Any]:
    """Name and value of ``name=value``. The value is read as JSON, else it is text. Raises :class:`InputError`."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError(f"“{text}” is no setting.", "Write name=value, such as samples=40.")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value


def with_flags(spec: Mapping[str, Any], flags: Mapping[str, Sequence[Any]], settings: Sequence[str]) -> dict[str, Any]:
    """``spec`` with the values of ``flags``, then of the ``name=value`` ``settings``, in place of its own."""
    given = {name: list(values) for name, values in flags.items() if values}
    return {**spec, **given, **dict(setting(text) for text in settings)}
