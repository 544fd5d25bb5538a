"""How fast this computer fetched and converted weights before, from which the next duration is estimated."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

from core.providers.local.recipe import Recipe
from core.settings import settings

Work = Literal["fetch", "convert"]
_NAME = "speed.json"
_LEAST_BYTES = 1_000_000
"""Least bytes of a measurement: a smaller file measures how fast a program starts, not the connection."""


class Cost(NamedTuple):
    """What preparing a model takes: bytes to fetch, bytes on the disk afterwards, and seconds where measured before."""

    fetch_bytes: int
    disk_bytes: int
    seconds: float | None


def cost_of(recipe: Recipe) -> Cost:
    """What fetching and converting ``recipe`` takes from the beginning.

    Seconds are the bytes of the file over the speeds of the last fetch and the last conversion here; ``None`` until
    there was one of each.
    """
    known = _read()
    fetch_bytes = 0 if recipe.own else recipe.size
    needed = {"convert": recipe.size, **({"fetch": fetch_bytes} if fetch_bytes else {})}
    seconds = sum(size / known[work] for work, size in needed.items()) if needed.keys() <= known.keys() else None
    return Cost(fetch_bytes, recipe.dense, seconds)


def note_speed(work: Work, size: int, seconds: float) -> None:
    """Note that ``size`` bytes of a file took ``seconds``. Does nothing for a small file."""
    if size < _LEAST_BYTES or seconds <= 0:
        return
    path = settings().cache_dir / _NAME
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({**_read(), work: size / seconds}), "utf-8")
    fresh.replace(path)


def _read() -> dict[str, float]:
    """Bytes a second, by kind of work."""
    try:
        found: Any = json.loads((settings().cache_dir / _NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {work: float(rate) for work, rate in found.items() if isinstance(rate, int | float) and rate > 0}
