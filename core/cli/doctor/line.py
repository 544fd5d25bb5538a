"""One line of the output of ``doctor``."""

from __future__ import annotations

from typing import Literal, NamedTuple

State = Literal["ok", "absent", "low", "unknown", "broken"]
"""``broken`` has to be repaired and gives exit code 3. The other states are listed and are no fault."""


class Line(NamedTuple):
    """``what`` was checked, its ``state``, and a text that says what was found and what to do."""

    what: str
    state: State
    detail: str
