"""RESULTS.md: one section a benchmark, replaced when it runs again."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
_HEAD = "# Measured speed\n\nWritten by the scripts of this folder, each section by its own.\n"


def machine() -> str:
    """Processor, cores, memory, system."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    gigabytes = int(memory.split()[1]) / 1e6
    return f"{names[0] if names else platform.processor()}, {len(names)} cores, {gigabytes:.0f} GB, {platform.system()}"


def versions(*packages: str) -> str:
    """Python and ``packages`` with their versions."""
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in packages)])


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A markdown table, first column to the left, the others to the right."""
    widths = [max(len(row[place]) for row in [head, *rows]) for place in range(len(head))]
    rule = tuple("-" * width if place == 0 else "-" * (width - 1) + ":" for place, width in enumerate(widths))
    lines = []
    for row in [head, rule, *rows]:
        cells = [
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_section(title: str, body: str, path: Path = RESULTS) -> None:
    """Put ``body`` under the heading ``title``, in place of what stood there, with today's date."""
    text = path.read_text(encoding="utf-8") if path.exists() else _HEAD
    parts = text.split("\n## ")
    kept = [part.rstrip() for part in parts[1:] if part.partition("\n")[0].strip() != title]
    section = f"{title}\n\n{datetime.now(UTC):%Y-%m-%d}\n\n{body.strip()}"
    path.write_text("\n\n## ".join([parts[0].rstrip(), *kept, section]) + "\n", encoding="utf-8")
