"""Providers, surveys and audits of other packages, found by the entry points that these packages declare.

A package adds a survey called ``gss`` with these lines of its ``pyproject.toml``; ``make_survey`` takes no argument and
gives an object that keeps the contract::

    [project.entry-points."parallax.surveys"]
    gss = "my_package:make_survey"

The groups are ``parallax.providers``, ``parallax.surveys`` and ``parallax.audits``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib import metadata
from typing import Any, NamedTuple

from core.errors import ParallaxError, Said, said

WORDS = {
    "provider": said("part_kind_provider"),
    "survey": said("part_kind_survey"),
    "audit": said("part_kind_audit"),
}
"""What a reader calls each kind of thing that can be added."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_LONGEST = 300


class LeftOut(NamedTuple):
    """A plug-in that cannot be used: what kind of thing it was to be, its name, its package, and why not."""

    what: str
    name: str
    package: str
    reason: Said

    def told(self) -> Said:
        """The whole as one sentence."""
        return said("plugin", what=WORDS[self.what], name=self.name, package=self.package, reason=self.reason)


class Plugin(NamedTuple):
    """A plug-in that is in use: its package, and the provider, survey or audit itself."""

    package: str
    made: Any


class _Unfit(Exception):
    def __init__(self, reason: Said) -> None:
        super().__init__(reason.message())
        self.reason = reason


def members(contract: type) -> tuple[str, ...]:
    """Public names that a class demands of whoever keeps it as a contract: its methods, properties and fields."""
    names = [name for base in contract.__mro__[:-1] for name in (*vars(base), *vars(base).get("__annotations__", {}))]
    return tuple(dict.fromkeys(name for name in names if not name.startswith("_")))


def load_plugins(
    group: str, what: str, contract: type, taken: Collection[str]
) -> tuple[dict[str, Plugin], tuple[LeftOut, ...]]:
    """What installed packages declare for ``group``, by name, and the plug-ins that were left out.

    Each is imported and made once, here, so that one that fails is known before anything rests on it. Left out is what
    does not import or cannot be made, lacks a member of ``contract``, calls itself by another name than its entry
    point, or has a name that is ``taken``. Never raises for a plug-in.
    """
    found: dict[str, Plugin] = {}
    left_out: list[LeftOut] = []
    for entry in sorted(metadata.entry_points(group=group), key=lambda one: (one.name, one.value)):
        package = entry.dist.name if entry.dist else "?"
        try:
            if not _NAME.fullmatch(entry.name):
                raise _Unfit(said("part_plugin_name"))
            if entry.name in taken or entry.name in found:
                raise _Unfit(said("part_id_taken"))
            made = _made(entry, contract)
        except _Unfit as error:
            left_out.append(LeftOut(what, entry.name, package, error.reason))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is other people's code; what it raised is told
            words = error.message if isinstance(error, ParallaxError) else str(error)
            reason = said("part_plugin_raised", kind=type(error).__name__, words=words[:_LONGEST])
            left_out.append(LeftOut(what, entry.name, package, reason))
        else:
            found[entry.name] = Plugin(package, made)
    return found, tuple(left_out)


def _made(entry: metadata.EntryPoint, contract: type) -> Any:
    make = entry.load()
    if not callable(make):
        raise _Unfit(said("part_plugin_no_function"))
    made = make()
    if lacking := [name for name in members(contract) if not hasattr(made, name)]:
        raise _Unfit(said("part_plugin_lacks", names=", ".join(lacking)))
    own = made.name if "name" in members(contract) else made.id
    if own != entry.name:
        raise _Unfit(said("part_plugin_other_name", own=own))
    return made
