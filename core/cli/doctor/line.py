"""One line of what the doctor tells."""

from __future__ import annotations

from typing import Literal, NamedTuple

State = Literal["ok", "absent", "low", "unknown", "broken"]
"""``broken`` needs mending and gives exit code 3; the others are told and are no fault."""


class Line(NamedTuple):
    """``what`` was looked at, its ``state``, and in words what was found and what to do."""

    what: str
    state: State
    detail: str
