"""What asking gives: a cell with its row, and the contract of what stores rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from core.errors import ParallaxError
from core.types import Cell, Response


class Result(NamedTuple):
    """A cell with its row. ``cached`` is true where the row was measured earlier, at ``response.created``.

    ``problem`` is the error where there is no answer, of the class that was raised, so that it can be shown in any
    language. The row itself has only its kind and its English text.
    """

    cell: Cell
    response: Response
    cached: bool
    problem: ParallaxError | None = None


class Keeper(Protocol):
    """Stores rows and finds them again."""

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """Rows that were measured earlier, by cache key; errors are not among them."""

    def append(self, rows: Sequence[Response]) -> list[Response]:
        """Store ``rows`` and return them with the id of their run.

        Raises :class:`DataError` where they cannot be written.
        """
