"""Finds GGUF files that other programs keep on this computer, so that they need not be fetched again."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from core.cancel import CancelToken
from core.providers.local.fetch import sha256

log = logging.getLogger(__name__)


def find_elsewhere(size: int, digest: str, cancel: CancelToken | None = None) -> Path | None:
    """The file of ``size`` bytes and SHA-256 ``digest`` in the folders of the hub, LM Studio, Ollama or llama.cpp.

    A file is hashed only where its size is right. A file whose name is the hash and whose content has another hash is
    left where it is, and a log line says so. Raises :class:`Cancelled`.
    """
    for path in _candidates(digest):
        try:
            if not path.is_file() or path.stat().st_size != size:
                continue
            if sha256(path, cancel) == digest:
                return path
        except OSError as error:  # the file of another user, or on a disk that was removed
            log.info("%s cannot be read: %s", path, error.strerror or error)
            continue
        log.info("%s has the size that is looked for, and another content", path)
    return None


def _candidates(digest: str) -> Iterator[Path]:
    from huggingface_hub.constants import HF_HUB_CACHE

    home = Path.home()
    hub = Path(HF_HUB_CACHE)
    ollama = [Path(os.environ["OLLAMA_MODELS"])] if os.environ.get("OLLAMA_MODELS") else []
    ollama += [home / ".ollama/models", Path("/usr/share/ollama/.ollama/models")]
    llama = [Path(os.environ["LLAMA_CACHE"])] if os.environ.get("LLAMA_CACHE") else []
    llama += [home / ".cache/llama.cpp", home / "Library/Caches/llama.cpp"]
    named = chain(_glob(hub, f"models--*/blobs/{digest}"), (place / "blobs" / f"sha256-{digest}" for place in ollama))
    studio = (home / ".lmstudio/models", home / ".cache/lm-studio/models")
    by_size = chain(*(_glob(place, "*.gguf") for place in llama), *(_glob(place, "*/*/*.gguf") for place in studio))
    yield from chain(named, by_size)


def _glob(folder: Path, pattern: str) -> Iterator[Path]:
    try:
        yield from sorted(folder.glob(pattern))
    except OSError as error:
        log.info("%s cannot be read: %s", folder, error.strerror or error)
