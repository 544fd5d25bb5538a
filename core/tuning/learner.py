"""A model in training: loads it plainly, puts a low-rank adapter on it or frees all weights, and computes losses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cancel import CancelToken, check_cancel
from core.errors import InputError, Unreachable, said
from core.providers.chat import render_messages
from core.providers.labels import label_token_ids
from core.providers.local.computation import Way
from core.providers.local.device import choose_device
from core.providers.local.forward import last_logits
from core.providers.local.loader import load_plain
from core.tuning.loss import Losses, losses
from core.tuning.parts import Example
from core.tuning.spec import Tuning
from core.types import Model

if TYPE_CHECKING:
    import torch

_TOKENS, _GPU_TOKENS = 1024, 4096
"""Most padded tokens of one forward and backward pass: about 1.5 GB of memory with the built-in model."""


class Learner:
    """One model with what is trained of it, in 32-bit numbers on the device of the settings.

    ``model`` is the base with the adapter inside; ``trained`` are the tensors that change, by name. Raises
    :class:`~core.errors.ProviderError` where the base cannot be loaded.
    """

    def __init__(self, base: Model, folder: Path, spec: Tuning) -> None:
        if spec.method == "lora" and find_spec("peft") is None:
            raise Unreachable(said("no_libraries", names="peft"))
        self.device = choose_device()
        self._base = base
        self.tokenizer, self.model = load_plain(base, folder, Way("float32", self.device))
        self.adapter: Any = None
        if spec.method == "lora":
            self.adapter = _with_adapter(self.model, spec)
        self.model.train()
        self.trained: dict[str, torch.nn.Parameter] = {
            name: weight for name, weight in self.model.named_parameters() if weight.requires_grad
        }
        self._tokens = _TOKENS if self.device == "cpu" else _GPU_TOKENS

    def losses(self, examples: Sequence[Example], cancel: CancelToken | None = None) -> Iterator[tuple[Any, Losses]]:
        """The losses of ``examples`` in batches of about equal length; each batch with the weights of its examples
        ``[prompts]``.

        Raises :class:`BadAnswer` where a label is no single token, and :class:`~core.errors.Cancelled`.
        """
        import torch

        ready = [(example, self._ids(example)) for example in examples]
        for batch in _batches(sorted(ready, key=lambda pair: len(pair[1])), self._tokens):
            check_cancel(cancel)
            logits = last_logits(self.model, [ids for _, ids in batch])
            labels = [label_token_ids(self.tokenizer, example.labels) for example, _ in batch]
            weights = torch.tensor([example.weight for example, _ in batch], device=self.device)
            yield weights, losses(logits, labels, [example.shares for example, _ in batch])

    def _ids(self, example: Example) -> tuple[int, ...]:
        return render_messages(self.tokenizer, example.messages, self._base.chat).ids

    @contextmanager
    def resting(self) -> Iterator[None]:
        """A context in which nothing is learned, for measuring."""
        import torch

        self.model.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            self.model.train()


def _with_adapter(model: Any, spec: Tuning) -> Any:
    """Put a fresh adapter into ``model``, the same for the same seed. Returns the model of peft around it."""
    import torch
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=spec.rank,
        lora_alpha=spec.rank,
        target_modules=list(spec.targets),
        lora_dropout=0.0,
        bias="none",
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.manual_seed(spec.seed)
        try:
            return get_peft_model(model, config)
        except ValueError as error:
            raise InputError(said("tuning_targets", names=", ".join(spec.targets))) from error


def _batches(
    ready: Sequence[tuple[Example, tuple[int, ...]]], tokens: int
) -> Iterator[list[tuple[Example, tuple[int, ...]]]]:
    batch: list[tuple[Example, tuple[int, ...]]] = []
    for pair in ready:  # sorted, so the last is the longest
        if batch and (len(batch) + 1) * len(pair[1]) > tokens:
            yield batch
            batch = []
        batch.append(pair)
    if batch:
        yield batch
