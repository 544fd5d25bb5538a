"""The family of this computer's processor, with its units for half precision, which change the order of sums."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from pathlib import Path

from core.once import once

_CPUINFO = Path("/proc/cpuinfo")
_UNITS = {"amx_tile": "AMX", "avx512_bf16": "AVX512-BF16"}
_NOISE = re.compile(r"\((?:R|TM|C)\)|\b(?:CPU|Processor)\b|@.*$|\s\d+-Core\b", re.IGNORECASE)


@once
def processor_family() -> str:
    """Such as ``AMD EPYC`` or ``Intel Xeon with AMX, AVX512-BF16``; the type of the machine where nothing else is
    known.
    """
    told = read_cpuinfo(_CPUINFO)
    return family_of(told.get("model name", ""), told.get("flags", "").split()) or platform.machine()


def read_cpuinfo(path: Path) -> Mapping[str, str]:
    """What Linux says of the first processor; empty on other systems."""
    try:
        first = path.read_text("utf-8", errors="replace").split("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def family_of(name: str, flags: list[str]) -> str:
    """``name`` without model number, speed and trademark signs, then the units in ``flags``; empty without a name."""
    words = [word for word in _NOISE.sub(" ", name or platform.processor()).split() if not any(map(str.isdigit, word))]
    units = [unit for flag, unit in _UNITS.items() if flag in flags]
    family = " ".join(words)
    return f"{family} with {', '.join(units)}" if family and units else family
