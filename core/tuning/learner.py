"""A model in training: loads it plainly, puts a low-rank adapter on it or frees all weights, and computes losses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.cancel import CancelToken, check_cancel
from core.errors import BadAnswer, InputError, Unreachable, said
from core.providers.chat import render_messages
from core.providers.labels import label_token_ids
from core.providers.local.device import choose_device, exact_products
from core.providers.local.libraries import require_libraries
from core.providers.local.library_output import without_library_output
from core.settings import settings
from core.tuning.loss import Losses, losses
from core.tuning.parts import Example
from core.tuning.spec import Tuning
from core.types import Model

if TYPE_CHECKING:
    import torch

_TOKENS, _GPU_TOKENS = 1024, 16_384
"""Most padded tokens of one forward and backward pass: about 1.5 GB of memory with the built-in model."""
_SAME = 1e-3
_PROBE = (11, 12, 13, 14)


class Learner:
    """One model with what is trained of it, in 32-bit numbers on the device of the settings.

    ``model`` is the base with the adapter inside; ``trained`` are the tensors that change, by name.
    """

    def __init__(self, base: Model, folder: Path, spec: Tuning) -> None:
        require_libraries()
        if spec.method == "lora" and find_spec("peft") is None:
            raise Unreachable(said("no_libraries", names="peft"))
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        if settings().threads:
            torch.set_num_threads(settings().threads)
        self.device = choose_device()
        if self.device == "cuda":
            exact_products()
        self._base = base
        with without_library_output():
            self.tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self.model: Any = AutoModelForCausalLM.from_pretrained(
                folder, dtype=torch.float32, local_files_only=True, use_safetensors=True
            ).to(self.device)
        self._check_split()
        self.adapter: Any = None
        if spec.method == "lora":
            self.adapter = _with_adapter(self.model, spec)
        self.model.train()
        self.trained: dict[str, torch.nn.Parameter] = {
            name: weight for name, weight in self.model.named_parameters() if weight.requires_grad
        }
        self._tokens = _TOKENS if self.device == "cpu" else _GPU_TOKENS

    def _hidden(self, ids: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.model.get_decoder()(input_ids=ids, use_cache=False).last_hidden_state
        return found

    def _check_split(self) -> None:
        """Raise :class:`BadAnswer` unless body and head alone give the logits of the whole model.

        Training computes the head at the last token of each prompt only.
        """
        import torch

        ids = torch.tensor([_PROBE], device=self.device)
        with torch.no_grad():
            try:
                whole = self.model(input_ids=ids, use_cache=False).logits
                split = self.model.get_output_embeddings()(self._hidden(ids))
                same = (whole - split).abs().max() <= _SAME * whole.std()
            except (AttributeError, TypeError, RuntimeError, IndexError):
                same = False
        if not same:
            raise BadAnswer(said("not_tunable", model=self._base.name))

    def losses(self, examples: Sequence[Example], cancel: CancelToken | None = None) -> Iterator[tuple[Any, Losses]]:
        """The losses of ``examples`` in batches of about equal length; each batch with the weights of its examples
        ``[prompts]``.

        Raises :class:`BadAnswer` where a label is no single token, and :class:`~core.errors.Cancelled`.
        """
        import torch

        ready = [(example, self._ids(example)) for example in examples]
        for batch in _batches(sorted(ready, key=lambda pair: len(pair[1])), self._tokens):
            check_cancel(cancel)
            rows = [ids for _, ids in batch]
            padded = torch.zeros((len(rows), max(map(len, rows))), dtype=torch.long)
            for place, ids in enumerate(rows):
                padded[place, : len(ids)] = torch.tensor(ids)
            # Padding stands after the prompt, and a causal model does not look ahead.
            hidden = self._hidden(padded.to(self.device))
            ends = torch.tensor([len(ids) - 1 for ids in rows], device=self.device)
            logits = self.model.get_output_embeddings()(hidden[torch.arange(len(rows), device=self.device), ends])
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
