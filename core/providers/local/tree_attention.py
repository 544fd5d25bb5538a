"""Attention over a pack of prompts, branch by branch, so that common beginnings are computed once.

All other parts of a causal model work token by token, so a pack passes through them as one sequence. In the attention
each branch sees only its own path. Works with any model that uses transformers' attention interface.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.cancel import CancelToken, check_cancel
from core.providers.local.prefix_tree import Pack, group_branches

if TYPE_CHECKING:
    import torch

    Carried = dict[int, tuple[torch.Tensor, torch.Tensor]]
    """Keys and values ``[tokens, heads x size]`` by layer."""
    Save = Callable[[int, torch.Tensor, torch.Tensor, int], None]
    """Called with a layer, its keys and values at all places ``[places, heads x size]``, and the number of heads."""

NAME = "parallax_tree"
_WASTE = 1.15
_SLACK = 1024
_GPU_WASTE = 2.0
_GPU_SLACK = 1 << 20
"""Pairs of tokens that starting another block costs. A GPU computes so many in the time that a block takes to start."""
_active = threading.local()


class UnsupportedAttentionError(RuntimeError):
    """The model needs something of its attention that is not implemented here, such as a soft cap."""


@dataclass
class Block:
    """Branches that are computed together, padded to one shape.

    ``rows`` and ``keys`` are the places that they read, ``[n, length]``. ``last`` is the position of each row in its
    prompt, ``[n, rows]``.
    """

    rows: torch.Tensor
    keys: torch.Tensor
    shape: tuple[int, int, int]
    last: torch.Tensor
    targets: torch.Tensor
    kept: torch.Tensor | None
    masks: dict[int | None, torch.Tensor] = field(default_factory=dict)

    def mask(self, window: int | None, repeat: int, dtype: torch.dtype) -> torch.Tensor:
        """The mask to add to the scores, ``[n, 1, repeat x rows, keys]``.

        Each row sees the tokens before it and itself; with ``window`` only the last so many. The padding of a block
        comes after everything that a row sees.
        """
        import torch

        if window not in self.masks:
            columns = torch.arange(self.shape[2], device=self.last.device)
            hidden = columns > self.last[..., None]
            if window is not None:
                hidden |= columns <= self.last[..., None] - window
            mask = torch.zeros(hidden.shape, dtype=dtype, device=hidden.device).masked_fill_(hidden, float("-inf"))
            self.masks[window] = mask.repeat(1, repeat, 1)[:, None]
        return self.masks[window]


@dataclass
class Walk:
    """A pack on its way through the layers, with the keys and values carried from the pack before.

    ``keep`` has the places that the next pack needs; their keys and values are collected in ``kept``. ``save`` is
    called with those of all places. ``windows`` gets, by layer number, how far each layer looks back.
    """

    pack: Pack
    carried: Carried
    keep: torch.Tensor
    cancel: CancelToken | None = None
    save: Save | None = None
    kept: Carried = field(default_factory=dict)
    blocks: list[Block] | None = None
    windows: dict[int, int | None] = field(default_factory=dict)


@contextmanager
def walking(model: Any, walk: Walk) -> Iterator[None]:
    """A context in which ``model`` computes its attention over ``walk``, in this thread."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, attend)
    config = model.config.get_text_config()
    before = config._attn_implementation
    config._attn_implementation = NAME
    _active.walk = walk
    try:
        yield
    finally:
        _active.walk = None
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
    """Attention of one layer as transformers calls it: query ``[1, heads, tokens, size]``.

    Raises :class:`UnsupportedAttentionError` and :class:`core.errors.Cancelled`.
    """
    import torch

    walk: Walk = _active.walk
    check_cancel(walk.cancel)
    refuse_extras(wishes)
    heads, tokens, size = query.shape[1:]
    groups, value_size = key.shape[1], value.shape[3]
    repeat = heads // groups
    queries = query[0].transpose(0, 1).reshape(tokens, heads * size)
    keys = key[0].transpose(0, 1).reshape(tokens, groups * size)
    values = value[0].transpose(0, 1).reshape(tokens, groups * value_size)
    if module.layer_idx in walk.carried:
        old_keys, old_values = walk.carried[module.layer_idx]
        keys, values = torch.cat([old_keys, keys]), torch.cat([old_values, values])
    if walk.save:
        walk.save(module.layer_idx, keys, values, groups)
    if walk.keep.numel():
        walk.kept[module.layer_idx] = keys[walk.keep], values[walk.keep]
    if walk.blocks is None:
        walk.blocks = make_blocks(walk.pack, query.device)
    window = walk.windows[module.layer_idx] = wishes.get("sliding_window")
    out = query.new_empty(tokens, heads * value_size)
    for block in walk.blocks:
        n, rows, reach = block.shape
        # Query heads that share a key head become rows of one product: products are larger and no keys are copied.
        q = queries.index_select(0, block.rows).view(n, rows, groups, repeat, size)
        q = q.permute(0, 2, 3, 1, 4).reshape(n, groups, repeat * rows, size)
        k = keys.index_select(0, block.keys).view(n, reach, groups, size).transpose(1, 2)
        v = values.index_select(0, block.keys).view(n, reach, groups, value_size).transpose(1, 2)
        seen = torch.nn.functional.scaled_dot_product_attention(
            q, k, v, attn_mask=block.mask(window, repeat, query.dtype), scale=scaling
        )
        seen = seen.view(n, groups, repeat, rows, value_size).permute(0, 3, 1, 2, 4)
        seen = seen.reshape(n * rows, heads * value_size)
        out.index_copy_(0, block.targets, seen if block.kept is None else seen.index_select(0, block.kept))
    return out.view(1, tokens, heads, value_size), None


def refuse_extras(wishes: dict[str, Any]) -> None:
    """Raise :class:`UnsupportedAttentionError` where a model needs something that is not implemented here."""
    if any(wishes.get(name) is not None for name in ("softcap", "s_aux", "position_bias")):
        raise UnsupportedAttentionError("soft caps, sinks and position biases are not offered")


def make_blocks(pack: Pack, device: torch.device) -> list[Block]:
    """The branches of ``pack``, grouped into blocks."""
    import torch

    blocks = []
    waste, slack = (_WASTE, _SLACK) if device.type == "cpu" else (_GPU_WASTE, _GPU_SLACK)
    for group in group_branches(pack.branches, waste, slack):
        longest = max(branch.length for branch in group)
        deepest = max(len(branch.path) + branch.length for branch in group)
        rows: list[int] = []
        keys: list[int] = []
        targets: list[int] = []
        kept: list[int] = []
        depths: list[int] = []
        for place, branch in enumerate(group):
            own = range(branch.start, branch.start + branch.length)
            rows += [*own, *[0] * (longest - branch.length)]
            reach = [*branch.path, *(pack.carried + row for row in own)]
            keys += [*reach, *[0] * (deepest - len(reach))]
            targets += own
            kept += range(place * longest, place * longest + branch.length)
            depths.append(len(branch.path))
        blocks.append(
            Block(
                rows=torch.tensor(rows, device=device),
                keys=torch.tensor(keys, device=device),
                shape=(len(group), longest, deepest),
                last=(torch.tensor(depths)[:, None] + torch.arange(longest)).to(device),
                targets=torch.tensor(targets, device=device),
                kept=torch.tensor(kept, device=device) if len(kept) < len(rows) else None,
            )
        )
    return blocks
