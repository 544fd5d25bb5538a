"""The body of an answer, bounded: in bytes once unpacked, and in the time that it takes to come."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from typing import Any

from core.errors import BadAnswer, Unreachable, said
from core.settings import settings

LONGEST_BODY = 32 * 2**20
"""Most bytes of an answer, unpacked; a longer one is refused."""
LONGEST_WAITS = 10
"""An answer that is still coming after this many times the longest wait for a part of it is given up."""
PACKED = "gzip, deflate"
"""The ways of packing that a server may use."""

_PIECE = 2**16


class Bounded:
    """Reads a body in pieces and keeps its last bytes (``tail``), which show whether a stream was complete.

    ``inner`` gives the bytes as they come, ``packing`` is the header Content-Encoding.
    """

    def __init__(self, inner: Any, packing: str = "") -> None:
        self._inner, self._packing, self.tail = inner, packing.strip().lower(), b""

    def pieces(self) -> Iterator[bytes]:
        """The unpacked bytes. Raises :class:`BadAnswer` and :class:`Unreachable`."""
        longest_s = LONGEST_WAITS * settings().request_timeout_s
        until, size = time.monotonic() + longest_s, 0
        for piece in self._unpacked():
            size += len(piece)
            if size > LONGEST_BODY:
                raise BadAnswer(said("body_long", most=LONGEST_BODY // 2**20))
            if time.monotonic() > until:
                raise Unreachable(said("body_slow", seconds=round(longest_s)))
            self.tail = (self.tail + piece)[-64:]
            yield piece

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def _unpacked(self) -> Iterator[bytes]:
        if self._packing in ("", "identity"):
            yield from self._inner
            return
        if self._packing not in ("gzip", "x-gzip", "deflate"):
            raise BadAnswer(said("body_packed", form=self._packing[:40]))
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            for piece in self._inner:
                left = piece
                # In small steps, so that little that unpacks to much is noticed before it fills the memory.
                while left:
                    yield unpacker.decompress(left, _PIECE)
                    left = unpacker.unconsumed_tail
            yield unpacker.flush()
        except zlib.error as error:
            raise BadAnswer(said("body_packed", form=self._packing)) from error
