"""The device and number format with which a model was computed."""

from __future__ import annotations

from core.types.plain import Frozen


class Computation(Frozen):
    """How a model was computed on this computer. Two different computations may give numbers that differ in the last
    digits.

    ``number_format`` is that of the weights, such as ``float32`` or ``bfloat16``. ``device`` is ``cpu`` or the name of
    the accelerator. ``processor`` is the family of the processor, such as ``AMD EPYC``. What is not known is an empty
    text.
    """

    number_format: str = ""
    device: str = ""
    processor: str = ""
