"""Forward passes of a loaded causal model: next-token logits in batches, and a text token by token.

Prompts with common beginnings are computed as one tree where the model allows it, else side by side with padding.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.cancel import CancelToken, check_cancel
from core.providers.local.prefix_tree import Ids, Pack, known, make_pack, split_packs
from core.providers.local.sampling import draw, make_generator

if TYPE_CHECKING:
    import torch

    from core.providers.local.tree_attention import Carried, Save

TOKEN_BUDGET = 2048
"""Most padded tokens of one forward pass on a processor."""
GPU_TOKEN_BUDGET = 16_384
"""The same on a GPU, which needs larger matrix products to be busy."""
TRAIL_TOKENS = 256
"""Tokens of the last prompt that are remembered: a person and a question, some megabytes with a small model."""
_MEMORY = ("cache", "past_key_values", "cache_params")
"""Names of the key-value cache in different versions and models of transformers."""


@dataclass
class Trail:
    """The beginning of the last prompt, with its keys and values, from which the next prompts can go on."""

    ids: Ids = ()
    carried: Carried = field(default_factory=dict)

    def take(self) -> tuple[Ids, Carried]:
        """Return what is remembered, and forget it."""
        taken = self.ids, self.carried
        self.ids, self.carried = (), {}
        return taken


def token_batches(prompts: Sequence[Ids], budget: int = TOKEN_BUDGET) -> list[list[Ids]]:
    """The distinct ``prompts``, sorted by length, in batches of at most ``budget`` padded tokens.

    A prompt longer than the budget is a batch by itself.
    """
    batches: list[list[Ids]] = []
    for ids in sorted(set(prompts), key=lambda ids: (len(ids), ids)):
        if batches and (len(batches[-1]) + 1) * len(ids) <= budget:
            batches[-1].append(ids)
        else:
            batches.append([ids])
    return batches


def forward_last_logits(model: Any, prompts: Sequence[Ids]) -> torch.Tensor:
    """:func:`last_logits` for reading answers: nothing is kept for a backward pass."""
    import torch

    with torch.inference_mode():
        return last_logits(model, prompts)


def last_logits(model: Any, prompts: Sequence[Ids]) -> torch.Tensor:
    """Logits of the token after each prompt, ``[len(prompts), vocabulary]``, 32-bit, on the model's device.

    It takes one forward pass. Prompts are padded on the right. A causal model computes each position from those before
    it, so padding changes nothing and no mask is needed. Only the last position of each prompt is projected on the
    vocabulary.
    """
    import torch

    lengths = [len(ids) for ids in prompts]
    ids = torch.zeros((len(prompts), max(lengths)), dtype=torch.long)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = torch.tensor(prompt)
    ends = sorted({length - 1 for length in lengths})
    kept = model(
        input_ids=ids.to(model.device),
        use_cache=False,
        logits_to_keep=torch.tensor(ends, device=model.device),
    ).logits
    column = torch.tensor([ends.index(length - 1) for length in lengths], device=model.device)
    return kept[torch.arange(len(prompts), device=model.device), column].float()


def token_budget(model: Any) -> int:
    """Most tokens of one forward pass of ``model`` on its device."""
    return TOKEN_BUDGET if model.device.type == "cpu" else GPU_TOKEN_BUDGET


def read_last_logits(
    model: Any,
    prompts: Sequence[Ids],
    tree_limit: int = 0,
    cancel: CancelToken | None = None,
    trail: Trail | None = None,
) -> Iterator[tuple[list[Ids], torch.Tensor | RuntimeError]]:
    """The distinct ``prompts`` in groups, each with its logits ``[len(group), vocabulary]``, 32-bit.

    Prompts of at most ``tree_limit`` tokens are computed as a tree, see :func:`.tree_check.tree_limit`. With ``trail``
    the tree goes on from the last prompt of the call before; a trail belongs to one model and to one call at a time. A
    group for which memory ran out comes with that error. Raises :class:`core.errors.Cancelled`, in a tree also between
    two layers.
    """
    short = [ids for ids in prompts if len(ids) <= tree_limit]
    if len(set(short)) < 2:  # a tree has no advantage
        short = []
    before, carried = trail.take() if trail and short else ((), {})
    logits: torch.Tensor | RuntimeError
    packs = split_packs(short, before, token_budget(model)) if short else []
    starts = [pack[0] for pack in packs]
    for batch, following in zip(packs, [*starts[1:], None], strict=False):
        check_cancel(cancel)
        if following is not None:
            after = known(batch[-1], following)
        else:
            after = min(len(batch[-1]), TRAIL_TOKENS) if trail else 0
        try:
            logits, carried = forward_pack(model, batch, known(before, batch[0]), carried, after, cancel)
            before = batch[-1][:after]
        except RuntimeError as error:
            logits, carried, before = _only_memory(error), {}, ()
        yield batch, logits
    if trail and packs:
        trail.ids, trail.carried = before, carried
    rest = list(set(prompts).difference(short))
    for batch in token_batches(rest, token_budget(model)) if rest else ():
        check_cancel(cancel)
        try:
            logits = forward_last_logits(model, batch)
        except RuntimeError as error:
            logits = _only_memory(error)
        yield batch, logits


def _only_memory(error: RuntimeError) -> RuntimeError:
    """Return ``error`` where it says that memory ran out; raise any other."""
    if not is_out_of_memory(error):
        raise error
    return error


def forward_pack(
    model: Any,
    prompts: Sequence[Ids],
    start: int = 0,
    carried: Carried | None = None,
    after: int = 0,
    cancel: CancelToken | None = None,
    windows: dict[int, int | None] | None = None,
) -> tuple[torch.Tensor, Carried]:
    """Logits after each of ``prompts``, in one forward pass that computes their common beginnings once.

    The prompts are distinct and in tree order. ``carried`` has, by layer, the keys and values of at least the first
    ``start`` tokens of the first prompt. The keys and values of the first ``after`` tokens of the last prompt are
    returned beside the logits. ``windows``, if given, is filled with the number of tokens that each layer looks back,
    ``None`` for all.
    """
    return walk_pack(model, make_pack(prompts, start), carried, after, cancel, windows=windows)


def walk_pack(
    model: Any,
    pack: Pack,
    carried: Carried | None = None,
    after: int = 0,
    cancel: CancelToken | None = None,
    save: Save | None = None,
    windows: dict[int, int | None] | None = None,
) -> tuple[torch.Tensor, Carried]:
    """As :func:`forward_pack`, for a pack that is made already. ``save`` is called with the keys and values of all
    places.
    """
    import torch

    from core.providers.local.tree_attention import Walk, walking

    start = pack.carried
    begun = {layer: (k[:start], v[:start]) for layer, (k, v) in (carried or {}).items()} if start else {}
    keep = torch.tensor(pack.path[:after], dtype=torch.long, device=model.device)
    walk = Walk(pack, begun, keep, cancel, save)
    with torch.inference_mode(), walking(model, walk):
        logits = model(
            input_ids=torch.tensor([pack.ids], device=model.device),
            position_ids=torch.tensor([pack.depths], device=model.device),
            use_cache=False,
            logits_to_keep=torch.tensor(pack.ends, device=model.device),
        ).logits
    if windows is not None:
        windows.update(walk.windows)
    return logits[0].float(), walk.kept


def next_tokens(
    model: Any,
    prompt: Ids,
    *,
    temperature: float | None = None,
    top_p: float | None = None,
    seed: int | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[tuple[int, torch.Tensor]]:
    """Tokens after ``prompt`` without end, each with the logits ``[vocabulary]`` from which it was chosen.

    One text is written by itself with the model's own key-value cache, which works with every model. See
    :func:`.sampling.draw` for ``temperature`` and ``top_p``; the same ``seed`` gives the same tokens. Stops when
    ``cancel`` is set. The caller stops at an end token or a limit.
    """
    import torch

    generator = make_generator(seed, model.device.type)
    step = torch.tensor([prompt], dtype=torch.long, device=model.device)
    known_names = inspect.signature(model.forward).parameters
    name = next((name for name in _MEMORY if name in known_names), _MEMORY[0])
    memory = None
    while cancel is None or not cancel.is_set():
        # The mode ends before the yield, because it belongs to the thread and the caller runs in between.
        with torch.inference_mode():
            output = model(input_ids=step, **{name: memory}, use_cache=True, logits_to_keep=1)
            memory = output[name]
            logits = output.logits[0, -1].float()
            chosen = draw(logits, temperature, top_p, generator)
            step = chosen[None]
        yield int(chosen), logits.cpu()


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether ``error`` says that memory ran out, on a GPU or on the processor."""
    import torch

    words = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "not enough memory" in words or "can't allocate memory" in words
