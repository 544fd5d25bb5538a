"""The texts that are being written with one model, each in a row: texts join, take steps together, and leave."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from core.providers.local.draft import AllStopped, Draft
from core.providers.local.forward import TRAIL_TOKENS, Trail, walk_pack
from core.providers.local.prefix_tree import known, make_pack, tree_order
from core.providers.local.row_attention import RowStore, Step, stepping
from core.providers.local.sampling import draw, make_generator

if TYPE_CHECKING:
    import torch

ROWS = 16
"""Most texts written at once on a processor, where a step of so many takes little longer than a step of one."""
GPU_ROWS = 128
STORE_BYTES = 400_000_000
"""Most bytes of keys and values of all texts, on a processor."""
GPU_SHARE = 0.4
"""The same on a GPU, as a share of the memory that was free when the model was loaded."""


class Table:
    """The rows of texts and their keys and values. One thread at a time may use it.

    ``ends`` are the tokens that end a text. ``trail`` is what the model read last, see :class:`.forward.Trail`.
    """

    def __init__(self, model: Any, ends: frozenset[int], trail: Trail) -> None:
        self.rows: list[Draft] = []
        self._model = model
        self._ends = ends
        self._trail = trail
        self._store = RowStore()
        self._token_bytes = 0
        self._most_rows, self._most_bytes = _room(model)

    def fits(self, coming: int, reach: int) -> bool:
        """Whether one more text may join beside ``coming`` others, where the longest may reach ``reach`` tokens."""
        count = len(self.rows) + coming + 1
        if count == 1:
            return True
        # How much memory a token takes is known once the first text was read.
        return 0 < self._token_bytes * count * reach <= self._most_bytes and count <= self._most_rows

    def sweep(self) -> None:
        """Remove finished texts. The last row moves to the place of one that left."""
        row = 0
        while row < len(self.rows):
            if not self.rows[row].finish:
                row += 1
                continue
            last = self.rows.pop()
            if row < len(self.rows):
                self.rows[row] = last
                self._store.move(len(self.rows), row)
        if not self.rows:
            self._store.clear()

    def give_way(self, drafts: Sequence[Draft]) -> list[Draft]:
        """After memory ran out for ``drafts``, use fewer rows; returns the texts that must begin again later.

        These are all of ``drafts`` that were about to join, else the later half of the rows.
        """
        again = [draft for draft in drafts if draft not in self.rows]
        self._most_rows = max(1, len(self.rows) if again and self.rows else (len(again) or len(self.rows)) // 2)
        if not again:
            again = self.rows[self._most_rows :]
            del self.rows[self._most_rows :]
        self._store.rows = len(self.rows)
        for draft in again:
            draft.begin_again()
        return again

    def join(self, joining: list[Draft]) -> None:
        """Read the prompts of ``joining`` as a tree into new rows, and choose the first token of each."""
        import torch

        before, carried = self._trail.take()
        prompts = tree_order([draft.ids for draft in joining], before)
        pack = make_pack(prompts, known(before, prompts[0]))
        device = self._model.device
        paths = {
            ids: torch.tensor(
                [*b.path, *range(pack.carried + b.start, pack.carried + b.start + b.length)], device=device
            )
            for ids, b in zip(prompts, pack.branches, strict=True)
        }
        places = [(row, paths[draft.ids]) for row, draft in enumerate(joining, start=len(self.rows))]
        self._store.reserve(len(self.rows) + len(joining), max(map(len, prompts)) + 1)
        after = min(len(prompts[-1]), TRAIL_TOKENS)
        logits, carried = walk_pack(
            self._model, pack, carried, after, AllStopped(joining), partial(self._store.fill, places)
        )
        self._trail.ids, self._trail.carried = prompts[-1][:after], carried
        self._token_bytes = self._store.token_bytes
        row_of = {ids: row for row, ids in enumerate(prompts)}
        for draft in joining:
            draft.generator = make_generator(draft.seed, device.type)
            draft.first = logits[row_of[draft.ids]]
        self._choose(joining, torch.stack([draft.first for draft in joining if draft.first is not None]))
        self.rows += joining

    def advance(self, rows: list[Draft]) -> None:
        """Choose the next token of each of ``rows``, which are all rows, in one step of the model."""
        import torch

        lengths = [len(draft.ids) + len(draft.tokens) - 1 for draft in rows]
        reach = max(lengths) + 1
        self._store.reserve(len(rows), reach)
        device = self._model.device
        before = torch.tensor(lengths, device=device)
        step = Step(self._store, before, reach)
        with torch.inference_mode(), stepping(self._model, step):
            logits = self._model(
                input_ids=torch.tensor([draft.tokens[-1:] for draft in rows], device=device),
                position_ids=before[:, None],
                use_cache=False,
                logits_to_keep=1,
            ).logits
        self._choose(rows, logits[:, -1].float())

    def _choose(self, drafts: list[Draft], logits: torch.Tensor) -> None:
        """Add one token to each of ``drafts`` from its row of ``logits``; all tokens are copied from the device at
        once.
        """
        import torch

        with torch.inference_mode():
            chosen = logits.argmax(dim=-1)
            for row, draft in enumerate(drafts):
                if draft.temperature and draft.generator is not None:
                    chosen[row] = draw(logits[row], draft.temperature, draft.top_p, draft.generator)[0]
        for draft, token in zip(drafts, chosen.tolist(), strict=True):
            draft.take(token, self._ends)


def _room(model: Any) -> tuple[int, float]:
    """The most rows, and the most bytes of keys and values."""
    import torch

    if model.device.type == "cpu":
        return ROWS, STORE_BYTES
    free, _ = torch.cuda.mem_get_info(model.device)
    return GPU_ROWS, free * GPU_SHARE
