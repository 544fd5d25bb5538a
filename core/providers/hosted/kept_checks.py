"""Stores what was measured of endpoints, in the folder of the weights, until it is measured again."""

from __future__ import annotations

import logging
from pathlib import Path

from pydantic import ValidationError

from core.providers.hosted.measured import Measured
from core.settings import settings
from core.types import Model, digest

log = logging.getLogger(__name__)


def _file(model: Model) -> Path:
    name = digest([model.provider, model.endpoint, model.remote_id, model.request_body], 20)
    return settings().cache_dir / "endpoints" / f"{name}.json"


def keep_check(model: Model, found: Measured) -> None:
    """Store ``found`` for ``model``. A public demonstration stores nothing.

    Where it cannot be written, a log line says so.
    """
    if settings().public:
        return
    path = _file(model)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(found.model_dump_json(), encoding="utf-8")
        new.replace(path)
    except OSError:
        log.warning("what was measured of an endpoint could not be kept", exc_info=True)


def kept_check(model: Model) -> Measured | None:
    """What was last measured of ``model``; ``None`` where nothing was, or the file cannot be read."""
    try:
        return Measured.model_validate_json(_file(model).read_text(encoding="utf-8"))
    except (OSError, ValueError, ValidationError):
        return None
