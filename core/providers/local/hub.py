"""Where the files of a local model are: a converted GGUF file, a folder of the user, or the Hugging Face cache."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from core.cancel import CancelToken
from core.errors import BadAnswer, ProviderError, RefusedByProvider, Unreachable, said
from core.providers.local.disk import is_full
from core.providers.local.gguf import find_recipe, known_recipe
from core.providers.local.library_output import without_library_output
from core.providers.local.recipe import BUILTIN, own_path
from core.providers.local.tuned import base_of, card_of, fetched_as, is_tuned, require_weights, weights_path
from core.providers.local.weights import ensure_weights, weights_state
from core.settings import settings
from core.types import Model

_COMMIT = re.compile(r"[0-9a-f]{40}")
_TIMEOUT_S = 10.0
# Only the top folder, and no pickled weights, which could run code.
_WANTED = ["*.json", "*.jinja", "*.model", "*.txt", "*.safetensors"]
_UNWANTED = ["*/*"]


def is_builtin(model: Model) -> bool:
    """Whether ``model`` is the built-in one, or was tuned from it."""
    return base_of(model).remote_id == BUILTIN


def find_revision(model: Model) -> str:
    """The version that would answer now, without loading the model. Raises :class:`ProviderError`.

    Of a GGUF file it is the first digits of its SHA-256 (of the built-in model, those of its wheel). Of a folder it is
    a digest of the names, sizes and times of its files. Of a hub model it is the commit, from the hub or, where that
    cannot be reached, from the cache. Of a model that was tuned here it is that of its base, a plus sign, and the
    first digits of the SHA-256 of what was tuned.
    """
    card = card_of(model)
    if card is not None:
        base = card.base_revision if card.method == "full" else find_revision(card.base)
        if base != card.base_revision and own_path(card.base) is None:
            raise BadAnswer(said("tuned_other_base", model=model.name, found=base, expected=card.base_revision))
        return f"{base}+{card.weights_sha256[:12]}"
    recipe = find_recipe(model)
    if recipe is not None:
        return recipe.revision
    folder = own_path(model)
    if folder is not None:
        return _folder_digest(_existing(folder, model))
    if model.revision and _COMMIT.fullmatch(model.revision):
        return model.revision
    return _hub_commit(model)


def find_folder(model: Model, revision: str, cancel: CancelToken | None = None) -> Path:
    """A folder with all files of ``model``, which are fetched first where needed. Raises :class:`ProviderError`.

    For an adapter it is the folder of its base.
    """
    wanted = fetched_as(model)
    if wanted is None:
        return require_weights(model).parent
    if wanted is not model:
        return find_folder(wanted, revision.rpartition("+")[0], cancel)
    recipe = find_recipe(model)
    if recipe is not None:
        return ensure_weights(recipe, cancel=cancel)
    folder = own_path(model)
    return _existing(folder, model) if folder is not None else _hub_folder(model, revision)


def is_here(model: Model) -> bool:
    """Whether ``model`` can be asked without fetching anything. Makes no request and needs no torch."""
    if is_tuned(model):
        wanted = fetched_as(model)
        return weights_path(model).is_file() and (wanted is None or is_here(wanted))
    recipe = known_recipe(model)
    if recipe is not None:
        return weights_state(recipe) == "ready"
    folder = own_path(model)
    if folder is not None:
        return (folder / "config.json").is_file()
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return isinstance(try_to_load_from_cache(model.remote_id, "config.json", revision=model.revision), str)
    except HFValidationError:  # not a valid name on the hub
        return False


def _existing(folder: Path, model: Model) -> Path:
    if not (folder / "config.json").is_file():
        raise Unreachable(said("no_model_folder", model=model.name))
    return folder


def _folder_digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file():
            facts = path.stat()
            found.update(f"{path.name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return found.hexdigest()[:12]


def _hub_commit(model: Model) -> str:
    # The cache keeps each version in a folder named by its commit.
    return _snapshot(model, model.revision, ["config.json"]).name


def _hub_folder(model: Model, revision: str) -> Path:
    return _snapshot(model, revision, _WANTED)


def _snapshot(model: Model, revision: str | None, wanted: list[str]) -> Path:
    from httpx2 import HTTPError
    from huggingface_hub import snapshot_download

    try:
        with without_library_output():
            path = snapshot_download(
                model.remote_id,
                revision=revision,
                allow_patterns=wanted,
                ignore_patterns=_UNWANTED,
                etag_timeout=_TIMEOUT_S,
                local_files_only=settings().offline,
            )
    except (OSError, ValueError, HTTPError) as error:
        raise hub_error(error, model) from error
    return Path(path)


def hub_error(error: Exception, model: Model) -> ProviderError:
    """The error to show for an exception of the hub's client."""
    from huggingface_hub import errors as hub

    if isinstance(error, OSError) and is_full(error):
        return Unreachable(said("disk_hub", model=model.name))
    if isinstance(error, hub.GatedRepoError):
        return RefusedByProvider(said("licence_needed", model=model.name, link=model.link))
    if isinstance(error, hub.RevisionNotFoundError):
        return RefusedByProvider(said("no_hub_revision", revision=model.revision, model=model.name))
    if isinstance(error, hub.RepositoryNotFoundError | hub.HFValidationError | hub.RemoteEntryNotFoundError):
        return RefusedByProvider(said("no_hub_model", name=model.remote_id))
    if settings().offline:
        return Unreachable(said("hub_offline", model=model.name))
    return Unreachable(said("hub_unreachable", model=model.name))
