"""Stores what was measured of endpoints, in the folder of the weights, until it is measured again.

The settings that an endpoint was found to need are stored too: the next process sends them from its first request on,
so that answers which were measured with them are found again.
"""

from __future__ import annotations

import json
import logging
import uuid
from pathlib import Path

from pydantic import ValidationError

from core.providers.hosted.capabilities import Seen, saw, seen
from core.providers.hosted.measured import Measured
from core.settings import settings
from core.types import Model, digest

log = logging.getLogger(__name__)


_SETTINGS = ("besides", "thinking_off")


def folder() -> Path:
    """Where all of it is stored."""
    return settings().cache_dir / "endpoints"


def _file(model: Model, what: str = "") -> Path:
    name = digest([model.provider, model.endpoint, model.remote_id, model.request_body], 20)
    return folder() / f"{name}{what}.json"


def keep_check(model: Model, found: Measured) -> None:
    """Store ``found`` for ``model``. A public demonstration stores nothing.

    Where it cannot be written, a log line says so.
    """
    _write(_file(model), found.model_dump_json())


def _write(path: Path, text: str) -> None:
    if settings().public:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{uuid.uuid4().hex[:8]}.new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError:
        log.warning("what was measured of an endpoint could not be kept", exc_info=True)


def kept_check(model: Model) -> Measured | None:
    """What was last measured of ``model``; ``None`` where nothing was, or the file cannot be read."""
    try:
        return Measured.model_validate_json(_file(model).read_text(encoding="utf-8"))
    except (OSError, ValueError, ValidationError):
        return None


def keep_settings(model: Model) -> None:
    """Store the settings that ``model`` was found to need; a public demonstration stores nothing."""
    _write(_file(model, ".settings"), json.dumps({name: getattr(seen(model), name) for name in _SETTINGS}))


def recall_settings(model: Model) -> Seen:
    """What was seen of ``model``, with the stored settings where this process has seen nothing of it yet."""
    found = seen(model)
    if found != Seen():
        return found
    try:
        told = json.loads(_file(model, ".settings").read_text(encoding="utf-8"))
        stored = {name: str(told[name]) for name in _SETTINGS}
        Seen(**stored).settings  # noqa: B018 - raises where a text is no JSON object
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return found  # nothing is stored, or it is damaged: it is found again
    return saw(model, **stored) if any(stored.values()) else found


def forget_settings(model: Model) -> None:
    """Remove the stored settings of ``model``, so that the next request finds them anew."""
    try:
        _file(model, ".settings").unlink(missing_ok=True)
    except OSError:
        log.warning("the settings of an endpoint could not be removed", exc_info=True)
