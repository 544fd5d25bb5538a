"""The device that models compute on: the processor, or a CUDA device where there is one."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from core.errors import Unreachable, said
from core.once import once
from core.providers.local.machine import read_cpuinfo
from core.settings import settings

Device = Literal["cpu", "cuda"]
_DRIVERS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/nvhost-ctrl")


def choose_device() -> Device:
    """The device that ``PARALLAX_DEVICE`` names. ``auto`` is CUDA where torch finds a device, else the processor.

    Raises :class:`Unreachable` where CUDA is asked for and there is none.
    """
    wanted = settings().device
    if wanted == "cpu":
        return "cpu"
    if _sees_cuda():
        return "cuda"
    if wanted == "cuda":
        raise Unreachable(said("no_cuda"))
    return "cpu"


def device_name() -> str:
    """The name of that device; for a processor its family and model."""
    if choose_device() == "cpu":
        told = read_cpuinfo(Path("/proc/cpuinfo"))
        numbers = [told[name] for name in ("model name", "cpu family", "model", "stepping") if name in told]
        return ", ".join(numbers) or platform.processor() or platform.machine()
    import torch

    return str(torch.cuda.get_device_name())


@once
def _sees_cuda() -> bool:
    """Whether torch finds a CUDA device. Its import takes seconds, so it is skipped where there is no driver."""
    if "torch" not in sys.modules:
        try:
            built_without = version("torch").endswith("+cpu")
        except PackageNotFoundError:
            return False
        if built_without or sys.platform == "darwin":
            return False
        if sys.platform == "linux" and not any(Path(driver).exists() for driver in _DRIVERS):
            return False
    import torch

    return bool(torch.cuda.is_available())


def exact_products() -> None:
    """Make a GPU multiply 32-bit numbers in 32 bits: TF32 would keep 10 of 23 bits of the fraction."""
    import torch

    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
