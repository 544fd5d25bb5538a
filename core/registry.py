"""A named list of things that can be added to: providers, surveys, audits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Generic, TypeVar

from core.errors import InputError, said
from core.plugins import WORDS, LeftOut, load_plugins

T = TypeVar("T")


def _same(made: T) -> T:
    return made


class Registry(Generic[T]):
    """Functions by name, each of which gives one provider, survey or audit.

    First those of this project, from an explicit list in the ``__init__.py`` of their package, so that a search for a
    name finds it; then those that installed packages declare as entry points of ``group`` (see :mod:`core.plugins`),
    which must have the members of ``contract``. These are looked for when the registry is first used.
    ``former`` maps names that entries once had to those they have; they are accepted and never listed.
    """

    def __init__(
        self,
        what: str,
        entries: dict[str, Callable[[], T]],
        group: str = "",
        contract: type = object,
        former: Mapping[str, str] | None = None,
    ) -> None:
        self.what, self._group, self._contract = what, group, contract
        self._entries = dict(entries)
        self._former = dict(former or {})
        self._plugins: dict[str, str] = {}
        self._left_out: tuple[LeftOut, ...] = ()
        self._asked = not group
        self._one_at_a_time = threading.RLock()

    def _all(self) -> dict[str, Callable[[], T]]:
        with self._one_at_a_time:
            if not self._asked:
                # Set first: a plug-in may look into this registry while it is imported.
                self._asked = True
                more, self._left_out = load_plugins(self._group, self.what, self._contract, self._entries)
                self._plugins = {name: plugin.package for name, plugin in more.items()}
                self._entries |= {name: partial(_same, plugin.made) for name, plugin in more.items()}
            return self._entries

    @property
    def plugins(self) -> dict[str, str]:
        """Names of the entries that other packages brought, each with its package."""
        self._all()
        return dict(self._plugins)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Entry points that cannot be used, each with the reason."""
        self._all()
        return self._left_out

    def __getitem__(self, name: str) -> Callable[[], T]:
        """The entry called ``name``. Raises :class:`InputError` that lists the known names."""
        try:
            return self._all()[self.name_of(name)]
        except KeyError:
            known = ", ".join(self._all())
            raise InputError(said("not_in_registry", what=WORDS[self.what], name=name, known=known)) from None

    def name_of(self, name: str) -> str:
        """The present name of what is or was called ``name``; any other name as it stands."""
        return self._former.get(name, name)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._all()))

    def __len__(self) -> int:
        return len(self._all())

    def __contains__(self, name: object) -> bool:
        return name in self._all()
