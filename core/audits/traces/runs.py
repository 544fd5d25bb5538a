"""Make many traces into one run folder: stop, go on, and a command for the shipped ones."""

from __future__ import annotations

import os
import secrets
import sys
import threading
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from core.audits.base import Bank
from core.audits.traces.asking import Asker
from core.audits.traces.audit import Spec, plan_units, prompts_of, trace
from core.audits.traces.store import KIND, TraceBook
from core.audits.traces.types import Options, Trace
from core.cancel import CancelToken, check_cancel
from core.catalogue import load_catalogue
from core.errors import Cancelled, InputError, said
from core.prompts.traces import VERSION
from core.providers import get_provider
from core.providers.base import Provider
from core.store import RunFolder, RunInfo, Store
from core.store.files.compact import compact
from core.surveys import every_survey
from core.types import Persona

OnTrace = Callable[[int, int, Trace], None]


def new_run(title: str, spec: object = None, run_id: str | None = None) -> RunInfo:
    """The run.json of a run of traces that begins now."""
    now = datetime.now(UTC)
    name = run_id or f"{KIND}-{now.strftime('%Y-%m-%d')}-{os.getpid()}-{secrets.token_hex(3)}"
    return RunInfo(
        run_id=name,
        kind=KIND,
        title=title,
        status="running",
        created=now,
        spec=spec,
        prompts={"mark": VERSION},
    )


class LiveBook:
    """The one run a process keeps for traces made on the page; its folder is made with the first."""

    def __init__(self, store: Store, title: str, options: Options) -> None:
        self._store, self._title, self._options = store, title, options
        self._lock = threading.Lock()
        self._book: TraceBook | None = None

    def book(self) -> TraceBook:
        """The book. Raises :class:`~core.errors.DataError` where no folder can be made."""
        with self._lock:
            if self._book is None:
                spec = {"audit": "mark", "options": self._options.model_dump(mode="json")}
                self._book = TraceBook(self._store, self._store.create(new_run(self._title, spec)))
            return self._book


def run_traces(
    spec: Spec,
    bank: Bank,
    store: Store,
    provider_of: Callable[[str], Provider],
    *,
    run_id: str | None = None,
    cancel: CancelToken | None = None,
    on_trace: OnTrace | None = None,
) -> RunInfo:
    """Make the traces of ``spec`` and return the run. An existing ``run_id`` goes on where it stopped.

    A trace that ended in an error is made again when the run goes on. Raises :class:`Cancelled`, after marking the run
    as cancelled, and :class:`~core.errors.DataError` where nothing can be written.
    """
    units = plan_units(spec, bank)
    folder = _folder(store, spec, run_id)
    done = {cell for cell, _ in store.kept(folder.info.run_id)}
    with folder:
        folder.update(status="running", counts={"traces": len(units), "prompts": sum(prompts_of(units))})
        try:
            asker = Asker(book := TraceBook(store, folder), provider_of, cancel=cancel)
            for position, unit in enumerate(units):
                if unit.id in done:
                    continue
                check_cancel(cancel)
                made = trace(unit, asker)
                book.keep(made)
                if on_trace:
                    on_trace(position + 1, len(units), made)
        except Cancelled:
            folder.update(status="cancelled")
            raise
        return folder.update(status="done", finished=datetime.now(UTC))


def _folder(store: Store, spec: Spec, run_id: str | None) -> RunFolder:
    if run_id is not None and run_id in set(store.runs()["run_id"]):
        return store.open(run_id)
    document = {"audit": "mark", **spec.model_dump(mode="json")}
    return store.create(new_run(spec.title, document, run_id))


def read_spec(path: Path) -> Spec:
    """A spec from a TOML file, personas as keys such as ``CHN|18-29|female|``. Raises :class:`InputError`."""
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
        if raw.pop("audit", None) != "mark":
            raise InputError(said("no_trace_spec", file=path.name))
        people = [Persona.from_key(key) for key in raw.pop("personas", [])]
        return Spec.model_validate({**raw, "personas": people})
    except (OSError, ValueError, ValidationError) as error:
        raise InputError(said("spec_unreadable", file=path.name, reason=error)) from error


def main(arguments: list[str]) -> None:
    """``SPEC [RUNS_FOLDER]``: say what it takes, and with a folder make the run there, named after the spec."""
    path = Path(arguments[0])
    spec = read_spec(path)
    bank = Bank(questions=every_survey().questions(), models=load_catalogue().models)
    units = plan_units(spec, bank)
    options, texts = prompts_of(units)
    sys.stdout.write(f"{len(units)} traces, at most {options} option prompts and {texts} texts\n")
    if len(arguments) > 1:
        store = Store(Path(arguments[1]))

        def tell(done: int, total: int, made: Trace) -> None:
            sys.stdout.write(f"{done}/{total} {made.unit.persona.key} {made.unit.question.id} {made.type}\n")
            sys.stdout.flush()

        info = run_traces(spec, bank, store, get_provider, run_id=path.stem, on_trace=tell)
        compact(Path(arguments[1]) / info.run_id)


if __name__ == "__main__":
    main(sys.argv[1:])
