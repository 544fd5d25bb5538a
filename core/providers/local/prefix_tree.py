"""Arranges prompts as a tree of common beginnings, and splits the tree into packs for forward passes.

In tree order, prompts with a common beginning are neighbours, and each shares its longest known beginning with the
prompt before it. In this order every token of the tree is computed once. From earlier packs only the path to the last
prompt is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Ids = tuple[int, ...]
PACK_TOKENS = 2048
"""New tokens of one pack: enough for large matrix products, few enough for small intermediate results."""


class Branch(NamedTuple):
    """The new tokens of one prompt: ``length`` tokens from index ``start`` of the pack.

    ``path`` has the place of each token before them. Places 0 to carried - 1 are the carried tokens; the tokens of the
    pack follow.
    """

    start: int
    length: int
    path: tuple[int, ...]


class Pack(NamedTuple):
    """The prompts of one forward pass. Places count the ``carried`` tokens first, then the new ``ids``.

    ``depths`` is the position of each new token in its prompt. ``ends`` has, for each of ``prompts``, the index of its
    last token in ``ids``. ``path`` has the places of all tokens of the last prompt.
    """

    prompts: tuple[Ids, ...]
    carried: int
    ids: Ids
    depths: tuple[int, ...]
    branches: tuple[Branch, ...]
    ends: tuple[int, ...]
    path: tuple[int, ...]


def shared(one: Ids, other: Ids) -> int:
    """The number of tokens at the beginning that two prompts have in common.

    >>> shared((1, 2, 3), (1, 2, 4))
    2
    """
    for place, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return place
    return min(len(one), len(other))


def tree_order(prompts: Sequence[Ids], before: Ids = ()) -> list[Ids]:
    """The distinct ``prompts`` in an order in which each shares its longest known beginning with the one before it.

    ``before`` is the prompt before the first. Prompts that share more with it come earlier, because after a
    prompt only its own tokens are known. A prompt that is a beginning of ``before`` comes first of all: after a
    longer prompt that begins with it, no token of it would be new.

    >>> tree_order([(1, 5), (2, 3), (1, 2, 3), (1, 2, 4)])
    [(1, 2, 3), (1, 2, 4), (1, 5), (2, 3)]
    """

    def place(ids: Ids) -> tuple[bool, int, Ids]:
        common = shared(before, ids)
        return (False, common, ids) if common == len(ids) else (True, -common, ids)

    return sorted(set(prompts), key=place)


def known(before: Ids, ids: Ids) -> int:
    """How many tokens at the beginning of ``ids`` are known after ``before``; the last one has to be computed."""
    return min(shared(before, ids), len(ids) - 1)


def split_packs(prompts: Sequence[Ids], before: Ids = (), budget: int = PACK_TOKENS) -> list[list[Ids]]:
    """The distinct ``prompts`` in tree order after ``before``, in packs of at most ``budget`` new tokens.

    A prompt with more new tokens is a pack by itself.
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
    """The pack of ``prompts``, which are distinct and in tree order.

    The first ``carried`` tokens of the first prompt are known already. ``carried`` is less than its length, since at
    least one token of each prompt must be new.
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
    """Number of nodes of the tree of ``prompts``: the tokens that have to be computed."""
    before: Ids = ()
    total = 0
    for ids in sorted(set(prompts)):
        total += len(ids) - shared(before, ids)
        before = ids
    return total


def group_branches(branches: Sequence[Branch], waste: float, slack: int) -> list[list[Branch]]:
    """``branches`` in groups of similar shape; each group is computed as one padded block.

    A group grows while its padded block has at most ``waste`` times the pairs of tokens that are needed, plus ``slack``
    pairs, which is what starting another block costs.
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
