"""Reads R's serialised objects (the binary form of ``saveRDS`` and ``save``) as a stream, with vectors put on disk.

A data frame is one object whose column names come after its columns, so a reader that keeps it all in memory needs
several times the size of the file. Here every vector goes to a temporary file as it comes, and only the parts that are
asked for are read back. The form is documented in "R Internals", section 1.8 (serialization formats).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np

BLOCK = 20_000
"""Strings of a block on disk, which is read as a whole."""

_PIECE = 1 << 20
_DEEPEST = 200
_LATIN1 = 1 << 2
_NA_INTEGER = -(2**31)
_NUMBERS = {10: ("LGL", ">i4"), 13: ("INT", ">i4"), 14: ("REAL", ">f8"), 15: ("CPLX", ">c16"), 24: ("RAW", "u1")}
_NOTHING = frozenset({241, 242, 250, 251, 252, 253, 254})
_PAIRS = frozenset({2, 3, 5, 6, 17, 239, 240})
_LISTS = frozenset({19, 20})
_NAMED = frozenset({247, 248, 249})


class Unsupported(ValueError):
    """An object that no data frame has, or a damaged file."""


class TooLarge(ValueError):
    """More unpacked bytes than are allowed."""


Pairs = list[tuple[str, Any]]
"""A pairlist: tags, which may be empty, with values."""


@dataclass
class Vector:
    """A vector: its kind, length and attributes; ``items`` of a list, or a function that reads a part of the rest."""

    kind: str
    length: int
    attributes: Mapping[str, Any] = field(default_factory=dict)
    items: list[Any] = field(default_factory=list)
    part: Callable[[int, int], list[Any]] = lambda first, last: []

    def values(self, first: int = 0, last: int | None = None) -> list[Any]:
        """Values ``first`` up to ``last``; every kind of NA is ``None``. Lists have none."""
        return self.part(first, self.length if last is None else min(last, self.length))


class Stream:
    """One serialised object. ``spool`` takes the vectors; at most ``most`` bytes are read from ``file``."""

    def __init__(self, file: IO[bytes], spool: IO[bytes], most: int) -> None:
        self._file, self._spool, self._left, self._end = file, spool, most, 0
        self._references: list[Any] = []

    def read(self) -> Any:
        """The object, as :class:`Vector`, pairs, text or ``None``.

        Raises :class:`Unsupported`, :class:`TooLarge`, and what the file raises.
        """
        if self._bytes(2) != b"X\n":
            raise Unsupported("not R's binary form")
        version = self._int()
        self._bytes(8)
        if version == 3:
            self._bytes(self._int())
        elif version != 2:
            raise Unsupported(f"version {version}")
        return self._item(0)

    def _bytes(self, count: int) -> bytes:
        self._left -= max(count, 0)
        if self._left < 0:
            raise TooLarge
        found = self._file.read(count) if count > 0 else b""
        if len(found) < count or count < 0:
            raise Unsupported("the file ends too early")
        return found

    def _int(self) -> int:
        return int(struct.unpack(">i", self._bytes(4))[0])

    def _length(self) -> int:
        length = self._int()
        if length == -1:  # a long vector
            length = (self._int() << 32) + (self._int() & 0xFFFFFFFF)
        if length < 0:
            raise Unsupported("a negative length")
        return length

    def _item(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise Unsupported("nested too deeply")
        flags = self._int()
        kind, has_attributes = flags & 0xFF, bool(flags & 1 << 9)
        if kind in _NOTHING:
            return None
        if kind == 255:
            place = flags >> 8 or self._int()
            if not 0 < place <= len(self._references):
                raise Unsupported("an unknown reference")
            return self._references[place - 1]
        if kind == 1:
            name = self._item(depth + 1)
            self._references.append(name)
            return name
        if kind in _PAIRS:
            return self._pairs(flags, depth)
        if kind == 9:
            return self._text(flags)
        if kind in _NUMBERS:
            return self._numbers(kind, has_attributes, depth)
        if kind == 16:
            return self._strings(has_attributes, depth)
        if kind in _LISTS:
            items = [self._item(depth + 1) for _ in range(self._length())]
            return Vector("LIST", len(items), self._attributes(has_attributes, depth), items)
        return self._rare(kind, has_attributes, depth)

    def _rare(self, kind: int, has_attributes: bool, depth: int) -> Any:
        """Objects that only attributes of a data frame hold; what they say is not used, save for sequences."""
        if kind == 238:
            told, state, attributes = (self._item(depth + 1) for _ in range(3))
            return _alternative(told, state, dict(attributes or ()))
        if kind in (4, 22) or kind in _NAMED:
            if kind == 4:
                self._int()
            self._references.append(None)
            if kind in _NAMED:
                self._int()
            for _ in range({4: 4, 22: 2}.get(kind) or self._length()):
                self._item(depth + 1)
            self._attributes(has_attributes and kind == 22, depth)
            return None
        if kind in (7, 8):
            self._bytes(self._int())
            return None
        if kind == 25:
            self._attributes(has_attributes, depth)
            return None
        raise Unsupported(f"an object of type {kind}")

    def _attributes(self, there: bool, depth: int) -> dict[str, Any]:
        found = self._item(depth + 1) if there else None
        return dict(found) if isinstance(found, list) else {}

    def _pairs(self, flags: int, depth: int) -> Pairs:
        found: Pairs = []
        while True:
            if flags & 1 << 9 or flags & 0xFF in (239, 240):
                self._item(depth + 1)
            tag = self._item(depth + 1) if flags & 1 << 10 else None
            found.append((tag if isinstance(tag, str) else "", self._item(depth + 1)))
            flags = self._int()
            if flags & 0xFF not in _PAIRS:
                break
        if flags & 0xFF not in _NOTHING:
            found.append(("", self._rest(flags, depth)))
        return found

    def _rest(self, flags: int, depth: int) -> Any:
        """The end of a pairlist that is an object of its own, whose flags were read already."""
        kind = flags & 0xFF
        if kind in _NUMBERS:
            return self._numbers(kind, bool(flags & 1 << 9), depth)
        if kind == 16:
            return self._strings(bool(flags & 1 << 9), depth)
        raise Unsupported(f"a list that ends with type {kind}")

    def _text(self, flags: int) -> str | None:
        length = self._int()
        if length == -1:
            return None
        return self._bytes(length).decode("latin-1" if flags >> 12 & _LATIN1 else "utf-8", errors="replace")

    def _numbers(self, kind: int, has_attributes: bool, depth: int) -> Vector:
        name, form = _NUMBERS[kind]
        length, size, first = self._length(), np.dtype(form).itemsize, self._end
        for start in range(0, length * size, _PIECE):
            self._put(self._bytes(min(_PIECE, length * size - start)))

        def part(begin: int, end: int) -> list[Any]:
            raw = np.frombuffer(self._got(first + begin * size, (end - begin) * size), form)
            gone = np.isnan(raw) if name in ("REAL", "CPLX") else raw == _NA_INTEGER
            return [None if lost else value for value, lost in zip(raw.tolist(), gone.tolist(), strict=True)]

        return Vector(name, length, self._attributes(has_attributes, depth), part=part)

    def _strings(self, has_attributes: bool, depth: int) -> Vector:
        length = self._length()
        blocks: list[tuple[int, int]] = []
        for start in range(0, length, BLOCK):
            texts = [self._string() for _ in range(min(BLOCK, length - start))]
            told = "\0".join("\1" if text is None else text for text in texts).encode()
            blocks.append((self._end, len(told)))
            self._put(told)

        def part(begin: int, end: int) -> list[Any]:
            found: list[Any] = []
            for place in range(begin // BLOCK, -(-end // BLOCK)):
                texts = self._got(*blocks[place]).decode().split("\0")
                found += texts[max(0, begin - place * BLOCK) : end - place * BLOCK]
            return [None if text == "\1" else text for text in found]

        return Vector("STR", length, self._attributes(has_attributes, depth), part=part)

    def _string(self) -> str | None:
        flags = self._int()
        if flags & 0xFF != 9:
            raise Unsupported("a text that is none")
        return self._text(flags)

    def _put(self, raw: bytes) -> None:
        self._spool.seek(self._end)
        self._spool.write(raw)
        self._end += len(raw)

    def _got(self, first: int, count: int) -> bytes:
        self._spool.seek(first)
        return self._spool.read(count)


def _alternative(told: Any, state: Any, attributes: Mapping[str, Any]) -> Vector:
    """A vector that R wrote in short: a sequence, numbers as texts, or another vector with a wrapper around it."""
    name = str(told[0][1]) if told else ""
    if name in ("compact_intseq", "compact_realseq") and isinstance(state, Vector):
        count, first, step = (int(value) for value in state.values())
        numbers = range(first, first + step * count, step)
        return Vector("INT", count, attributes, part=lambda begin, end: list(numbers[begin:end]))
    inner = next(_inner(state), None)
    if isinstance(inner, Vector) and name.startswith("wrap_"):
        return Vector(inner.kind, inner.length, attributes or inner.attributes, inner.items, inner.part)
    if isinstance(inner, Vector) and name == "deferred_string":
        numbered = inner.part
        return Vector("STR", inner.length, attributes, part=lambda begin, end: _as_texts(numbered(begin, end)))
    raise Unsupported(f"a vector of the form {name}")


def _inner(state: Any) -> Iterator[Any]:
    if isinstance(state, Vector):
        yield from state.items
    elif isinstance(state, list):
        yield from (value for _, value in state)


def _as_texts(numbers: list[Any]) -> list[str | None]:
    return [None if n is None else f"{n:.15g}" for n in numbers]
