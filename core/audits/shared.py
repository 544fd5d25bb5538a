"""Members that are compared use the same items: the questions or dilemmas that all of them have."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)


class Shared(NamedTuple, Generic[K]):
    """``items`` are those of every member except the members ``apart``, which have too few to be compared.

    ``aside`` counts the items of each member that others lack. It is 0 for a member that is apart and keeps its own.
    """

    items: frozenset[str]
    apart: frozenset[K]
    aside: dict[K, int]

    def kept(self, member: K, own: Collection[str]) -> frozenset[str]:
        """The items used for ``member``, which has the items ``own``."""
        return frozenset(own) if member in self.apart else self.items


def shared_items(items: Mapping[K, Collection[str]]) -> Shared[K]:
    """The items that all members of ``items`` have in common.

    A member with less than half as many items as the largest one is apart, and so are all members where nothing is
    shared. Without this rule a member with a single item would leave the others almost nothing. A member without
    others shares all its items.

    >>> shared_items({"a": "pqrs", "b": "pqr", "c": "p"}).aside
    {'a': 1, 'b': 0, 'c': 0}
    """
    sets = {member: frozenset(own) for member, own in items.items()}
    fullest = max(map(len, sets.values()), default=0)
    full = {member: own for member, own in sets.items() if 2 * len(own) >= fullest and own}
    common = frozenset.intersection(*full.values()) if full else frozenset()
    if not common:
        return Shared(frozenset(), frozenset(sets), dict.fromkeys(sets, 0))
    apart = frozenset(sets) - frozenset(full)
    return Shared(common, apart, {member: 0 if member in apart else len(own - common) for member, own in sets.items()})
