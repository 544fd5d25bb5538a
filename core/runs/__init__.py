"""Runs of audits: estimating, making, running and resuming them.

A run is planned from a spec and stands in a folder of its own, which can be read without anything else. It can be
stopped or killed at any moment; :func:`run_audit` then asks only what is missing.
"""

from __future__ import annotations

from core.runs.background import job_of, start_in_background
from core.runs.create import create_run, parse_spec, stages_of
from core.runs.day_run import DayRun
from core.runs.estimate import Estimate, estimate
from core.runs.execute import run_audit
from core.runs.progress import RunProgress
from core.runs.record import new_run_id

__all__ = [
    "DayRun",
    "Estimate",
    "RunProgress",
    "create_run",
    "estimate",
    "job_of",
    "new_run_id",
    "parse_spec",
    "run_audit",
    "stages_of",
    "start_in_background",
]
