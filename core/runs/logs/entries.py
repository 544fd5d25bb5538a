"""One entry of a log, whoever wrote it: a question with its options, a model, and what the model answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from core.runs.logs.account import Reason
from core.types import Frozen, Message

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LISTED = re.compile(r"^[ \t]*[(（]?([A-Z]|\d{1,2})[).:、．）：][ \t]*(\S.*?)[ \t]*$")


class Entry(Frozen):
    """An answer as a log tells it. Either ``text`` or ``mass`` is set.

    ``labels`` are the letters or numbers that the prompt gave the options, empty where it gave none. ``mass`` is the
    probability (0..1) on each option, in their order, ``read_as`` how it was read. ``prompt`` is all that was sent,
    ``before`` the turns before the question. ``where`` says where in the log the entry stands.
    """

    where: str
    stem: str
    options: tuple[str, ...]
    labels: tuple[str, ...] = ()
    model: str
    prompt: str
    before: tuple[Message, ...] = ()
    text: str | None = None
    refused: bool = False
    mass: tuple[float, ...] | None = None
    read_as: str = "full"
    created: datetime | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    served_fingerprint: str | None = None


class Left(Frozen):
    """An entry that gives no answer, and why."""

    reason: Reason
    where: str


class Listed(Frozen):
    """A prompt taken apart: the question, the options, and the labels that it gives them."""

    stem: str
    options: tuple[str, ...]
    labels: tuple[str, ...]


def listed_options(prompt: str) -> Listed | None:
    """The last list of labelled options in ``prompt`` and the text before it; ``None`` where there is no such list.

    Options stand one a line, as ``A. Yes``, ``(B) No`` or ``1、是``; labels follow each other from A, 1 or 0.

    >>> listed_options("Do you walk?\\nA. Yes\\nB. No\\nAnswer:").options
    ('Yes', 'No')
    """
    lines = prompt.splitlines()
    found: list[list[tuple[int, str, str]]] = []
    for at, line in enumerate(lines):
        match = _LISTED.match(line)
        if match is None:
            if line.strip():
                found.append([])
            continue
        label, words = match.groups()
        if found and found[-1] and _next(found[-1][-1][1]) == label:
            found[-1].append((at, label, words))
        elif label in ("A", "0", "1"):
            found.append([(at, label, words)])
    lists = [one for one in found if len(one) > 1]
    if not lists:
        return None
    last = lists[-1]
    blocks = "\n".join(lines[: last[0][0]]).strip()
    return Listed(stem=blocks, options=tuple(w for _, _, w in last), labels=tuple(label for _, label, _ in last))


def _next(label: str) -> str:
    if label.isdigit():
        return str(int(label) + 1)
    at = ALPHABET.index(label) + 1
    return ALPHABET[at] if at < len(ALPHABET) else ""


def letters(options: Sequence[str]) -> tuple[str, ...]:
    """The letters of the alphabet that such programs label ``options`` with; the ninth is I."""
    return tuple(ALPHABET[: len(options)])
