"""One text while it is written: what was asked, the tokens so far, and why it ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.cancel import CancelToken
from core.providers.local.prefix_tree import Ids

if TYPE_CHECKING:
    import torch

Finish = Literal["stop", "length", "cancelled", "memory", "failed"]


@dataclass(eq=False)
class Draft:
    """A text of at most ``limit`` tokens after the prompt ``ids``.

    ``tokens`` grows while it is written; then ``finish`` says why it ended, for ``failed`` with the ``error``.
    ``first`` holds the logits ``[vocabulary]`` after the prompt. ``seconds`` is the share of the time of all steps
    that went into this text, so that the seconds of texts written together add up to the time it took.
    """

    ids: Ids
    limit: int
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    cancel: CancelToken | None = None
    tokens: list[int] = field(default_factory=list)
    finish: Finish | None = None
    error: Exception | None = None
    first: torch.Tensor | None = None
    seconds: float = 0.0
    generator: torch.Generator | None = None
    alone: Iterator[tuple[int, torch.Tensor]] | None = None

    @property
    def stopped(self) -> bool:
        """Whether its user no longer wants it."""
        return self.cancel is not None and self.cancel.is_set()

    @property
    def reach(self) -> int:
        """The most tokens that prompt and text can have together."""
        return len(self.ids) + self.limit

    def take(self, token: int, ends: frozenset[int]) -> None:
        """Go on with ``token``; a text ends at one of ``ends``, which is no part of it, or at its limit."""
        if token in ends:
            self.finish = "stop"
            return
        self.tokens.append(token)
        if len(self.tokens) >= self.limit:
            self.finish = "length"

    def begin_again(self) -> None:
        """Forget what was written: it is done again later, when there is room."""
        self.tokens.clear()
        self.first = self.generator = None


class AllStopped:
    """Set once none of ``drafts`` is wanted any more."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._drafts = drafts

    def is_set(self) -> bool:
        """Whether that is so."""
        return all(draft.stopped for draft in self._drafts)
