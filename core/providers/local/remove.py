"""Removes weights from this computer, and says how many bytes that frees."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InputError, said
from core.providers.local.gguf import is_gguf, known_recipe
from core.providers.local.recipe import own_gguf, own_path
from core.types import Model

if TYPE_CHECKING:
    from huggingface_hub import CachedRepoInfo


def bytes_here(model: Model) -> int:
    """The bytes that :func:`remove_weights` would free, of finished and of partly fetched weights of ``model``."""
    return (
        sum(_size(folder) for folder in _folders(model)) if is_gguf(model) else sum(r.size_on_disk for r in _hub(model))
    )


def remove_weights(model: Model) -> int:
    """Delete the weights of ``model`` and return the number of freed bytes.

    Of a GGUF file, the converted folder and a partial download are deleted; files of other programs and of the user
    stay. Of a hub model, its versions in the hub's cache are deleted. Raises :class:`InputError` where the model is a
    folder of the user, or where another process is fetching it.
    """
    if own_path(model) is not None and own_gguf(model) is None:
        raise InputError(said("remove_own", model=model.name, folder=model.remote_id))
    freed = bytes_here(model)
    if is_gguf(model):
        _remove_made(model)
    else:
        _remove_from_hub_cache(model)
    return freed


def _remove_made(model: Model) -> None:
    from filelock import FileLock, Timeout

    for folder in _folders(model):
        whose = folder.name.removeprefix(".").removesuffix(".parts")
        lock = FileLock(folder.with_name(f"{whose}.lock"))
        try:
            with lock.acquire(timeout=0):
                # Renamed first, so that a folder that is deleted in part does not look like a model.
                gone = folder.with_name(f".{whose}.removed")
                folder.rename(gone)
                shutil.rmtree(gone)
        except Timeout as error:
            raise InputError(said("remove_busy", model=model.name)) from error


def _remove_from_hub_cache(model: Model) -> None:
    from huggingface_hub import scan_cache_dir

    versions = [version.commit_hash for repo in _hub(model) for version in repo.revisions]
    if versions:
        scan_cache_dir().delete_revisions(*versions).execute()


def _folders(model: Model) -> Iterator[Path]:
    recipe = known_recipe(model)
    if recipe is not None:
        yield from (folder for folder in (recipe.folder, recipe.parts) if folder.is_dir())


def _hub(model: Model) -> list[CachedRepoInfo]:
    from huggingface_hub import scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    if own_path(model) is not None:
        return []
    try:
        return [repo for repo in scan_cache_dir().repos if repo.repo_id == model.remote_id]
    except CacheNotFound:
        return []


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
