"""Provenance of a brief: the runs behind it, and the command that repeats each of them."""

from __future__ import annotations

import json
import shlex
import tomllib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from core.audits import AUDITS
from core.brief.model import RunSource
from core.once import once
from core.settings import DATA
from core.types import canonical_json

if TYPE_CHECKING:
    from core.store import RunInfo, Store

AGAIN = "-again"


def run_sources(store: Store, run_ids: Iterable[str]) -> tuple[RunSource, ...]:
    """The runs named ``run_ids``, in the order of their creation. Raises :class:`InputError` on an unknown one."""
    found = [store.info(name) for name in dict.fromkeys(run_ids)]
    return tuple(_source(info) for info in sorted(found, key=lambda info: (info.created, info.run_id)))


def _source(info: RunInfo) -> RunSource:
    return RunSource(
        run_id=info.run_id,
        title=info.title,
        kind=info.kind,
        status=info.status,
        created=info.created,
        finished=info.finished,
        models=info.models,
        prompts=tuple(sorted(set(info.prompts.values()))),
        libraries=info.libraries,
        rows=sum(shard.rows for shard in info.shards.values()),
        shards={name: shard.sha256 for name, shard in info.shards.items()},
        command=command_of(info),
    )


def command_of(info: RunInfo) -> str | None:
    """The command line that repeats ``info`` as a new run, quoted for a POSIX shell.

    For a shipped run the command names its spec file; for any other run it gives each field that differs from the
    default of the audit. ``None`` where no command can do it: single questions and traces asked on a page.
    """
    again = ["--id", f"{info.run_id}{AGAIN}", "--fresh"]
    file = shipped_specs().get(info.run_id)
    if info.kind not in AUDITS or not isinstance(info.spec, dict):
        return None
    if file is not None:
        return shlex.join(["python", "-m", "core", "run", f"data/specs/{file}", *again])
    fields = AUDITS[info.kind]().Spec.model_fields
    usual = {name: None if field.is_required() else _plain(field.get_default()) for name, field in fields.items()}
    given = [f"{name}={canonical_json(value)}" for name, value in info.spec.items() if usual.get(name) != value]
    parts = [word for setting in given for word in ("--set", setting)]
    return shlex.join(["python", "-m", "core", "run", "--audit", info.kind, *parts, *again])


def _plain(value: Any) -> Any:
    """A default as run.json would store it."""
    return json.loads(json.dumps(value, default=list))


@once
def shipped_specs() -> dict[str, str]:
    """Names of the shipped spec files by the run that they make."""
    found = {}
    for path in sorted((DATA / "specs").glob("*.toml")):
        values = tomllib.loads(path.read_text("utf-8"))
        found[str(values.get("id", path.stem))] = path.name
    return found
