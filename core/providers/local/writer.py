"""Writes texts side by side: one step of the model gives the next token of every text.

Prompts are read as a tree, so that common beginnings are computed once. A text joins when there is room and leaves when
it ends, from whichever call it came, so a long text makes no other wait. Models that cannot be read as a tree write
each text by itself, a few in turn.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from core.errors import Cancelled
from core.providers.local.draft import AllStopped, Draft
from core.providers.local.forward import Trail, is_out_of_memory, next_tokens, token_budget
from core.providers.local.prefix_tree import Ids
from core.providers.local.table import Table
from core.providers.local.turns import Turns

_ALONE = 4
_TURN_S = 1.0
_POLL_S = 0.2

OnDraft = Callable[[Draft], None]


class WriterClosedError(Exception):
    """The model was dropped from memory; the caller loads it again."""


class Writer:
    """Writes texts with one loaded model. Several threads may call ``write``; their texts share the steps.

    ``limit`` is the most tokens of a text that may be written beside others, 0 where the model does not allow it.
    ``ends`` are the tokens that end a text. ``turns`` says which thread may compute with the model, and ``trail`` what
    it read last.
    """

    def __init__(self, model: Any, limit: int, ends: frozenset[int], turns: Turns, trail: Trail) -> None:
        self._model = model
        self._limit = limit
        self._ends = ends
        self._turns = turns
        self._changed = threading.Condition()
        self._driving = False
        self._closed = False
        self._waiting: deque[deque[Draft]] = deque()
        self._table = Table(model, ends, trail)
        self._alone: list[Draft] = []

    def write(self, drafts: Sequence[Draft], grown: OnDraft | None = None, ended: OnDraft | None = None) -> None:
        """Write all ``drafts`` and return when they are finished.

        In this thread ``grown`` is called with texts that have grown, and ``ended`` once with each that has finished.
        ``grown`` must be quick, since all others wait for it; nobody waits for ``ended``.

        Raises :class:`WriterClosedError` where nothing was begun.
        """
        with self._changed:
            if self._closed:
                raise WriterClosedError
            self._waiting.append(deque(drafts))
        told = dict.fromkeys(drafts, 0)
        untold = dict.fromkeys(drafts)

        def tell() -> bool:
            """Tell of texts that have grown; whether any has ended that ``ended`` was not called with yet."""
            if grown:
                _tell_grown(told, grown)
            return ended is not None and any(draft.finish for draft in untold)

        try:
            while untold:
                drive = False
                if not all(draft.finish for draft in drafts):
                    with self._changed:
                        if self._driving:
                            self._changed.wait(_POLL_S)
                        else:
                            drive = self._driving = True
                if drive:
                    self._drive(drafts, tell)
                over = [draft for draft in untold if draft.finish]  # found first: another thread may end one meanwhile
                tell()
                for draft in over:
                    del untold[draft]
                    if ended:
                        ended(draft)
        finally:  # also where ``grown`` raises, as it does when a visitor leaves the page
            for draft in drafts:
                draft.finish = draft.finish or "cancelled"

    def close(self) -> bool:
        """Take no more texts and drop the model. Returns False, and does nothing, while texts are being written."""
        with self._changed:
            if not self._closed:
                if any(not draft.finish for draft in self._all()):
                    return False
                self._closed = True
                del self._model, self._table
            return True

    def _drive(self, drafts: Sequence[Draft], tell: Callable[[], bool]) -> None:
        """Take steps for all texts until ``drafts`` are finished, other threads have waited long enough for the model,
        or ``tell`` says that the caller has something to do that takes time, which is not done in a turn.
        """
        import torch

        try:
            with self._turns.turn(AllStopped(drafts)):
                until = time.perf_counter() + _TURN_S
                while not all(draft.finish for draft in drafts):
                    with torch.inference_mode():
                        self._step()
                    with self._changed:
                        self._changed.notify_all()
                    due = tell()
                    # While others wait, the rest of a turn is not given away for each text that ends.
                    if time.perf_counter() > until if self._turns.wanted else due:
                        break
                with torch.inference_mode():
                    self._sweep()
        except Cancelled:
            for draft in drafts:
                draft.finish = draft.finish or "cancelled"
        finally:
            with self._changed:
                self._driving = False
                self._changed.notify_all()

    def _step(self) -> None:
        """Let texts join, then find the next token of each."""
        self._sweep()
        joining = self._joining()
        if joining:
            self._guarded(joining, self._table.join)
            self._sweep()
        if self._table.rows:
            self._guarded(self._table.rows, self._table.advance)
        for draft in self._alone:
            self._guarded([draft], self._advance_alone)

    def _guarded(self, drafts: list[Draft], work: Callable[[list[Draft]], None]) -> None:
        """Do ``work`` on ``drafts`` and time it. Where it fails, these end with its error and all others go on."""
        begun = time.perf_counter()
        sharing = list(drafts)
        try:
            work(sharing)
        except Cancelled:
            for draft in sharing:
                draft.finish = "cancelled"
        except Exception as error:  # noqa: BLE001 - each caller is told of it
            if not (isinstance(error, RuntimeError) and is_out_of_memory(error)):
                for draft in sharing:
                    draft.finish, draft.error = "failed", error
            elif sharing[0] not in self._alone and len({*sharing, *self._table.rows}) > 1:
                again = self._table.give_way(sharing)
                with self._changed:
                    self._waiting.appendleft(deque(again))
            else:
                sharing[0].finish = "memory"
        share = (time.perf_counter() - begun) / len(sharing)
        for draft in sharing:
            draft.seconds += share

    def _all(self) -> Iterator[Draft]:
        return chain(*self._waiting, self._table.rows, self._alone)

    def _sweep(self) -> None:
        """Remove texts that ended or were stopped. The last row moves to the place of one that left."""
        with self._changed:
            for draft in self._all():
                if draft.stopped and not draft.finish:
                    draft.finish = "cancelled"
            left = (deque(draft for draft in call if not draft.finish) for call in self._waiting)
            self._waiting = deque(call for call in left if call)
        self._alone = [draft for draft in self._alone if not draft.finish]
        self._table.sweep()

    def _joining(self) -> list[Draft]:
        """The texts that join now, one of each call in turn: as many as there is room for, at most one pass."""
        joining: list[Draft] = []
        new: dict[Ids, int] = {}
        reach = max((draft.reach for draft in self._table.rows), default=0)
        with self._changed:
            full = 0  # calls in a row of which no text may join
            while self._waiting and full < len(self._waiting):
                draft = self._waiting[0][0]
                if draft.reach > self._limit:
                    fits = len(self._alone) < _ALONE
                    if fits:
                        self._alone.append(draft)
                else:
                    new[draft.ids] = len(draft.ids)
                    fits = self._table.fits(len(joining), max(reach, draft.reach)) and (
                        not joining or sum(new.values()) <= token_budget(self._model)
                    )
                    if fits:
                        joining.append(draft)
                        reach = max(reach, draft.reach)
                full = 0 if fits else full + 1
                if fits:
                    self._waiting[0].popleft()
                    if not self._waiting[0]:
                        self._waiting.popleft()
                        continue
                self._waiting.rotate(-1)
        return joining

    def _advance_alone(self, drafts: list[Draft]) -> None:
        """The next token of each text that is written by itself."""
        (draft,) = drafts
        if draft.alone is None:
            draft.alone = next_tokens(
                self._model, draft.ids, temperature=draft.temperature, top_p=draft.top_p, seed=draft.seed
            )
        token, logits = next(draft.alone)
        draft.first = logits if draft.first is None else draft.first
        draft.take(token, self._ends)


def _tell_grown(told: dict[Draft, int], grown: OnDraft) -> None:
    """Call ``grown`` with each text whose number of tokens is not that in ``told``, where it is then put."""
    for draft, known_tokens in told.items():
        if len(draft.tokens) != known_tokens:
            told[draft] = len(draft.tokens)
            grown(draft)
