"""On what a model's answers were computed."""

from __future__ import annotations

from core.types.plain import Frozen


class Computation(Frozen):
    """How a model was computed here. Two of these that differ may give numbers that differ in the last digits.

    ``number_format`` is that of the weights, such as ``float32`` or ``bfloat16``; ``device`` is ``cpu`` or the name of
    the accelerator; ``processor`` the family of the processor, such as ``AMD EPYC``. What cannot be told is empty.
    """

    number_format: str = ""
    device: str = ""
    processor: str = ""
