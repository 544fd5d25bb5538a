"""Finds providers, surveys and audits of other packages by the entry points that these packages declare.

A package adds a survey called ``gss`` with these lines in its ``pyproject.toml``. ``make_survey`` takes no argument and
returns an object with the members of :class:`core.surveys.base.Survey`::

    [project.entry-points."parallax.surveys"]
    gss = "my_package:make_survey"

The groups are ``parallax.providers``, ``parallax.surveys`` and ``parallax.audits``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from importlib import metadata
from typing import Any, NamedTuple

from core.errors import ParallaxError, Said, said

log = logging.getLogger(__name__)

WORDS = {
    "provider": said("part_kind_provider"),
    "survey": said("part_kind_survey"),
    "audit": said("part_kind_audit"),
}
"""The word that a reader sees for each kind of plug-in."""
FORMER = {"provider": {"lanes": "batches_at_once"}}
"""Members that a contract had under another name: by kind of plug-in, the former name and the present one."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_LONGEST = 300


class LeftOut(NamedTuple):
    """A plug-in that cannot be used: its kind (``what``), its name, its package and the reason."""

    what: str
    name: str
    package: str
    reason: Said

    def told(self) -> Said:
        """All of it in one sentence."""
        return said("plugin", what=WORDS[self.what], name=self.name, package=self.package, reason=self.reason)


class Plugin(NamedTuple):
    """A plug-in that is used: the name of its package, and the provider, survey or audit itself (``made``).

    ``outdated`` are the former names of members that it still sets, and that nothing reads any more.
    """

    package: str
    made: Any
    outdated: tuple[str, ...] = ()


class _Unfit(Exception):
    def __init__(self, reason: Said) -> None:
        super().__init__(reason.message())
        self.reason = reason


def members(contract: type) -> tuple[str, ...]:
    """The public methods, properties and fields of ``contract``, by name."""
    names = [name for base in contract.__mro__[:-1] for name in (*vars(base), *vars(base).get("__annotations__", {}))]
    return tuple(dict.fromkeys(name for name in names if not name.startswith("_")))


def load_plugins(
    group: str, what: str, contract: type, taken: Collection[str]
) -> tuple[dict[str, Plugin], tuple[LeftOut, ...]]:
    """The plug-ins that installed packages declare for ``group``, by name, and those that were left out.

    Each plug-in is imported and made once, here, so that a failure shows before anything uses it. A plug-in is left out
    if it cannot be imported or made, lacks a member of ``contract``, calls itself by another name than its entry point,
    or has a name that is ``taken``. ``what`` is its kind, a key of :data:`WORDS`. No exception of a plug-in is raised
    here.
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
            made = _made(entry, contract, FORMER.get(what, {}))
        except _Unfit as error:
            left_out.append(LeftOut(what, entry.name, package, error.reason))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is other people's code; what it raised is told
            words = error.message if isinstance(error, ParallaxError) else str(error)
            reason = said("part_plugin_raised", kind=type(error).__name__, words=words[:_LONGEST])
            left_out.append(LeftOut(what, entry.name, package, reason))
        else:
            outdated = tuple(name for name in FORMER.get(what, {}) if hasattr(made, name))
            found[entry.name] = Plugin(package, made, outdated)
            for name in outdated:
                log.warning("%s", outdated_member(what, entry.name, package, name).message())
    return found, tuple(left_out)


def outdated_member(what: str, name: str, package: str, former: str) -> Said:
    """The warning about a plug-in that sets a member under its ``former`` name."""
    return said("plugin_outdated", what=WORDS[what], name=name, package=package, old=former, new=FORMER[what][former])


def _made(entry: metadata.EntryPoint, contract: type, former: Mapping[str, str]) -> Any:
    make = entry.load()
    if not callable(make):
        raise _Unfit(said("part_plugin_no_function"))
    made = make()
    if lacking := [name for name in members(contract) if not hasattr(made, name)]:
        old = {present: name for name, present in former.items() if hasattr(made, name)}
        names = ", ".join(f"{name} ({old[name]})" if name in old else name for name in lacking)
        renamed = bool(old.keys() & set(lacking))
        raise _Unfit(said("part_plugin_renamed", names=names) if renamed else said("part_plugin_lacks", names=names))
    own = made.name if "name" in members(contract) else made.id
    if own != entry.name:
        raise _Unfit(said("part_plugin_other_name", own=own))
    return made
