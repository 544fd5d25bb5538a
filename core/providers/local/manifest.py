"""Lists the content of a finished folder, so that an incomplete or damaged one is recognised without loading it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.providers.local.fetch import sha256

NAME = "manifest.json"
_SMALL = 8_000_000  # bytes; of larger files only the size is compared, so that the check takes milliseconds


def write_manifest(folder: Path, source: str, remote_id: str = "") -> None:
    """List every file of ``folder`` with its size and SHA-256.

    ``source`` is the SHA-256 of the file that was converted, ``remote_id`` the name of the model for which it was
    converted.
    """
    files = {
        path.name: {"size": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(folder.iterdir())
        if path.is_file()
    }
    (folder / NAME).write_text(
        json.dumps({"source": source, "remote_id": remote_id, "files": files}, indent=2) + "\n", "utf-8"
    )


def sources(place: Path, remote_id: str) -> list[str]:
    """The SHA-256 of the sources of all folders in ``place`` that were made for ``remote_id``, the latest first."""
    found: list[tuple[float, str]] = []
    for path in place.glob(f"*/{NAME}"):
        try:
            listed: Any = json.loads(path.read_text("utf-8"))
            if listed["remote_id"] == remote_id:
                found.append((path.stat().st_mtime, str(listed["source"])))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # damaged, or written by an older version without this: the folder is made again when it is needed
    return [source for _, source in sorted(found, reverse=True)]


def is_complete(folder: Path, source: str, thorough: bool = False) -> bool:
    """Whether ``folder`` has the files that its manifest lists and was made from ``source``. Needs no torch.

    Large files are compared by size, with ``thorough`` by content, which takes about a second for 500 MB.
    """
    try:
        listed: Any = json.loads((folder / NAME).read_text("utf-8"))
        return (
            listed["source"] == source
            and bool(listed["files"])
            and all(_is_same(folder / name, facts, thorough) for name, facts in listed["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False  # the manifest is missing or damaged, so the folder has to be made again


def _is_same(path: Path, facts: dict[str, Any], thorough: bool) -> bool:
    size = path.stat().st_size
    return bool(size == facts["size"] and ((size > _SMALL and not thorough) or sha256(path) == facts["sha256"]))
