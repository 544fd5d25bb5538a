"""Low-rank adapters on a model in memory: one base, many adapters, of which at most one acts at a time.

A linear layer with weights W gives W x; with an adapter it gives W x + s B (A x), where A has few rows. The base stays
as it is, so another adapter costs only its own numbers, and the base itself can still be asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cancel import CancelToken
from core.providers.local.turns import Turns

if TYPE_CHECKING:
    import torch

Pair = tuple["torch.Tensor", "torch.Tensor"]
"""A ``[rank, inner]`` and s B ``[outer, rank]``."""
CONFIG = "adapter_config.json"
_BEFORE, _DOWN, _UP = "base_model.model.", ".lora_A.weight", ".lora_B.weight"


class Adapters:
    """The adapters of one loaded model. ``acting`` is the one that acts now; ``None`` is the base alone."""

    def __init__(self, model: Any) -> None:
        self.acting: Mapping[str, Pair] | None = None
        self._model = model
        self._ready: set[str] = set()

    def prepare(self, pairs: Mapping[str, Pair]) -> None:
        """Make the layers that ``pairs`` names listen to :attr:`acting`.

        Raises ``KeyError`` where the model has no such layer, and ``ValueError`` where a layer has another size.
        """
        layers = dict(self._model.named_modules())
        for name, (down, up) in pairs.items():
            if (down.shape[1], up.shape[0]) != (layers[name].in_features, layers[name].out_features):
                raise ValueError(f"{name} has another size")
        for name in pairs:
            if name not in self._ready:
                layers[name].__dict__["forward"] = partial(self._adapted, layers[name].forward, name)
                self._ready.add(name)

    def _adapted(self, plain: Any, name: str, rows: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = plain(rows)
        pair = None if self.acting is None else self.acting.get(name)
        return made if pair is None else made + (rows @ pair[0].T) @ pair[1].T


class AdapterTurns(Turns):
    """The turns of a base model, in which one adapter acts."""

    def __init__(self, turns: Turns, adapters: Adapters, pairs: Mapping[str, Pair]) -> None:
        self._turns, self._adapters, self._pairs = turns, adapters, pairs

    @contextmanager
    def turn(self, cancel: CancelToken | None = None) -> Iterator[None]:
        """As :meth:`.turns.Turns.turn`; the adapter acts until it ends."""
        with self._turns.turn(cancel):
            self._adapters.acting = self._pairs
            try:
                yield
            finally:
                self._adapters.acting = None

    @property
    def wanted(self) -> bool:
        """Whether a thread is waiting for its turn at the base or at any of its adapters."""
        return self._turns.wanted


def read_adapter(path: Path, model: Any) -> dict[str, Pair]:
    """The adapter in the safetensors file ``path`` by layer of ``model``, on its device and in its number format.

    Raises ``OSError``, ``ValueError``, ``KeyError`` and ``SafetensorError`` where file or configuration are damaged.
    """
    from safetensors.torch import load_file

    config = json.loads((path.parent / CONFIG).read_text("utf-8"))
    scale = float(config["lora_alpha"]) / int(config["r"])
    tensors = {name.removeprefix(_BEFORE): tensor for name, tensor in load_file(path).items()}
    pairs = {}
    for name in [name for name in tensors if name.endswith(_DOWN)]:
        layer = name.removesuffix(_DOWN)
        down, up = tensors.pop(name).float(), tensors.pop(layer + _UP).float() * scale
        pairs[layer] = (down.to(model.device, model.dtype), up.to(model.device, model.dtype))
    if tensors or not pairs:
        raise ValueError(f"{len(tensors)} tensors are not understood")
    return pairs
