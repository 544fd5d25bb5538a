"""How a model is computed on this computer: device and number format, chosen before it is loaded."""

from __future__ import annotations

from typing import Literal, NamedTuple

from core.providers.local.device import Device, choose_device, device_name, processor
from core.providers.local.hub import is_builtin
from core.providers.local.number_formats import Precision, faster_format
from core.settings import settings
from core.types import Model


class Computation(NamedTuple):
    """Number format and device of a model, with what else may move its numbers in their last places.

    ``device_name`` is the processor or the GPU, ``processor`` the processor in either case; ``threads`` is what
    ``PARALLAX_THREADS`` says, None where torch chooses.
    """

    precision: Precision
    device: Device
    device_name: str
    processor: str
    threads: int | None

    @property
    def mark(self) -> str:
        """What stands behind the version of the weights in keys of stored answers; empty for 32-bit on a processor.

        Sums of 32-bit numbers come in another order on a GPU, which can turn a written text.
        """
        parts = [self.precision] if self.precision != "float32" else []
        parts += [self.device] if self.device != "cpu" else []
        return "".join(f"+{part}" for part in parts)


def choose_computation(model: Model) -> Computation:
    """How ``model`` is computed here.

    The format is what ``PARALLAX_PRECISION`` asks for; ``auto`` is 32-bit for the built-in model, so that every
    computer gives the same numbers, and for others what was measured to be faster here. Raises
    :class:`core.errors.Unreachable` where a device is asked for and not there.
    """
    device = choose_device()
    wanted: Literal["auto", "float32", "bfloat16"] = settings().precision
    if wanted != "auto":
        precision: Precision = wanted
    else:
        precision = "float32" if is_builtin(model) else faster_format(device)
    return Computation(precision, device, device_name(), processor(), settings().threads)
