"""The libraries that only models on this computer need. Everything else works without them."""

from __future__ import annotations

from importlib.util import find_spec

from core.errors import Unreachable, said

LOCAL = ("torch", "transformers")
"""The libraries that load a model's weights and compute with them."""


def missing_libraries() -> tuple[str, ...]:
    """The libraries of :data:`LOCAL` that are not installed. None of them is imported."""
    return tuple(name for name in LOCAL if not _is_there(name))


def require_libraries() -> None:
    """Raise :class:`Unreachable` that names the missing libraries, if there are any."""
    missing = missing_libraries()
    if missing:
        raise Unreachable(said("no_libraries", names=", ".join(missing)))


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
