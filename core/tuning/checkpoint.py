"""What a tuning writes down while it trains, so that it can go on after a stop or a kill."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import DataError, Unreachable, said
from core.types import LossPoint

if TYPE_CHECKING:
    import torch

_FILE = "checkpoint.safetensors"
_MOMENTS = ("exp_avg", "exp_avg_sq")
Weights = Mapping[str, "torch.Tensor"]


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """A context in which files are written into ``folder``: raises :class:`Unreachable` where that fails.

    safetensors has an error of its own for a full disk and for a folder that may not be written to.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise Unreachable(said("tuning_folder", folder=folder, reason=reason)) from error


@dataclass
class Progress:
    """How far a tuning is, and the weights of its best check."""

    step: int = 0
    prompts: int = 0
    seconds: float = 0.0
    kept: int = 0
    waited: int = 0
    early: bool = False
    losses: list[LossPoint] = field(default_factory=list)
    best: dict[str, torch.Tensor] = field(default_factory=dict)
    resumed_at: int | None = None
    seconds_before: float = 0.0

    def keep(self, trained: Weights) -> None:
        """Note ``trained`` as the best weights so far."""
        self.kept = self.step
        self.best = {name: tensor.detach().cpu().clone() for name, tensor in trained.items()}

    def put_back(self, trained: Weights) -> None:
        """Write the best weights into ``trained``."""
        import torch

        with torch.no_grad():
            for name, tensor in trained.items():
                tensor.copy_(self.best[name])


class Checkpoint:
    """One file in ``folder``, which is replaced as a whole. ``made_for`` says for what it was written."""

    def __init__(self, folder: Path, made_for: str) -> None:
        self._path, self._made_for = folder / _FILE, made_for

    def save(self, trained: Weights, optimizer: Any, state: Progress) -> None:
        """Write weights, moments of the optimizer, best weights and ``state``.

        Raises :class:`Unreachable` where the folder cannot be written to.
        """
        from safetensors.torch import save_file

        tensors = {f"now/{name}": tensor.detach() for name, tensor in trained.items()}
        tensors |= {f"best/{name}": tensor for name, tensor in state.best.items()}
        for name, tensor in trained.items():
            moments = optimizer.state.get(tensor, {})
            tensors |= {f"{moment}/{name}": moments[moment] for moment in _MOMENTS if moment in moments}
        told = {
            "step": state.step,
            "prompts": state.prompts,
            "seconds": state.seconds,
            "kept": state.kept,
            "waited": state.waited,
            "early": state.early,
            "losses": [point.model_dump() for point in state.losses],
        }
        fresh = self._path.with_name(f".{_FILE}.new")
        contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
        with writing(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            save_file(contiguous, fresh, metadata={"made_for": self._made_for, "state": json.dumps(told)})
            fresh.replace(self._path)

    def load(self, trained: Weights, optimizer: Any) -> Progress | None:
        """Put what was written into ``trained`` and ``optimizer``; ``None`` where nothing was written yet.

        Raises :class:`DataError` where the file is damaged, or was written for another spec or another base.
        """
        import torch
        from safetensors import SafetensorError, safe_open

        if not self._path.is_file():
            return None
        try:
            with safe_open(self._path, framework="pt") as file:
                told = file.metadata() or {}
                if told.get("made_for") != self._made_for:
                    raise DataError(said("tuning_other_spec", folder=self._path.parent))
                values = json.loads(told["state"])
                state = Progress(
                    **{**values, "losses": [LossPoint.model_validate(point) for point in values["losses"]]},
                    best={name: file.get_tensor(f"best/{name}") for name in trained},
                    resumed_at=values["step"],
                    seconds_before=values["seconds"],
                )
                with torch.no_grad():
                    for name, tensor in trained.items():
                        tensor.copy_(file.get_tensor(f"now/{name}"))
                        if f"{_MOMENTS[0]}/{name}" in file.keys():  # noqa: SIM118 - it is no dict
                            moments = {m: file.get_tensor(f"{m}/{name}").to(tensor.device) for m in _MOMENTS}
                            optimizer.state[tensor] = {"step": torch.tensor(float(state.step)), **moments}
        except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(said("tuning_checkpoint", folder=self._path.parent, reason=error)) from error
        return state
