"""Finds out which number format is faster on this computer. It is measured once and stored in the cache folder.

The features that a processor reports do not tell: some have instructions for bfloat16 that are slower, and a library
may have no kernel for them.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from core.providers.local.device import Device, device_name
from core.settings import settings
from core.types import digest

if TYPE_CHECKING:
    import torch

Precision = Literal["float32", "bfloat16"]
FORMATS: tuple[Precision, ...] = ("float32", "bfloat16")
_SIZES = (1024, 3072)
_WEIGHTS = 6
"""Number of matrices. Together they are larger than the caches of a processor, as the weights of a model are."""
_READ_ROWS = 256
_WRITE_ROWS = 16
_SECONDS = 0.2
_WORTH = 1.1
"""A format must be this many times as fast as 32-bit to be chosen, because its answers are less exact."""

_lock = threading.Lock()
_kept: dict[str, dict[Precision, Rates]] = {}


class Rates(NamedTuple):
    """Speed of matrix products in one format, in flop a second: of many rows (reading) and of few (writing)."""

    reading: float
    writing: float


def faster_format(device: Device) -> Precision:
    """The format that is faster on ``device`` for reading and for writing; 32-bit where the gain is too small."""
    return "bfloat16" if min(gain(measured_rates(device))) >= _WORTH else "float32"


def gain(rates: dict[Precision, Rates]) -> Rates:
    """How many times as fast as 32-bit bfloat16 is."""
    exact, half = rates["float32"], rates["bfloat16"]
    return Rates(half.reading / exact.reading, half.writing / exact.writing)


def measured_rates(
    device: Device, measure: Callable[[Device, Precision], Rates] | None = None
) -> dict[Precision, Rates]:
    """The rates of both formats on ``device``, from the cache folder.

    Where they are not there, they are measured in about a second and stored.
    """
    key = digest([device_name(), settings().threads, version("torch"), _SIZES], 12)
    with _lock:
        if key not in _kept:
            place = settings().cache_dir / f"number-formats-{key}.json"
            found = _read(place)
            if found is None:
                found = {name: (measure or measure_rates)(device, name) for name in FORMATS}
                _write(place, found)
            _kept[key] = found
        return _kept[key]


def measure_rates(device: Device, precision: Precision) -> Rates:
    """Time products of linear layers whose weights have the sizes and layout of those of a model."""
    import torch

    from core.providers.local.weight_layout import laid_out

    if settings().threads:
        torch.set_num_threads(cast(int, settings().threads))
    dtype = getattr(torch, precision)
    inner, outer = _SIZES
    with torch.inference_mode():
        products = [laid_out(torch.randn(outer, inner).to(device, dtype)) for _ in range(_WEIGHTS)]
        return Rates(
            *(_rate(products, torch.randn(rows, inner).to(device, dtype)) for rows in (_READ_ROWS, _WRITE_ROWS))
        )


def _rate(products: list[Callable[[torch.Tensor], torch.Tensor]], rows: torch.Tensor) -> float:
    import torch

    def wait() -> None:
        if rows.device.type == "cuda":
            torch.cuda.synchronize()

    best = float("inf")
    turn = cycle(products)
    begun = until = time.perf_counter()
    until += _SECONDS
    while begun < until:
        next(turn)(rows)
        wait()
        now = time.perf_counter()
        best = min(best, now - begun)  # other work of the computer can only make it slower
        begun = now
    return float(2 * rows.shape[0] * _SIZES[0] * _SIZES[1] / best)


def _read(place: Path) -> dict[Precision, Rates] | None:
    try:
        found = json.loads(place.read_text("utf-8"))
        return {name: Rates(float(found[name]["reading"]), float(found[name]["writing"])) for name in FORMATS}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(place: Path, rates: dict[Precision, Rates]) -> None:
    """Store ``rates``. Where the folder cannot be written, the next process measures them again."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({name: rate._asdict() for name, rate in rates.items()}), "utf-8")
    except OSError:
        logging.getLogger(__name__).info("The measured number formats cannot be kept in %s.", place.parent)
