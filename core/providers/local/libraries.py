"""The libraries that only models on this computer need: everything else works where they are not installed."""

from __future__ import annotations

from importlib.util import find_spec

from core.errors import Unreachable, said

LOCAL = ("torch", "transformers")
"""What reads a model's weights and computes with them."""


def missing_libraries() -> tuple[str, ...]:
    """Those of :data:`LOCAL` that are not installed; none of them is imported."""
    return tuple(name for name in LOCAL if not _is_there(name))


def require_libraries() -> None:
    """Raise :class:`Unreachable` that names what is missing, if anything is."""
    missing = missing_libraries()
    if missing:
        raise Unreachable(said("no_libraries", names=", ".join(missing)))


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
