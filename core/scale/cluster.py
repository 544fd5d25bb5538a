"""Connects to Ray, or starts it on this computer for the time of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import InputError, Unreachable, said
from core.scale.address import Engine

_OBJECT_STORE = 256 * 2**20
"""Bytes of Ray's store of objects on this computer: only portions and reports pass through it."""


def require_ray() -> Any:
    """The package ``ray``. Raises :class:`InputError` that says how to install it."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # otherwise Ray reports its use to its makers
    try:
        import ray
    except ImportError as error:
        raise InputError(said("ray_missing")) from error
    return ray


@contextmanager
def connected(engine: Engine) -> Iterator[Any]:
    """A context with the package ``ray``, connected to ``engine``; a connection that exists already is used and left.

    Raises :class:`InputError` where Ray is not installed and :class:`Unreachable` where the cluster does not answer.
    """
    ray = require_ray()
    if ray.is_initialized():
        yield ray
        return
    how: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "include_dashboard": False}
    if engine.address is None:
        # On loopback: nobody else may hand work to this computer.
        how |= {"address": "local", "_node_ip_address": "127.0.0.1", "object_store_memory": _OBJECT_STORE}
    else:
        how = {"address": engine.address, "log_to_driver": False, "logging_level": "ERROR"}
    try:
        ray.init(**how)
    except Exception as error:
        raise Unreachable(said("ray_unreachable", address=engine.address or "local", reason=error)) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def beside_the_driver(ray: Any) -> dict[str, Any]:
    """Options of an actor that lives where this process does, since no run outlives that node. A node that was lost a
    moment ago is still offered by Ray, and an actor put there would never begin.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
    return {"num_cpus": 0, "scheduling_strategy": here}
