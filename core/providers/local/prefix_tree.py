"""Prompts as a tree of shared beginnings: what is new in each, what it shares, and packs that fit one forward pass.

In tree order, prompts that begin alike stand together, and each shares its longest known beginning with the
one before it. So a walk in that order meets every token of the tree once, and all that is ever needed from earlier
packs is the path to the last prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Ids = tuple[int, ...]
PACK_TOKENS = 2048
"""New tokens of one pack: enough for large matrix products, few enough for small intermediate results."""


class Branch(NamedTuple):
    """The new tokens of one prompt: ``length`` of them from ``start`` in the pack, after ``path``.

    ``path`` holds the place of each token before them: 0 to carried - 1 in what is carried over, then in the pack.
    """

    start: int
    length: int
    path: tuple[int, ...]


class Pack(NamedTuple):
    """Prompts of one forward pass. Places count the ``carried`` tokens first, then the new ``ids``.

    ``depths`` is the position of each new token in its prompt, ``ends`` the index in ``ids`` of the last token of
    each of ``prompts``, ``path`` the places of all tokens of the last prompt.
    """

    prompts: tuple[Ids, ...]
    carried: int
    ids: Ids
    depths: tuple[int, ...]
    branches: tuple[Branch, ...]
    ends: tuple[int, ...]
    path: tuple[int, ...]


def shared(one: Ids, other: Ids) -> int:
    """How many first tokens two prompts have in common."""
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))


def tree_order(prompts: Sequence[Ids], before: Ids = ()) -> list[Ids]:
    """The distinct ``prompts`` so that each shares its longest beginning known by then with the one in front of it.

    ``before`` stands in front of the first: what leaves it late comes early. Beginnings of it come first of all, as
    one that stands behind what goes on from it would have nothing new.
    """

    def place(ids: Ids) -> tuple[bool, int, Ids]:
        common = shared(before, ids)
        return (False, common, ids) if common == len(ids) else (True, -common, ids)

    return sorted(set(prompts), key=place)


def known(before: Ids, ids: Ids) -> int:
    """How many first tokens of ``ids`` need not be computed after ``before``; the last one always is."""
    return min(shared(before, ids), len(ids) - 1)


def split_packs(prompts: Sequence[Ids], before: Ids = (), budget: int = PACK_TOKENS) -> list[list[Ids]]:
    """The distinct ``prompts`` in tree order after ``before``, in packs of at most ``budget`` new tokens.

    A prompt with more new tokens than that makes a pack of its own.
    """
    packs: list[list[Ids]] = []
    tokens = 0
    for ids in tree_order(prompts, before):
        new = len(ids) - known(before, ids)
        if packs and tokens + new <= budget:
            packs[-1].append(ids)
            tokens += new
        else:
            packs.append([ids])
            tokens = new
        before = ids
    return packs


def make_pack(prompts: Sequence[Ids], carried: int = 0) -> Pack:
    """The pack of ``prompts``, distinct and in tree order. The first ``carried`` tokens of the first are known already.

    At least one token of each prompt must be new, so ``carried`` is less than the length of the first.
    """
    ids: list[int] = []
    depths: list[int] = []
    branches: list[Branch] = []
    ends: list[int] = []
    path = list(range(carried))
    before = prompts[0][:carried]
    for prompt in prompts:
        depth = shared(before, prompt)
        new = prompt[depth:]
        branches.append(Branch(len(ids), len(new), tuple(path[:depth])))
        path[depth:] = range(carried + len(ids), carried + len(ids) + len(new))
        ids += new
        depths += range(depth, len(prompt))
        ends.append(len(ids) - 1)
        before = prompt
    return Pack(tuple(prompts), carried, tuple(ids), tuple(depths), tuple(branches), tuple(ends), tuple(path))


def unique_tokens(prompts: Sequence[Ids]) -> int:
    """Nodes of the tree of ``prompts``: what has to be computed at least once."""
    before: Ids = ()
    total = 0
    for ids in sorted(set(prompts)):
        total += len(ids) - shared(before, ids)
        before = ids
    return total


def group_branches(branches: Sequence[Branch], waste: float, slack: int) -> list[list[Branch]]:
    """``branches`` in groups of similar shape, to be computed as one padded block each.

    A group grows while its padded block holds at most ``waste`` times the pairs of tokens really needed, plus
    ``slack`` pairs, the worth of starting another block.
    """
    groups: list[list[Branch]] = []
    needed = longest = deepest = 0
    for branch in sorted(branches, key=lambda b: (b.length + len(b.path), b.length)):
        reach = branch.length + len(branch.path)
        block = max(longest, branch.length) * max(deepest, reach)
        if groups and (len(groups[-1]) + 1) * block <= waste * (needed + branch.length * reach) + slack:
            groups[-1].append(branch)
        else:
            groups.append([branch])
            needed = longest = deepest = 0
        needed += branch.length * reach
        longest, deepest = max(longest, branch.length), max(deepest, reach)
    return groups
