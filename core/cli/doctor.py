"""``doctor``: what works here and what does not."""

from __future__ import annotations

import os
import platform
import shutil
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from core.cli.output import BAD_DATA, AsJson, show_json, show_table

if TYPE_CHECKING:
    from core.types import Model

Line = dict[str, str]
_TIMEOUT_S = 3.0


def doctor(
    online: Annotated[bool, typer.Option("--online", help="Also try to reach each endpoint.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check model cache, keys (by name, never their value), endpoints, disk, runs and versions.

    Exit code 3 where something is broken; what is merely absent (a key, weights to fetch) is told and is no fault.
    """
    from core.catalogue import load_catalogue

    catalogue = load_catalogue()
    models = list(catalogue.models.values())
    lines = [
        *_versions(),
        *_folders(),
        *_weights(),
        *_keys(models),
        *(_endpoints(models) if online else []),
        *_runs(),
        *(_line("catalogue", "broken", problem.message) for problem in catalogue.problems),
    ]
    if as_json:
        show_json(lines)
    else:
        show_table(["what", "state", "detail"], [list(line.values()) for line in lines])
    if any(line["state"] == "broken" for line in lines):
        raise typer.Exit(BAD_DATA)


def _line(what: str, state: str, detail: str) -> Line:
    return {"what": what, "state": state, "detail": detail}


def _versions() -> Iterable[Line]:
    from core.audit_runs.create import library_versions

    yield _line("system", "ok", f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors")
    for name, version in library_versions().items():
        yield _line(name, "ok", version)


def _folders() -> Iterable[Line]:
    from core.settings import settings

    for name, path in (("runs folder", settings().runs_dir), ("model cache", settings().cache_dir)):
        there = _nearest(path)
        free = shutil.disk_usage(there).free / 1e9
        state = "ok" if os.access(there, os.W_OK) else "broken"
        yield _line(name, state, f"{path}, {free:.1f} GB free{'' if state == 'ok' else ', may not be written'}")


def _nearest(path: Path) -> Path:
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())


def _weights() -> Iterable[Line]:
    from core.providers.builtin import builtin_state

    ready = builtin_state() == "ready"
    yield _line("built-in model", "ok" if ready else "absent", "" if ready else "fetch it: python -m core models fetch")


def _keys(models: Iterable[Model]) -> Iterable[Line]:
    for name in dict.fromkeys(model.key_variable for model in models if model.key_variable):
        yield _line(name, "ok" if os.environ.get(name) else "absent", "key in the environment")


def _endpoints(models: Iterable[Model]) -> Iterable[Line]:
    for endpoint in dict.fromkeys(model.endpoint for model in models if model.endpoint):
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
        try:
            socket.create_connection((host, port), _TIMEOUT_S).close()
        except OSError as error:
            yield _line(host, "absent", f"cannot be reached: {error.strerror or error}")
        else:
            yield _line(host, "ok", "can be reached")


def _runs() -> Iterable[Line]:
    from core.store import open_store

    store = open_store()
    runs = store.runs()
    yield _line("runs", "ok", f"{len(runs)}, of which {int(runs.shipped.sum())} shipped")
    for path, message in store.problems():
        yield _line(f"run {path.name}", "broken", message)
