"""Rows and runs for the tests of the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from core.store import RunInfo
from core.types import Response

START = datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=UTC)


def info(run_id: str = "run-1", **changes: Any) -> RunInfo:
    """A run that has just begun."""
    return RunInfo.model_validate({"run_id": run_id, "kind": "alignment", "created": START, **changes})


def row(i: int = 0, run_id: str = "run-1", **changes: Any) -> Response:
    """The ``i``-th response of a run."""
    values: dict[str, Any] = {
        "run_id": run_id,
        "cell_id": f"cell-{i}",
        "cache_key": f"key-{i}",
        "created": START + timedelta(seconds=i),
        "kind": "options",
        "provider": "mock",
        "model_id": f"model-{i % 2}",
        "model_revision": "r1",
        "survey": "wvs7",
        "question_id": f"Q{i % 3}",
        "question_json": None,
        "country": "CHN",
        "age": None,
        "sex": "female",
        "education": None,
        "language": "zh",
        "paraphrase": 0,
        "prompt_version": "first_token-1",
        "sample": 0,
        "codes": (2, 1, -5),
        "mass": (0.5, 0.25, 0.125),
        "valid_mass": 0.875,
        "method": "full",
        "n": None,
        "text": "答案，“二”",
        "parsed_code": 2,
        "outcome": "option",
        "error_kind": None,
        "error_text": None,
        "top_tokens": '[["B",0.5]]',
        "rendered_prompt": "<user>上帝？",
        "latency_s": 0.25,
        "tokens_in": 40,
        "tokens_out": 1,
        "cost_usd": None,
    }
    return Response.model_validate({**values, **changes})


def rows(n: int, run_id: str = "run-1", start: int = 0, **changes: Any) -> list[Response]:
    """``n`` responses from the ``start``-th on."""
    return [row(i, run_id, **changes) for i in range(start, start + n)]
