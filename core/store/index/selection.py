"""A selection of stored rows."""

from __future__ import annotations

from typing import Any

from core.types import Frozen


class Selection(Frozen):
    """Which rows are wanted: of these runs, of one question, of these models. ``None`` does not restrict."""

    run_ids: tuple[str, ...] | None = None
    question_id: str | None = None
    model_ids: tuple[str, ...] | None = None

    def where(self) -> tuple[str, list[Any]]:
        """An SQL condition and its parameters."""
        parts, values = ["true"], list[Any]()
        if self.run_ids is not None:
            parts.append("run_id IN (SELECT unnest(?::VARCHAR[]))")
            values.append(list(self.run_ids))
        if self.question_id is not None:
            parts.append("question_id = ?")
            values.append(self.question_id)
        if self.model_ids is not None:
            parts.append("model_id IN (SELECT unnest(?::VARCHAR[]))")
            values.append(list(self.model_ids))
        return " AND ".join(parts), values
