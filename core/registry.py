"""Registries of providers, surveys and audits, to which other packages can add."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Generic, TypeVar

from core.errors import InputError, Said, said
from core.plugins import WORDS, LeftOut, load_plugins, outdated_member

T = TypeVar("T")


def _same(made: T) -> T:
    return made


class Registry(Generic[T]):
    """Functions by name, each of which makes one provider, survey or audit.

    The first entries are those of this project, from a list in the ``__init__.py`` of their package. Then come those
    that installed packages declare as entry points of ``group`` (see :mod:`core.plugins`); they must have the members
    of ``contract`` and are looked up when the registry is first used. ``former`` maps earlier names of entries to their
    present names. Earlier names are accepted and never listed.
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
        self._outdated: tuple[Said, ...] = ()
        self._asked = not group
        self._one_at_a_time = threading.RLock()

    def _all(self) -> dict[str, Callable[[], T]]:
        with self._one_at_a_time:
            if not self._asked:
                # Set first: a plug-in may look into this registry while it is imported.
                self._asked = True
                more, self._left_out = load_plugins(self._group, self.what, self._contract, self._entries)
                self._outdated = tuple(
                    outdated_member(self.what, name, plugin.package, former)
                    for name, plugin in more.items()
                    for former in plugin.outdated
                )
                self._plugins = {name: plugin.package for name, plugin in more.items()}
                self._entries |= {name: partial(_same, plugin.made) for name, plugin in more.items()}
            return self._entries

    @property
    def plugins(self) -> dict[str, str]:
        """The entries of other packages: each name with the name of its package."""
        self._all()
        return dict(self._plugins)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The entry points that cannot be used, each with the reason."""
        self._all()
        return self._left_out

    @property
    def outdated(self) -> tuple[Said, ...]:
        """A warning for each member that a plug-in still sets under a former name."""
        self._all()
        return self._outdated

    def __getitem__(self, name: str) -> Callable[[], T]:
        """The function called ``name``. Raises :class:`InputError` that lists the known names."""
        try:
            return self._all()[self.name_of(name)]
        except KeyError:
            known = ", ".join(self._all())
            raise InputError(said("not_in_registry", what=WORDS[self.what], name=name, known=known)) from None

    def name_of(self, name: str) -> str:
        """The present name of what ``name`` calls now or called earlier; an unknown name is returned unchanged."""
        return self._former.get(name, name)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._all()))

    def __len__(self) -> int:
        return len(self._all())

    def __contains__(self, name: object) -> bool:
        return name in self._all()
