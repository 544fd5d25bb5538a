"""Runs on many machines: Ray hands parts of a plan to workers, which ask models and write shards of their own.

Plain actors are used, not Ray Data. Ray Data moves rows through its object store from one operator to the next and
asks a failed block again from its input; a run needs neither. Its cells are planned as a stream, its rows go straight
from the worker to the run folder, a provider must stay in its process (weights in memory, connections open), a part of
a killed worker must be asked again without the rows that it had written, and every endpoint has one limit for all
workers. Actors give exactly these.
"""

from __future__ import annotations

from core.scale.address import Engine, parse_engine
from core.scale.driver import run_on_ray

__all__ = ["Engine", "parse_engine", "run_on_ray"]
