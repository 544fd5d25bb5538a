"""A set of cells that takes little memory: tens of millions of them fit beside a driver."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import numpy as np

_ID_BYTES, _SAMPLE_BYTES = 10, 4
_KEY = np.dtype(f"S{_ID_BYTES + _SAMPLE_BYTES}")
_OURS = re.compile(r"[0-9a-f]{20}")
_WAITING = 100_000
_LARGEST = 2_000_000
"""Arrays of this size are not merged further, so that a merge never needs much memory of its own."""

Key = tuple[str, int]
"""The id of a cell, 20 hex digits, and its sample number."""


def packed(keys: Iterable[Key]) -> np.ndarray:
    """``keys`` as an array of 14 bytes each, which sorts and compares as a whole; two of ours never become one.

    >>> len(packed([("00" * 10, 0), ("00" * 10, 1)]))
    2
    """
    whole = [_short(name) + (sample + 1).to_bytes(_SAMPLE_BYTES, "big") for name, sample in keys]
    # A text of known length per key: np.array would first look for the longest.
    return np.frombuffer(b"".join(whole), _KEY)


def _short(name: str) -> bytes:
    """An id of this project is 20 hex digits; another, of a log or a plug-in, is hashed to as many."""
    if _OURS.fullmatch(name):
        return bytes.fromhex(name)
    return hashlib.sha256(name.encode()).digest()[:_ID_BYTES]


class KeySet:
    """Keys of cells in sorted arrays, 14 bytes each (a Python set takes over a hundred)."""

    def __init__(self) -> None:
        self._sorted: list[np.ndarray] = []
        self._waiting: list[np.ndarray] = []
        self._new = 0

    def __len__(self) -> int:
        return self._new + sum(len(array) for array in self._sorted)

    def add(self, keys: np.ndarray) -> None:
        """Add keys, as :func:`packed` gives them. A key that is added twice counts twice in the length."""
        self._waiting.append(np.sort(keys))
        self._new += len(keys)
        if self._new >= _WAITING:
            self._sorted.append(np.sort(np.concatenate(self._waiting), kind="stable"))
            self._waiting, self._new = [], 0
            self._merge()

    def has(self, keys: np.ndarray) -> np.ndarray:
        """For each of ``keys`` whether it is in the set."""
        # Searched in their order, so that neighbours are found in the same part of memory.
        order = np.argsort(keys)
        ordered = keys[order]
        here = np.zeros(len(keys), bool)
        for array in (*self._sorted, *self._waiting):
            if len(array):
                places = np.minimum(np.searchsorted(array, ordered), len(array) - 1)
                here |= array[places] == ordered
        found = np.empty(len(keys), bool)
        found[order] = here
        return found

    def take(self, keys: np.ndarray) -> np.ndarray:
        """Add ``keys``, as :func:`packed` gives them, and tell of each whether it is new: neither in the set before nor
        earlier in ``keys``.
        """
        _, first = np.unique(keys, return_index=True)
        new = np.zeros(len(keys), bool)
        new[first] = True
        new &= ~self.has(keys)
        self.add(keys[new])
        return new

    def _merge(self) -> None:
        while len(self._sorted) > 1:
            last, before = self._sorted[-1], self._sorted[-2]
            if len(before) > 2 * len(last) or len(before) + len(last) > _LARGEST:
                return
            self._sorted[-2:] = [np.sort(np.concatenate([before, last]), kind="stable")]
