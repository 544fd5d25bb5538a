"""The workers of a run: how many there are, where they compute, and who is free."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from core.providers import get_provider
from core.scale.portions import Portion
from core.scale.worker import Worker
from core.settings import PREFIX, Settings, settings
from core.types import Model

_AT_ONCE = 2
"""Portions that a worker has at once: it begins the second without waiting for the driver."""
_ASKERS = 4
_ASKER_CORES = 0.05


class Size(NamedTuple):
    """``workers`` processes with ``cores`` cores and ``gpus`` GPUs each; ``cores`` below 1 share a core."""

    workers: int
    cores: float
    gpus: float = 0.0


@dataclass
class Member:
    """One worker. ``doing`` maps the handle of an attempt to its number and portion."""

    name: str
    actor: Any
    computes: bool
    ready: bool = False
    doing: dict[Any, tuple[int, Portion]] = field(default_factory=dict)


def computes(model: Model) -> bool:
    """Whether ``model`` computes where its worker is, which is so where its provider takes one batch at a time."""
    return get_provider(model.provider).batches_at_once == 1


def size_for(computing: bool, nodes: Iterable[Mapping[str, float]]) -> Size:
    """How many workers the cluster has room for, given the resources of its ``nodes``.

    Models that compute get one worker a GPU, or one for each so many cores of a node where there is no GPU. Endpoints
    need hardly any cores, so a few workers ask them, which share one limit.
    """
    now = settings()
    if not computing:
        return Size(now.ray_workers or _ASKERS, _ASKER_CORES)
    here = list(nodes)
    gpus = int(sum(node.get("GPU", 0) for node in here))
    if gpus:
        return Size(min(now.ray_workers or gpus, gpus), 1, 1)
    largest = max((int(node.get("CPU", 1)) for node in here), default=1)
    cores = max(1, min(now.ray_cores, largest))
    room = sum(int(node.get("CPU", 0)) // cores for node in here)
    return Size(max(1, min(now.ray_workers or room, room)), cores)


def environment() -> dict[str, str]:
    """The settings of this process as variables for its workers. Keys are none of them and never travel."""
    names = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    return {name: value for name, value in os.environ.items() if name in names}


class Crew:
    """The workers of one kind, and their replacements."""

    def __init__(self, ray: Any, path: Path, computing: bool, limits: Any, known: Any) -> None:
        self._ray, self._path, self._computing = ray, path, computing
        self._limits, self._known = limits, known
        self._numbers = itertools.count(1)
        self.size = size_for(computing, (node["Resources"] for node in ray.nodes() if node["Alive"]))
        self.members: dict[Any, Member] = {}
        """By the handle of the call that tells that they are ready."""

    def start(self) -> None:
        """Begin all workers; they are ready later."""
        for _ in range(self.size.workers):
            self._begin()

    def free(self) -> Member | None:
        """The ready worker with the fewest portions, or ``None`` where all have enough."""
        ready = [one for one in self.members.values() if one.ready and len(one.doing) < _AT_ONCE]
        return min(ready, key=lambda one: len(one.doing), default=None)

    def waiting(self) -> list[Any]:
        """Handles to wait for: workers that are not ready yet, and attempts under way."""
        begun = [ref for ref, one in self.members.items() if not one.ready]
        return begun + [ref for one in self.members.values() for ref in one.doing]

    def of(self, ref: Any) -> Member | None:
        """The worker whose beginning or attempt ``ref`` is."""
        if ref in self.members:
            return self.members[ref]
        return next((one for one in self.members.values() if ref in one.doing), None)

    def replace(self, lost: Member) -> None:
        """Begin another worker in the place of ``lost``."""
        self._ray.kill(lost.actor)
        self.members = {ref: one for ref, one in self.members.items() if one is not lost}
        self._begin()

    def stop(self) -> None:
        """Ask all workers to stop after the batch in hand."""
        for one in self.members.values():
            if one.doing:
                one.actor.stop.options(concurrency_group="control").remote()

    def end(self) -> None:
        """End all workers."""
        for one in self.members.values():
            self._ray.kill(one.actor)
        self.members = {}

    def _begin(self) -> None:
        name = f"{'computing' if self._computing else 'asking'}-{next(self._numbers)}-{os.getpid()}"
        cores, gpus = self.size.cores, self.size.gpus
        made = self._ray.remote(concurrency_groups={"control": 1})(Worker).options(
            num_cpus=cores,
            num_gpus=gpus,
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy="SPREAD",
        )
        threads = max(1, int(cores)) if self._computing and not gpus else None
        actor = made.remote(name, self._path, environment(), threads, self._limits, self._known)
        member = Member(name, actor, self._computing)
        self.members[actor.ready.remote()] = member
