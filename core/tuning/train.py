"""The training of one tuning: steps, checks, early stop, and going on after a stop or a kill."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from core.cancel import CancelToken, check_cancel
from core.errors import Cancelled
from core.tuning.checkpoint import Checkpoint, Progress
from core.tuning.learner import Learner
from core.tuning.parts import Drawer, Example, Parts, Target
from core.tuning.spec import Part, Tuning
from core.types import LossPoint

if TYPE_CHECKING:
    import torch

_CLIP = 1.0
_SAVE_EVERY_S = 60.0
_LEAST_GAIN = 1e-3
"""Smallest fall of the mean divergence, in nats, that counts as a gain."""


class Told(NamedTuple):
    """How far a tuning is: steps done and in all, prompts seen, the last losses, and the seconds left at this pace."""

    step: int
    steps: int
    prompts: int
    point: LossPoint | None
    seconds_left: float | None


class Trained(NamedTuple):
    """How a training went. ``seconds`` are those of all attempts together."""

    losses: tuple[LossPoint, ...]
    kept: int
    stopped: Literal["steps", "early"]
    prompts: int
    seconds: float


def train(
    learner: Learner,
    spec: Tuning,
    parts: Parts,
    checkpoint: Checkpoint,
    on_progress: Callable[[Told], None] | None = None,
    cancel: CancelToken | None = None,
) -> Trained:
    """Train ``learner`` and leave the weights of its best check in it.

    It goes on from ``checkpoint`` where there is one. Raises :class:`~core.errors.Cancelled` after writing it.
    """
    import torch

    tensors = list(learner.trained.values())
    start = [tensor.detach().clone() for tensor in tensors] if spec.decay else []  # before a checkpoint is loaded
    optimizer = torch.optim.Adam(tensors, lr=spec.rate, betas=(0.9, 0.99))
    state = checkpoint.load(learner.trained, optimizer) or Progress()
    drawer = Drawer(parts.train, spec, salt=0)
    watched = {part: watcher.draw(spec.check_prompts, 0) for part, watcher in _watchers(parts, spec).items()}
    began, saved = time.monotonic() - state.seconds, time.monotonic()
    losses: list[float] = []

    def tell() -> None:
        if on_progress:
            state.seconds = time.monotonic() - began
            done = state.step - (state.resumed_at or 0)
            spent = state.seconds - state.seconds_before
            left = (spec.steps - state.step) * spent / done if done else None
            on_progress(Told(state.step, spec.steps, state.prompts, next(iter(state.losses[-1:]), None), left))

    if not state.losses:
        _check(learner, watched, spec, state, None, cancel)
        state.keep(learner.trained)
    tell()
    try:
        while state.step < spec.steps and not state.early:
            check_cancel(cancel)
            losses.append(
                _step(learner, spec, drawer.draw(spec.prompts_per_step, state.step), optimizer, state, cancel)
            )
            if spec.decay:
                _return(tensors, start, spec.decay * _rate(spec, state.step))
            state.step += 1
            if state.step % spec.check_every == 0 or state.step == spec.steps:
                _check(learner, watched, spec, state, float(np.mean(losses)), cancel)
                losses.clear()
                _judge(spec, state, learner)
                if time.monotonic() - saved > _SAVE_EVERY_S:
                    state.seconds, saved = time.monotonic() - began, time.monotonic()
                    checkpoint.save(learner.trained, optimizer, state)
            tell()
    except Cancelled:
        state.seconds = time.monotonic() - began
        checkpoint.save(learner.trained, optimizer, state)
        raise
    state.put_back(learner.trained)
    return Trained(
        tuple(state.losses), state.kept, "early" if state.early else "steps", state.prompts, time.monotonic() - began
    )


def _watchers(parts: Parts, spec: Tuning) -> dict[Part, Drawer]:
    return {part: Drawer(targets, spec, salt=place + 1) for place, (part, targets) in enumerate(parts.watched.items())}


def _rate(spec: Tuning, step: int) -> float:
    """The learning rate: it rises over ``warmup`` steps and falls as a half cosine to a tenth."""
    if step < spec.warmup:
        return spec.rate * (step + 1) / spec.warmup
    share = (step - spec.warmup) / max(1, spec.steps - spec.warmup)
    return spec.rate * (0.1 + 0.9 * (1 + math.cos(math.pi * share)) / 2)


def _step(
    learner: Learner, spec: Tuning, examples: list[Example], optimizer: Any, state: Progress, cancel: CancelToken | None
) -> float:
    """One step; returns the mean divergence of its prompts, in nats."""
    import torch

    for group in optimizer.param_groups:
        group["lr"] = _rate(spec, state.step)
    optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for weights, found in learner.losses(examples, cancel):
        loss = (weights * (found.divergence + spec.valid_weight * found.off_labels)).sum() / len(examples)
        loss.backward()
        total += float(found.divergence.detach().sum())
    torch.nn.utils.clip_grad_norm_(list(learner.trained.values()), _CLIP)
    optimizer.step()
    state.prompts += len(examples)
    return total / len(examples)


def _return(tensors: Sequence[torch.Tensor], start: Sequence[torch.Tensor], share: float) -> None:
    """Move ``tensors`` by ``share`` of the way back to ``start``; an adapter starts where the base is unchanged."""
    import torch

    with torch.no_grad():
        for tensor, before in zip(tensors, start, strict=True):
            tensor.lerp_(before, min(1.0, share))


def _check(
    learner: Learner,
    watched: Mapping[Part, list[Example]],
    spec: Tuning,
    state: Progress,
    trained: float | None,
    cancel: CancelToken | None,
) -> None:
    """Measure all parts and add a point to the losses."""
    parts: dict[str, float] = {}
    off: list[torch.Tensor] = []
    with learner.resting():
        for part, examples in watched.items():
            found = [losses for _, losses in learner.losses(examples, cancel)]
            parts[part] = sum(float(one.divergence.sum()) for one in found) / len(examples)
            off += [one.off_labels for one in found]
    valid = float(np.mean([float(mass) for one in off for mass in (-one).exp()]))
    state.losses.append(LossPoint(step=state.step, train=trained, parts=parts, valid_mass=valid))


def _judge(spec: Tuning, state: Progress, learner: Learner) -> None:
    """Keep the weights where the last check is better than the kept one, else count it; too many in a row end the
    training.
    """
    kept = next(point for point in state.losses if point.step == state.kept)
    if _watched_mean(spec, state.losses[-1]) < _watched_mean(spec, kept) - _LEAST_GAIN:
        state.keep(learner.trained)
        state.waited = 0
    else:
        state.waited += 1
        state.early = state.waited >= spec.patience and state.step < spec.steps


def _watched_mean(spec: Tuning, point: LossPoint) -> float:
    return float(np.mean([point.parts[part] for part in spec.stop_on]))


def baselines(parts: Parts, spec: Tuning) -> tuple[dict[str, float], dict[str, float]]:
    """What needs no model, on the very prompts on which the losses of each part are measured: the divergence of an even
    guess, and that of the mean of the trained countries.

    The mean is that of the people of this question in the trained countries without the country itself; a part whose
    question was not trained on still knows people's answers, so this baseline knows more than the model does. A part in
    which a prompt has no such mean, as with one trained country, has no such baseline.
    """
    groups: dict[str, list[Target]] = {}
    for target in (*parts.train, *parts.watched.get("questions", ())):
        groups.setdefault(target.question.id, []).append(target)
    even: dict[str, float] = {}
    average: dict[str, float] = {}
    for part, watcher in _watchers(parts, spec).items():
        targets = [target for target, _ in watcher.pick(spec.check_prompts, 0)]
        even[part] = float(np.mean([_kl(t.shares, np.full(len(t.shares), 1 / len(t.shares))) for t in targets]))
        others = [
            [o.shares for o in groups.get(t.question.id, ()) if o.persona.country != t.persona.country] for t in targets
        ]
        if all(others):
            means = [_kl(t.shares, np.mean(rest, axis=0)) for t, rest in zip(targets, others, strict=True)]
            average[part] = float(np.mean(means))
    return even, average


def _kl(people: tuple[float, ...], guess: Any) -> float:
    p, q = np.asarray(people), np.clip(np.asarray(guess, float), 1e-9, None)
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())
