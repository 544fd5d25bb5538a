"""Arranges the weights of linear layers for the processor once, instead of again for each product.

A forward pass over some hundred tokens reads all weights of a model once. Arranging them takes about a fifth of the
time of all products. oneDNN, which comes with torch, can keep them arranged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from core.providers.local.prefix_tree import PACK_TOKENS

if TYPE_CHECKING:
    import torch

_TOKENS = 8
_SAME_AS_PLAIN = {"torch.float32": 1e-4, "torch.bfloat16": 1e-2}
"""Largest difference of the logits from those of the plain layers, by number format, as a share of their spread."""
_MOST_BYTES = 2_500_000_000
"""Largest model that is arranged, in bytes: both layouts are in memory for a moment."""


def pack_weights(model: Any) -> int:
    """Arrange the linear layers of ``model``, which is on a processor; returns their number.

    Either all are arranged or none: the model stays as it was where this torch cannot do it, or where its logits differ
    then. A layer that shares its weights with the embedding, or has its own way of computing, stays as it is.
    """
    import torch

    if model.device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return 0
    shared = model.get_input_embeddings().weight
    layers = [layer for layer in model.modules() if type(layer) is torch.nn.Linear and layer.weight is not shared]
    layers = [
        layer for layer in layers if str(layer.weight.dtype) in _SAME_AS_PLAIN and "forward" not in layer.__dict__
    ]
    if sum(layer.weight.nbytes for layer in layers) > _MOST_BYTES:
        return 0
    if not layers:
        return 0
    tolerance = _SAME_AS_PLAIN[str(layers[0].weight.dtype)]
    weights = [layer.weight for layer in layers]
    with torch.inference_mode():
        try:
            before = _logits(model)
            for layer in layers:
                _lay_out(layer)
            # The largest difference would depend on the processor, which sums in another order.
            apart = (_logits(model) - before).square().mean().sqrt()
            same = apart <= tolerance * before.std()
            trouble = "" if same else "the numbers differ"
        except (AttributeError, LookupError, NotImplementedError, RuntimeError, TypeError, ValueError) as error:
            trouble = f"{type(error).__name__}: {error}"
        if trouble:
            logging.getLogger(__name__).warning("Weights stay as they are, which is slower: %s", trouble)
            for layer, weight in zip(layers, weights, strict=True):
                layer.__dict__.pop("forward", None)
                layer.weight = weight
            return 0
        # The rest would keep the whole file in memory.
        for kept in model.parameters():
            kept.data = kept.data.clone()
    return len(layers)


def _logits(model: Any) -> torch.Tensor:
    import torch

    found: torch.Tensor = model(input_ids=torch.arange(_TOKENS)[None], use_cache=False).logits
    return found.float()


def laid_out(weight: torch.Tensor, bias: torch.Tensor | None = None) -> Callable[[torch.Tensor], torch.Tensor]:
    """A function that multiplies rows with ``weight`` ``[outer, inner]``, arranged where this torch and device can."""
    import torch

    if weight.device.type == "cpu" and torch.backends.mkldnn.is_available():
        try:
            product = partial(_product, torch.ops.mkldnn._reorder_linear_weight(weight, PACK_TOKENS), bias)
            product(weight[:1])
        except (AttributeError, NotImplementedError, RuntimeError):
            logging.getLogger(__name__).info("No layout for %s: products are computed plainly.", weight.dtype)
        else:
            return product
    return partial(torch.nn.functional.linear, weight=weight, bias=bias)


def _lay_out(layer: torch.nn.Linear) -> None:
    import torch

    weight = layer.weight.detach()
    arranged = torch.ops.mkldnn._reorder_linear_weight(weight, PACK_TOKENS)
    layer.__dict__["forward"] = partial(_product, arranged, layer.bias)
    # Some models read the number format of the weights from the layer.
    layer.weight = torch.nn.Parameter(weight.new_empty(0), requires_grad=False)


def _product(weight: torch.Tensor, bias: torch.Tensor | None, rows: torch.Tensor) -> torch.Tensor:
    import torch

    made: torch.Tensor = torch.ops.mkldnn._linear_pointwise(rows, weight, bias, "none", [], "")
    return made
