"""Makes a tuned model: finds base and people, trains, and writes the folder with weights and card."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core.cancel import CancelToken
from core.errors import BadAnswer, InputError, said
from core.providers.local.computation import Way, describe
from core.providers.local.forward import is_out_of_memory
from core.providers.local.hub import find_folder, find_revision
from core.providers.local.libraries import require_libraries
from core.providers.local.tuned import ADAPTER, CARD, WHOLE, is_tuned
from core.settings import settings
from core.surveys import shipped_survey
from core.tuning.checkpoint import Checkpoint, writing
from core.tuning.learner import Learner
from core.tuning.parts import Parts, divide
from core.tuning.spec import TuningOrder
from core.tuning.train import Told, Trained, baselines, train
from core.types import Card, Model, canonical_json, digest

_LIBRARIES = ("torch", "transformers", "peft", "numpy", "safetensors")


def tune(
    order: TuningOrder,
    base: Model,
    into: Path | None = None,
    on_progress: Callable[[Told], None] | None = None,
    cancel: CancelToken | None = None,
) -> Path:
    """The folder of the model that ``order`` asks for, which is made first; ``base`` is the model ``order`` names.

    ``into`` is the folder to put it in, that of the user's tuned models unless given. A tuning that was stopped or
    killed goes on where it was last written down. Two processes do not tune the same model at once. Raises
    :class:`InputError` (what is asked cannot be tuned, or the model is there already), :class:`BadAnswer` (no memory),
    :class:`~core.errors.Unreachable` (weights or a library are missing, or the folder cannot be written to),
    :class:`~core.errors.DataError` (what was written down belongs to something else) and
    :class:`~core.errors.Cancelled`.
    """
    from filelock import FileLock, Timeout

    require_libraries()
    place = into or settings().adapters_dir
    target = place / order.id
    if base.provider != "local" or is_tuned(base):
        raise InputError(said("tuning_base", model=base.name))
    if target.exists():
        raise InputError(said("tuning_exists", name=order.id, folder=target))
    parts = divide(order.spec, shipped_survey())
    with writing(place):
        place.mkdir(parents=True, exist_ok=True)
        lock = FileLock(_lock_of(target))
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise InputError(said("tuning_busy", name=order.id)) from error
    try:
        return _make(order, base, parts, place, on_progress, cancel)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise BadAnswer(said("tuning_memory", model=base.name)) from error
    finally:
        lock.release()


def _lock_of(target: Path) -> Path:
    """The lock file of the tuning into ``target``: in the cache, since the folder of models may be one that ships."""
    folder = settings().cache_dir / "tuning"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{digest(str(target.resolve()), 16)}.lock"


def _make(
    order: TuningOrder,
    base: Model,
    parts: Parts,
    place: Path,
    on_progress: Callable[[Told], None] | None,
    cancel: CancelToken | None,
) -> Path:
    spec, target = order.spec, place / order.id
    revision = find_revision(base)
    work = place / f".{order.id}.work"
    made_for = hashlib.sha256(canonical_json([spec.model_dump(mode="json"), revision]).encode()).hexdigest()
    learner = Learner(base, find_folder(base, revision, cancel), spec)
    done = train(learner, spec, parts, Checkpoint(work, made_for), on_progress, cancel)
    fresh = work / "made"
    with writing(place):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        weights = _write_weights(learner, fresh)
        card = _card(order, base, revision, learner, parts, done, weights)
        (fresh / CARD).write_text(card.model_dump_json(indent=1, exclude_defaults=False), "utf-8")
        fresh.replace(target)
    shutil.rmtree(work, ignore_errors=True)
    return target


def _write_weights(learner: Learner, folder: Path) -> Path:
    """Write what was tuned into ``folder``; returns the file of weights.

    An adapter is in the form of peft, in 16-bit floats, which take half the room; the learner is rounded alike.
    """
    import torch

    if learner.adapter is None:
        learner.model.save_pretrained(folder, safe_serialization=True, max_shard_size="100GB")
        learner.tokenizer.save_pretrained(folder)
        return folder / WHOLE
    with torch.no_grad():
        for tensor in learner.trained.values():
            tensor.copy_(tensor.half())
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    # The base is named in the card; peft would write the path of a folder of this computer.
    config = learner.adapter.peft_config["default"]
    config.base_model_name_or_path, config.inference_mode = None, True
    config.save_pretrained(folder)
    # No embedding is trained; where peft looks for one itself, it asks the hub about the base.
    state = get_peft_model_state_dict(learner.adapter, save_embedding_layers=False)
    save_file({name: tensor.detach().half().cpu().contiguous() for name, tensor in state.items()}, folder / ADAPTER)
    return folder / ADAPTER


def _card(
    order: TuningOrder, base: Model, revision: str, learner: Learner, parts: Parts, done: Trained, weights: Path
) -> Card:
    even, average = baselines(parts, order.spec)
    survey = shipped_survey()
    return Card(
        id=order.id,
        title=order.title,
        note=order.note,
        base=base,
        base_revision=revision,
        method=order.spec.method,
        spec=order.spec.model_dump(mode="json"),
        data=f"{survey.title}. {survey.source}",
        seen={"questions": parts.questions["train"], "countries": parts.countries["train"]},
        held_out={
            f"{use}_{what}": found[use]
            for what, found in (("questions", parts.questions), ("countries", parts.countries))
            for use in ("validation", "test")
        },
        losses=done.losses,
        even=even,
        average=average,
        kept=done.kept,
        stopped=done.stopped,
        prompts=done.prompts,
        seconds=round(done.seconds, 1),
        parameters=sum(tensor.numel() for tensor in learner.trained.values()),
        computed=describe(Way("float32", learner.device)),
        libraries=_versions(),
        created=datetime.now(UTC).replace(microsecond=0),
        weights_sha256=hashlib.sha256(weights.read_bytes()).hexdigest(),
        weights_bytes=weights.stat().st_size,
    )


def _versions() -> dict[str, str]:
    found: dict[str, Any] = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
