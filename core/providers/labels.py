"""Which tokens of a vocabulary spell an option label (methods.md, section 2)."""

from __future__ import annotations

import threading
import unicodedata
from collections import defaultdict
from typing import Any
from weakref import WeakKeyDictionary

from core.errors import DataError, said

_BEFORE = "([{【「『《<\"'“‘*_#"
_AFTER = ".):;,]}】」』》>、。，\"'”’*_"
_LONGEST = 4

_spellings: WeakKeyDictionary[Any, dict[str, tuple[int, ...]]] = WeakKeyDictionary()
_lock = threading.Lock()


def bare(text: str) -> str:
    """``text`` without the characters that may stand around a label.

    NFKC turns full-width and circled letters into plain ones. Case is kept: a lower-case ``a`` is most often the
    English article or the beginning of a word, not an answer.

    >>> [bare(text) for text in (" (A", "A.", "【A】", "Ａ")]
    ['A', 'A', 'A', 'A']
    """
    stripped = unicodedata.normalize("NFKC", text).strip()
    return stripped.lstrip(_BEFORE).rstrip(_AFTER).strip()


def label_token_ids(tokenizer: Any, labels: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """For each label the ids of all single tokens that spell it; special tokens are left out.

    Raises :class:`DataError` where a label has no such token or two labels share one. The vocabulary is read once a
    tokenizer.
    """
    with _lock:
        spelled = _spellings.get(tokenizer)
        if spelled is None:
            spelled = _spellings[tokenizer] = _read_vocabulary(tokenizer)
    sets = tuple(spelled.get(label, ()) for label in labels)
    _check(tokenizer, labels, sets)
    return sets


def _read_vocabulary(tokenizer: Any) -> dict[str, tuple[int, ...]]:
    special = set(tokenizer.all_special_ids)
    found: dict[str, list[int]] = defaultdict(list)
    for token, text in enumerate(tokenizer.batch_decode([[token] for token in range(len(tokenizer))])):
        spelling = bare(text)
        if token not in special and 0 < len(spelling) <= _LONGEST:
            found[spelling].append(token)
    return {spelling: tuple(ids) for spelling, ids in found.items()}


def _check(tokenizer: Any, labels: tuple[str, ...], sets: tuple[tuple[int, ...], ...]) -> None:
    hint = said("hint_label")
    seen: set[int] = set()
    for label, ids in zip(labels, sets, strict=True):
        if not ids:
            raise DataError(said("label_unspelled", label=label), hint)
        if seen & set(ids):
            raise DataError(said("label_shared", label=label), hint)
        if any(bare(tokenizer.decode([token])) != label for token in ids):
            raise DataError(said("label_other", label=label), hint)
        seen |= set(ids)
