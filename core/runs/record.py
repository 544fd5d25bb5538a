"""Makes the run.json of every new run, with the versions of the libraries."""

from __future__ import annotations

import platform
import secrets
from collections.abc import Mapping
from datetime import datetime
from importlib import metadata
from typing import Any

from pydantic import ValidationError

from core.errors import InputError, said
from core.once import once
from core.store import RunInfo, Status
from core.store.files.run_info import LONGEST_NOTE, LONGEST_TITLE

MOST_TEXT = {"title": LONGEST_TITLE, "note": LONGEST_NOTE}
_LIBRARIES = ("torch", "transformers", "numpy", "scipy", "openai", "anthropic", "pyarrow")


def new_info(kind: str, run_id: str, created: datetime, status: Status = "planned", **fields: Any) -> RunInfo:
    """The run.json of a run of ``kind`` that begins now, with the versions of the libraries and the given ``fields``.

    Raises :class:`InputError` where ``run_id`` is no plain name, or a title or note is too long.
    """
    try:
        return RunInfo.model_validate(
            {"kind": kind, "run_id": run_id, "created": created, "status": status, "libraries": library_versions()}
            | fields
        )
    except ValidationError as error:
        place = str(next(iter(error.errors()[0]["loc"]), ""))
        if place in MOST_TEXT:
            raise InputError(said("run_text", field=place, most=MOST_TEXT[place])) from error
        raise InputError(said("run_name", run=run_id)) from error


def new_run_id(kind: str, created: datetime) -> str:
    """An id that no other run has; ids of one kind sort by time."""
    return f"{kind.replace('_', '-')}-{created.strftime('%Y-%m-%d-%H%M%S')}-{secrets.token_hex(3)}"


@once
def library_versions() -> Mapping[str, str]:
    """The versions of Python and of the libraries that could change a number."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
