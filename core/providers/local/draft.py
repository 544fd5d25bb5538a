"""A text while it is being written: the request, the tokens so far, and why it ended."""

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

    ``tokens`` grows while the text is written. Then ``finish`` says why it ended; where that is ``failed``, ``error``
    has the reason. ``first`` has the logits ``[vocabulary]`` after the prompt. ``seconds`` is this text's share of the
    time of all steps, so that the seconds of texts written together add up to the time that they took.
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
        """Whether the user has asked to stop this text."""
        return self.cancel is not None and self.cancel.is_set()

    @property
    def reach(self) -> int:
        """The most tokens that the prompt and the text can have together."""
        return len(self.ids) + self.limit

    def take(self, token: int, ends: frozenset[int]) -> None:
        """Add ``token``. The text ends at its limit or at one of ``ends``, which is not added."""
        if token in ends:
            self.finish = "stop"
            return
        self.tokens.append(token)
        if len(self.tokens) >= self.limit:
            self.finish = "length"

    def begin_again(self) -> None:
        """Delete what was written, so that the text is written again later, when there is memory."""
        self.tokens.clear()
        self.first = self.generator = None


class AllStopped:
    """A cancel token that is set once all of ``drafts`` were stopped."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._drafts = drafts

    def is_set(self) -> bool:
        """Whether all drafts were stopped."""
        return all(draft.stopped for draft in self._drafts)
