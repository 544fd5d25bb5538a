"""Loads models into memory, at most a given number of them."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core.cancel import CancelToken, check_cancel
from core.errors import BadAnswer, ProviderError, Unreachable, said
from core.providers.local.adapter import Adapters, AdapterTurns, read_adapter
from core.providers.local.computation import Way, choose_way
from core.providers.local.device import exact_products
from core.providers.local.feed_forward import compute_in_place
from core.providers.local.forward import Trail, is_out_of_memory
from core.providers.local.head import sharpen_head
from core.providers.local.hub import find_folder
from core.providers.local.libraries import require_libraries
from core.providers.local.library_output import without_library_output
from core.providers.local.tokenizer import load_tokenizer
from core.providers.local.tree_check import tree_limit
from core.providers.local.tuned import card_of, require_weights
from core.providers.local.turns import Turns
from core.providers.local.weight_layout import pack_weights
from core.providers.local.writer import Writer
from core.settings import settings
from core.types import Model

_POLL_S = 0.2
TOO_BIG_HINT = said("hint_memory")


@dataclass
class Loaded:
    """A model in memory with its tokenizer.

    Whoever computes with it takes a turn of ``turns`` or lets ``writer`` do so. ``context`` is the most tokens that a
    prompt and its answer may have together, ``None`` where the model does not say. ``tree_limit`` is the most tokens of
    a prompt that may be computed in a tree with others. ``trail`` is where the last tree ended. ``ends`` are the tokens
    that end a text. ``tuned`` has, by version, the models that were tuned from this one by an adapter: they share its
    weights, its tokenizer and its turns.
    """

    model: Any
    tokenizer: Any
    context: int | None
    tree_limit: int
    writer: Writer
    trail: Trail
    turns: Turns
    ends: frozenset[int] = frozenset()
    adapters: Adapters | None = None
    tuned: dict[str, Loaded] = field(default_factory=dict)


class Loader:
    """Gives out loaded models. Where there are too many, the least recently used one is dropped.

    Adapters count with their base, which is in memory once.
    """

    def __init__(self, max_loaded: int) -> None:
        self._max = max_loaded
        self._lock = threading.Lock()
        self._loaded: OrderedDict[tuple[str, str], Loaded] = OrderedDict()

    def get(self, model: Model, revision: str, cancel: CancelToken | None = None) -> Loaded:
        """``model`` in memory, loaded first where needed. Raises :class:`ProviderError` and :class:`Cancelled`."""
        card = card_of(model)
        while not self._lock.acquire(timeout=0.2):  # another thread is loading: minutes, on a slow line
            check_cancel(cancel)
        try:
            if card is None or card.method == "full":
                return self._plain(model, revision, cancel)
            base = self._plain(card.base, revision.rpartition("+")[0], cancel)
            if revision not in base.tuned:
                base.tuned[revision] = attach(base, model)
            return base.tuned[revision]
        finally:
            self._lock.release()

    def _plain(self, model: Model, revision: str, cancel: CancelToken | None) -> Loaded:
        key = (model.remote_id, revision)
        if key not in self._loaded:
            while len(self._loaded) >= self._max:
                self._drop_oldest()
            self._loaded[key] = load(model, find_folder(model, revision, cancel))
        self._loaded.move_to_end(key)
        return self._loaded[key]

    def clear(self) -> None:
        """Drop every model."""
        with self._lock:
            while self._loaded:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        import torch

        _, oldest = self._loaded.popitem(last=False)
        for loaded in (oldest, *oldest.tuned.values()):
            while not loaded.writer.close():  # waits while a thread computes with it, or two models would be in memory
                time.sleep(_POLL_S)
            with loaded.turns.turn():
                loaded.model = loaded.adapters = None
                loaded.trail.take()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def load(model: Model, folder: Path) -> Loaded:
    """Load the model in ``folder`` for reading. Raises :class:`ProviderError`."""
    tokenizer, weights = load_plain(model, folder, choose_way(model))
    with _load_errors(model, folder):
        weights.eval()
        sharpen_head(weights)
        pack_weights(weights)
        compute_in_place(weights)
    limit, ends, turns, trail = tree_limit(weights), _end_tokens(weights, tokenizer), Turns(), Trail()
    return Loaded(
        model=weights,
        tokenizer=tokenizer,
        context=getattr(weights.config.get_text_config(), "max_position_embeddings", None),
        tree_limit=limit,
        writer=Writer(weights, limit, ends, turns, trail),
        trail=trail,
        turns=turns,
        ends=ends,
        adapters=Adapters(weights),
    )


def load_plain(model: Model, folder: Path, way: Way) -> tuple[Any, Any]:
    """Tokenizer and weights of ``model`` as ``folder`` has them, on the device and in the number format of ``way``.

    Torch computes with the threads of the settings from then on. Raises :class:`ProviderError`.
    """
    require_libraries()
    # Torch reads this when it is imported. Threads that spin while they wait take the cores from everything else, so
    # that two apps on a computer of two cores answer at half their speed.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch
    from transformers import AutoModelForCausalLM

    if settings().threads:
        torch.set_num_threads(settings().threads)
    if way.device == "cuda":
        exact_products()
    with _load_errors(model, folder), without_library_output():
        tokenizer = load_tokenizer(folder, model.name)
        weights = AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, way.precision), local_files_only=True, use_safetensors=True
        )
        return tokenizer, weights.to(way.device)


def attach(base: Loaded, model: Model) -> Loaded:
    """``model``, which is an adapter on ``base``, in memory beside it. Raises :class:`ProviderError`."""
    path = require_weights(model)
    with _load_errors(model, path.parent), base.turns.turn():
        if base.adapters is None:
            raise ValueError("its base was dropped from memory")
        pairs = read_adapter(path, base.model)
        base.adapters.prepare(pairs)
    turns, trail = AdapterTurns(base.turns, base.adapters, pairs), Trail()
    writer = Writer(base.model, base.tree_limit, base.ends, turns, trail)
    return replace(base, writer=writer, trail=trail, turns=turns, tuned={})


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    named = (tokenizer.eos_token_id, model.config.get_text_config().eos_token_id, model.generation_config.eos_token_id)
    lists = (entry if isinstance(entry, list | tuple) else [entry] for entry in named)
    return frozenset(token for entry in lists for token in entry if token is not None)


@contextmanager
def _load_errors(model: Model, folder: Path) -> Iterator[None]:
    """A context in which what the libraries raise about files and memory becomes a :class:`ProviderError`."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise _load_error(error, model, folder) from error


def _load_error(error: Exception, model: Model, folder: Path) -> ProviderError:
    from safetensors import SafetensorError

    if isinstance(error, RuntimeError) and is_out_of_memory(error):
        return BadAnswer(said("memory_load", model=model.name), TOO_BIG_HINT)
    first = next(iter(str(error).splitlines()), type(error).__name__)
    if isinstance(error, OSError | SafetensorError):
        return Unreachable(said("files_damaged", model=model.name, reason=first, folder=folder))
    return BadAnswer(said("not_loadable", model=model.name, reason=first))
