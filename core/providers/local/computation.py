"""Device and number format of a model on this computer, which are chosen before it is loaded."""

from __future__ import annotations

from typing import NamedTuple

from core.providers.local.device import Device, choose_device, device_name
from core.providers.local.hub import is_builtin
from core.providers.local.machine import processor_family
from core.providers.local.number_formats import Precision, faster_format
from core.settings import settings
from core.types import Computation, Model


class Way(NamedTuple):
    """The number format of a model's weights, and the device that computes it."""

    precision: Precision
    device: Device

    @property
    def mark(self) -> str:
        """The suffix for the version of the weights in cache keys; empty for 32-bit numbers.

        The device is not in it: with 32-bit numbers it changes only the last digits, as another processor does.
        run.json names the device.
        """
        return f"+{self.precision}" if self.precision != "float32" else ""


def choose_way(model: Model) -> Way:
    """The device and number format for ``model`` on this computer.

    ``PARALLAX_PRECISION`` chooses the format. ``auto`` is 32-bit for the built-in model, so that every computer gives
    the same numbers, and the format that was measured to be faster for other models. Raises
    :class:`core.errors.Unreachable` where the chosen device is missing.
    """
    device = choose_device()
    wanted = settings().precision
    if wanted != "auto":
        return Way(wanted, device)
    return Way("float32" if is_builtin(model) else faster_format(device), device)


def describe(way: Way) -> Computation:
    """``way`` in the form that run.json has."""
    device = "cpu" if way.device == "cpu" else device_name()
    return Computation(number_format=way.precision, device=device, processor=processor_family())
