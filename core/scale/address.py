"""What ``--on`` names: the engine of a run, and where it is."""

from __future__ import annotations

from core.errors import InputError, said
from core.types import Frozen


class Engine(Frozen):
    """Ray at ``address``; ``None`` starts Ray on this computer for the time of the run."""

    address: str | None = None


def parse_engine(text: str) -> Engine:
    """The engine that ``ray`` or ``ray=ADDRESS`` names. Raises :class:`InputError` for anything else.

    >>> parse_engine("ray=10.0.0.5:6379").address
    '10.0.0.5:6379'
    """
    name, equals, address = text.strip().partition("=")
    if name != "ray" or (equals and not address.strip()):
        raise InputError(said("engine_unknown", engine=text))
    return Engine(address=address.strip() or None)
