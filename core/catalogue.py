"""The catalogue of models: the shipped ``data/models.toml``, the user's own file, and models that were tuned here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import DataError, Said, said
from core.providers import PROVIDERS
from core.providers.local.tuned import PREFIX, read_cards
from core.settings import DATA, settings
from core.types import Card, Model, Origin

SHIPPED = DATA / "models.toml"
_HINT = said("hint_models_file")


@dataclass(frozen=True)
class Catalogue:
    """Models by id, in the order of the files, and the problems of the user's file."""

    models: Mapping[str, Model]
    problems: tuple[DataError, ...] = ()


def load_catalogue() -> Catalogue:
    """Read both files and the cards of tuned models. A table of the user's file adds a model, or changes the named
    fields of a known one.

    ``problems`` lists every problem of the user's file and of cards; only what has it is left out. Raises
    :class:`DataError` where the shipped file is damaged. The mock models are left out unless ``PARALLAX_MOCK`` is set.
    """
    tables, problems = _read(SHIPPED)
    models = _build(tables, {}, SHIPPED, problems)
    if problems:
        raise problems[0]
    own = settings().models
    if own is not None:
        added, problems = _read(own)
        models = models | _build(added, tables, own, problems)
    cards = read_cards()
    problems += cards.problems
    models |= {name: tuned_model(card) for name, card in cards.known.items() if name not in models}
    kept = {name: model for name, model in models.items() if settings().mock or model.provider != "mock"}
    return Catalogue(kept, tuple(problems))


HERE = "here"
"""The origin of what was tuned on this computer, or by this project."""


def tuned_model(card: Card) -> Model:
    """The catalogue entry of the tuned model with this ``card``: that of its base, tuned :data:`HERE`."""
    base = card.base
    return Model(
        id=card.id,
        name=card.title.en,
        name_zh=card.title.zh,
        provider="local",
        remote_id=f"{PREFIX}{card.id}",
        origin=Origin(base=base.origin.base, tuner=HERE),
        developer=base.developer,
        family=base.family,
        parameters=base.parameters,
        tuning="LoRA" if card.method == "lora" else "full fine-tuning",
        chat=base.chat,
        languages=base.languages,
        capabilities=base.capabilities,
        licence=base.licence,
        link=base.link,
        note=card.note.en,
        note_zh=card.note.zh,
    )


ENDING = timedelta(days=60)
"""A model that retires within this time counts as ending soon."""


def available(models: Mapping[str, Model], today: date | None = None) -> dict[str, Model]:
    """The models that can be asked on ``today`` (now, unless given): all but the retired ones."""
    day = today or datetime.now(UTC).date()
    return {name: model for name, model in models.items() if not model.retired(day)}


def ending(models: Iterable[Model], today: date | None = None) -> list[Model]:
    """Those of ``models`` that are retired, retire within :data:`ENDING`, or have a name that another model may answer
    to.
    """
    day = today or datetime.now(UTC).date()
    return [m for m in models if m.redirects or (m.retires is not None and m.retires - day <= ENDING)]


def _read(path: Path) -> tuple[dict[str, Any], list[DataError]]:
    try:
        return tomllib.loads(path.read_text("utf-8")), []
    except OSError as error:
        problem = said("models_file_unreadable", path=path, reason=error.strerror)
    except UnicodeDecodeError:
        problem = said("models_file_not_text", path=path)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = said("models_file_not_toml", path=path, reason=error)
    return {}, [DataError(problem, _HINT)]


def _build(
    tables: Mapping[str, Any], known: Mapping[str, Any], path: Path, problems: list[DataError]
) -> dict[str, Model]:
    models: dict[str, Model] = {}
    for name, table in tables.items():
        if not isinstance(table, dict):
            problems.append(_problem(path, name, said("part_not_a_table")))
            continue
        try:
            model = Model.model_validate({**known.get(name, {}), **table, "id": name})
        except ValidationError as error:
            problems.extend(
                _problem(path, f"{name}.{'.'.join(map(str, found['loc']))}", found["msg"]) for found in error.errors()
            )
            continue
        if model.provider not in PROVIDERS:
            names = ", ".join(PROVIDERS)
            what = said("part_no_provider", provider=model.provider, names=names)
            problems.append(_problem(path, f"{name}.provider", what))
            continue
        models[name] = model
    return models


def _problem(path: Path, where: str, what: str | Said) -> DataError:
    return DataError(said("models_entry", file=path.name, where=where, what=what), _HINT)
