"""A named list of things that can be added to: providers, surveys, audits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from core.errors import InputError, said

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps names to entries, in the order in which they were added.

    Each package builds one from an explicit list in its ``__init__.py``, so that a search for a name finds it.
    """

    def __init__(self, what: str, entries: dict[str, T]) -> None:
        self._what = what
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> T:
        """The entry called ``name``. Raises :class:`InputError` that lists the known names."""
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(self._entries)
            raise InputError(said("not_in_registry", what=self._what, name=name, known=known)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries
