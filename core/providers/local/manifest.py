"""A list of what a finished folder holds, so that a half or damaged one is recognised without loading it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.providers.local.fetch import sha256

NAME = "manifest.json"
_SMALL = 8_000_000  # bytes; larger files are compared by size alone, so that the check takes milliseconds


def write_manifest(folder: Path, source: str) -> None:
    """List every file of ``folder`` with size and SHA-256; ``source`` is the SHA-256 of what they were made from."""
    files = {
        path.name: {"size": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(folder.iterdir())
        if path.is_file()
    }
    (folder / NAME).write_text(json.dumps({"source": source, "files": files}, indent=2) + "\n", "utf-8")


def is_complete(folder: Path, source: str, thorough: bool = False) -> bool:
    """Whether ``folder`` holds what its manifest lists, and was made from ``source``. Needs no torch.

    Large files are compared by size, or where ``thorough`` by content, which takes about a second for 500 MB.
    """
    try:
        listed: Any = json.loads((folder / NAME).read_text("utf-8"))
        return (
            listed["source"] == source
            and bool(listed["files"])
            and all(_is_same(folder / name, facts, thorough) for name, facts in listed["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False  # absent or damaged: both mean that it has to be made again


def _is_same(path: Path, facts: dict[str, Any], thorough: bool) -> bool:
    size = path.stat().st_size
    return bool(size == facts["size"] and ((size > _SMALL and not thorough) or sha256(path) == facts["sha256"]))
