"""A named list of things that can be added to: providers, surveys, audits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from core.errors import InputError, said

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps names to entries, in the order in which they were added.

    Each package builds one from an explicit list in its ``__init__.py``, so that a search for a name finds it.
    ``former`` maps names that entries once had to those they have; they are accepted and never listed.
    """

    def __init__(self, what: str, entries: dict[str, T], former: Mapping[str, str] | None = None) -> None:
        self._what = what
        self._entries = dict(entries)
        self._former = dict(former or {})

    def __getitem__(self, name: str) -> T:
        """The entry called ``name``. Raises :class:`InputError` that lists the known names."""
        try:
            return self._entries[self.name_of(name)]
        except KeyError:
            known = ", ".join(self._entries)
            raise InputError(said("not_in_registry", what=self._what, name=name, known=known)) from None

    def name_of(self, name: str) -> str:
        """The present name of what is or was called ``name``; any other name as it stands."""
        return self._former.get(name, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries
