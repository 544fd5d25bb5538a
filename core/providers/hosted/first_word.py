"""Interprets the first token that an endpoint gives: a label as vocabularies spell it, a thought, or a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from core.once import once
from core.parsing.thoughts import OPENINGS
from core.providers.hosted.top_k import Scored, probabilities

HARDLY = 0.05
"""A reading with less probability than this on all labels together does not measure the answer."""

What = Literal["thought", "token_ids", "other"]

_SPACES = str.maketrans({"\u2581": " ", "\u0120": " ", "\u010a": "\n", "\u0109": "\t"})
_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>\Z")
_TOKEN_ID = re.compile(r"token_id:\d+\Z")
_HALF = 0.5


def spelled(token: str, raw: Sequence[int] | None = None) -> str:
    """The text that ``token`` stands for; ``raw`` are its bytes, where the endpoint gives them.

    Vocabularies write a space before a word as U+0120 (byte-level BPE) or U+2581 (SentencePiece), a byte as
    ``<0x41>``, and every byte outside ASCII as a letter of the table that GPT-2 brought.

    >>> spelled("\u2581A"), spelled("\u0120A"), spelled("<0x41>")
    (' A', ' A', 'A')
    """
    if _TOKEN_ID.match(token) and raw:
        told = bytes(raw).decode(errors="replace")
        return token if "\ufffd" in told else told
    if byte := _BYTE.match(token):
        return bytes([int(byte[1], 16)]).decode(errors="replace")
    table = _byte_letters()
    if any(letter in token for letter in "\u0120\u010a") or (not token.isascii() and all(c in table for c in token)):
        told = bytes(table[c] for c in token).decode(errors="replace") if all(c in table for c in token) else "\ufffd"
        if "\ufffd" not in told:
            return told
    return token.translate(_SPACES)


def what_took(tokens: Sequence[Scored], on_labels: float) -> What | None:
    """What has the probability that the labels lack; ``None`` where the reading measures the answer.

    ``on_labels`` is the probability on all labels together, 0..1.
    """
    ranked = probabilities(tokens)
    if not ranked or on_labels >= _HALF:
        return None
    if sum(share for text, share in ranked if OPENINGS.match(text)) > on_labels:
        return "thought"
    if sum(share for text, share in ranked if _TOKEN_ID.match(text)) > on_labels:
        return "token_ids"
    return "other" if on_labels < HARDLY else None


@once
def _byte_letters() -> dict[str, int]:
    """Letters that stand for bytes in byte-level vocabularies: printable Latin-1 for itself, the rest from U+0100."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(0x100 + place): byte for place, byte in enumerate(others)}
