"""Attention of texts that are written side by side: one new token each, over all tokens of its own text.

Keys and values of every text are one row of a store, so rows can be filled and moved without touching others. Works
with any model that uses transformers' attention interface.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.providers.local.tree_attention import refuse_extras

if TYPE_CHECKING:
    import torch

NAME = "parallax_rows"
_STEP = 64
_active = threading.local()


@dataclass
class RowStore:
    """Keys and values by layer, ``[rows, heads, tokens, size]``. A row has one text from its first token on.

    It grows layer by layer when rows or tokens are asked for, so that only one layer is in memory twice at a time.
    """

    rows: int = 0
    tokens: int = 0
    layers: dict[int, tuple[torch.Tensor, torch.Tensor]] = field(default_factory=dict)

    def reserve(self, rows: int, tokens: int) -> None:
        """Make room for ``rows`` rows of ``tokens`` tokens; each layer grows when it is next used."""
        self.rows = max(self.rows, rows)
        if tokens > self.tokens:
            self.tokens = -(-tokens // _STEP) * _STEP

    def clear(self) -> None:
        """Drop all keys and values."""
        self.rows = self.tokens = 0
        self.layers.clear()

    @property
    def token_bytes(self) -> int:
        """Bytes that one token takes in all layers; 0 before the first was stored."""
        both = [part for pair in self.layers.values() for part in pair]
        return sum(part.shape[1] * part.shape[3] * part.element_size() for part in both)

    def fill(
        self,
        places: Sequence[tuple[int, torch.Tensor]],
        layer: int,
        keys: torch.Tensor,
        values: torch.Tensor,
        heads: int,
    ) -> None:
        """Fill rows of ``layer``. Each of ``places`` is a row and the indices of its tokens in ``keys`` and ``values``.

        These have the shape ``[tokens, heads x size]``.
        """
        stored = self.layer(layer, heads, keys, values)
        for row, chosen in places:
            for whole, flat in zip(stored, (keys, values), strict=True):
                picked = flat.index_select(0, chosen)
                whole[row, :, : len(chosen)] = picked.view(len(chosen), heads, -1).transpose(0, 1)

    def move(self, source: int, target: int) -> None:
        """Copy row ``source`` over row ``target``."""
        for pair in self.layers.values():
            for whole in pair:
                whole[target] = whole[source]

    def layer(
        self, layer: int, heads: int, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values of ``layer`` with all reserved room; a new layer gets the type and device of those given."""
        found = self.layers.get(layer)
        if found is None or found[0].shape[0] < self.rows or found[0].shape[2] < self.tokens:
            old = found or (None, None)
            widths = (keys.shape[-1], values.shape[-1])
            if keys.dim() == 2:
                widths = (widths[0] // heads, widths[1] // heads)
            found = (
                self._grown(old[0], keys.new_zeros(self.rows, heads, self.tokens, widths[0])),
                self._grown(old[1], values.new_zeros(self.rows, heads, self.tokens, widths[1])),
            )
            self.layers[layer] = found
        return found

    @staticmethod
    def _grown(old: torch.Tensor | None, new: torch.Tensor) -> torch.Tensor:
        if old is not None:
            rows, tokens = min(len(old), len(new)), old.shape[2]
            new[:rows, :, :tokens] = old[:rows]
        return new


@dataclass
class Step:
    """One new token for each of the first ``len(lengths)`` rows, whose texts have ``lengths`` tokens before it."""

    store: RowStore
    lengths: torch.Tensor
    reach: int
    masks: dict[int | None, torch.Tensor] = field(default_factory=dict)

    def mask(self, window: int | None, dtype: torch.dtype) -> torch.Tensor:
        """The mask to add to the scores, ``[rows, 1, 1, reach]``: each row sees the tokens of its text.

        With ``window`` it sees only the last so many of them.
        """
        import torch

        if window not in self.masks:
            columns = torch.arange(self.reach, device=self.lengths.device)[None]
            hidden = columns > self.lengths[:, None]
            if window is not None:
                hidden |= columns <= self.lengths[:, None] - window
            mask = torch.zeros(hidden.shape, dtype=dtype, device=hidden.device).masked_fill_(hidden, float("-inf"))
            self.masks[window] = mask[:, None, None]
        return self.masks[window]


@contextmanager
def stepping(model: Any, step: Step) -> Iterator[None]:
    """A context in which ``model`` computes its attention over ``step``, in this thread."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, attend)
    config = model.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = NAME
    _active.step = step
    try:
        yield
    finally:
        _active.step = None
        config._attn_implementation = before


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **wishes: Any,
) -> tuple[torch.Tensor, None]:
    """Attention of one layer as transformers calls it: query ``[rows, heads, 1, size]``.

    Raises :class:`.tree_attention.UnsupportedAttentionError`.
    """
    import torch

    refuse_extras(wishes)
    step: Step = _active.step
    n, heads, _, size = query.shape
    groups = key.shape[1]
    keys, values = step.store.layer(module.layer_idx, groups, key, value)
    places = torch.arange(n, device=query.device)
    keys[places, :, step.lengths] = key[:, :, 0]
    values[places, :, step.lengths] = value[:, :, 0]
    # Query heads that share a key head become rows of one product, so that no key is copied.
    seen = torch.nn.functional.scaled_dot_product_attention(
        query.reshape(n, groups, heads // groups, size),
        keys[:n, :, : step.reach],
        values[:n, :, : step.reach],
        attn_mask=step.mask(wishes.get("sliding_window"), query.dtype),
        scale=scaling,
    )
    return seen.reshape(n, 1, heads, -1), None
