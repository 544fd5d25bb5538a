"""Logs that other programs wrote, made into runs: lm-evaluation-harness, Inspect, and OpenAI's batch results."""

from __future__ import annotations

from core.runs.logs.account import LogAccount
from core.runs.logs.read import LogSource
from core.runs.logs.take import LogImport, import_log

__all__ = ["LogAccount", "LogImport", "LogSource", "import_log"]
