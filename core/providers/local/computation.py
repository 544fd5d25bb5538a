"""How a model is computed on this computer: device and number format, chosen before it is loaded."""

from __future__ import annotations

from typing import NamedTuple

from core.providers.local.device import Device, choose_device, device_name
from core.providers.local.hub import is_builtin
from core.providers.local.machine import processor_family
from core.providers.local.number_formats import Precision, faster_format
from core.settings import settings
from core.types import Computation, Model


class Way(NamedTuple):
    """Number format of a model's weights, and where it is computed."""

    precision: Precision
    device: Device

    @property
    def mark(self) -> str:
        """What stands behind the version of the weights in keys of stored answers; empty for 32-bit on a processor.

        A GPU has a mark too: sums of 32-bit numbers come in another order there, which can turn a written text.
        """
        parts: list[str] = [self.precision] if self.precision != "float32" else []
        parts += [self.device] if self.device != "cpu" else []
        return "".join(f"+{part}" for part in parts)


def choose_way(model: Model) -> Way:
    """How ``model`` is computed here.

    The format is what ``PARALLAX_PRECISION`` asks for; ``auto`` is 32-bit for the built-in model, so that every
    computer gives the same numbers, and for others what was measured to be faster here. Raises
    :class:`core.errors.Unreachable` where a device is asked for and not there.
    """
    device = choose_device()
    wanted = settings().precision
    if wanted != "auto":
        return Way(wanted, device)
    return Way("float32" if is_builtin(model) else faster_format(device), device)


def describe(way: Way) -> Computation:
    """``way`` as it is recorded with a run."""
    device = "cpu" if way.device == "cpu" else device_name()
    return Computation(number_format=way.precision, device=device, processor=processor_family())
