"""Loads models into memory and keeps at most a given number of them there."""

from __future__ import annotations

import gc
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.cancel import CancelToken, check_cancel
from core.errors import BadAnswer, ProviderError, Unreachable, said
from core.providers.local.feed_forward import compute_in_place
from core.providers.local.forward import Trail, is_out_of_memory
from core.providers.local.hub import find_folder, is_builtin
from core.providers.local.libraries import require_libraries
from core.providers.local.quiet_libraries import quiet
from core.providers.local.tree_check import tree_limit
from core.providers.local.weight_layout import pack_weights
from core.settings import settings
from core.types import Model

TOO_BIG_HINT = said("hint_memory")


@dataclass
class Loaded:
    """A model in memory with its tokenizer; hold ``lock`` while using either.

    ``context`` is the most tokens a prompt and its answer may have together, None where the model does not say;
    ``tree_limit`` the most a prompt may have to be read together with others as a tree, ``trail`` where the last
    tree ended.
    """

    model: Any
    tokenizer: Any
    context: int | None
    end_tokens: frozenset[int]
    tree_limit: int = 0
    trail: Trail = field(default_factory=Trail)
    lock: threading.RLock = field(default_factory=threading.RLock)


class Loader:
    """Gives out loaded models, the least recently used one leaving where there are too many."""

    def __init__(self, max_loaded: int) -> None:
        self._max = max_loaded
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, str], Loaded] = OrderedDict()

    def get(self, model: Model, revision: str, cancel: CancelToken | None = None) -> Loaded:
        """``model`` in memory. Raises :class:`ProviderError` and :class:`Cancelled`."""
        key = (model.remote_id, revision)
        while not self._lock.acquire(timeout=0.2):  # another thread is loading: minutes, on a slow line
            check_cancel(cancel)
        try:
            if key not in self._held:
                while len(self._held) >= self._max:
                    self._drop_oldest()
                self._held[key] = load(model, find_folder(model, revision, cancel))
            self._held.move_to_end(key)
            return self._held[key]
        finally:
            self._lock.release()

    def held(self, model: Model, revision: str) -> Loaded | None:
        """``model`` where it is in memory already."""
        return self._held.get((model.remote_id, revision))

    def clear(self) -> None:
        """Let go of every model."""
        with self._lock:
            while self._held:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        import torch

        _, oldest = self._held.popitem(last=False)
        with oldest.lock:  # not while a thread computes with it: two would be in memory at once
            oldest.model = None
            oldest.trail.take()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def load(model: Model, folder: Path) -> Loaded:
    """Read the model in ``folder``. Raises :class:`ProviderError`."""
    require_libraries()
    # Read by torch when first imported. Threads that spin while they wait take the cores from everything else:
    # two apps on a two-core computer then answer at half the speed they could.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if settings().threads:
        torch.set_num_threads(settings().threads)
    device = "cuda" if torch.cuda.is_available() and not is_builtin(model) else "cpu"
    try:
        with quiet():
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            weights = AutoModelForCausalLM.from_pretrained(
                folder, dtype=_dtype(model, device), local_files_only=True, use_safetensors=True
            )
            weights.to(device).eval()
            pack_weights(weights)
            compute_in_place(weights)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise _load_error(error, model, folder) from error
    return Loaded(
        model=weights,
        tokenizer=tokenizer,
        context=getattr(weights.config.get_text_config(), "max_position_embeddings", None),
        end_tokens=_end_tokens(weights, tokenizer),
        tree_limit=tree_limit(weights),
    )


def _dtype(model: Model, device: str) -> Any:
    """32-bit for the built-in model, so that every computer gives the same numbers; else 16-bit where it is fast."""
    import torch

    if is_builtin(model):
        return torch.float32
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    has_bf16 = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return torch.bfloat16 if has_bf16() else torch.float32


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    named = (tokenizer.eos_token_id, model.config.get_text_config().eos_token_id, model.generation_config.eos_token_id)
    lists = (entry if isinstance(entry, list | tuple) else [entry] for entry in named)
    return frozenset(token for entry in lists for token in entry if token is not None)


def _load_error(error: Exception, model: Model, folder: Path) -> ProviderError:
    from safetensors import SafetensorError

    if isinstance(error, RuntimeError) and is_out_of_memory(error):
        return BadAnswer(said("memory_load", model=model.name), TOO_BIG_HINT)
    first = next(iter(str(error).splitlines()), type(error).__name__)
    if isinstance(error, OSError | SafetensorError):
        return Unreachable(said("files_damaged", model=model.name, reason=first, folder=folder))
    return BadAnswer(said("not_loadable", model=model.name, reason=first))
