"""What several commands use: progress bars, fetching weights, running with progress."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from core.cli.output import SOME_FAILED, STOPPED, say
from core.cli.stop import stoppable
from core.errors import InputError, ProviderError, said

if TYPE_CHECKING:
    from core.audits.base import Bank
    from core.cancel import CancelToken
    from core.providers.local.recipe import Recipe
    from core.runs import RunProgress
    from core.scale.address import Engine
    from core.store import RunInfo, Store

_LINE_EVERY_S = 10.0


@contextmanager
def bar(unit: str) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar on standard error; a line now and then where that is no terminal.

    The context gives a function ``tell(done, total, more)``.
    """
    if not sys.stderr.isatty():
        last = 0.0

        def line(done: int, total: int, more: str) -> None:
            nonlocal last
            if time.monotonic() - last >= _LINE_EVERY_S:
                last = time.monotonic()
                say(f"{done}/{total} {unit} {more}".rstrip())

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.completed}/{task.total} {task.fields[unit]}"),
        BarColumn(),
        TextColumn("{task.fields[more]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=None, unit=unit, more="")
        yield lambda done, total, more: progress.update(task, completed=done, total=total, more=more)


def fetch_weights(recipe: Recipe, cancel: CancelToken | None = None) -> Path:
    """The folder of ``recipe``, fetched where it is not here yet, with progress: bytes, then the share converted."""
    from core.providers.local.weights import Stage, ensure_weights, weights_state

    if weights_state(recipe) == "ready":
        return recipe.folder
    megabytes = round(recipe.size / 1e6)
    with bar("%") as tell:

        def show(stage: Stage, share: float) -> None:
            came = f" ({round(share * megabytes)} of {megabytes} MB)" if stage == "fetch" else ""
            tell(round(share * 100), 100, f"{stage}{came}")

        return ensure_weights(recipe, show, cancel)


def words(progress: RunProgress) -> str:
    """Rate, time left and number of failures as a text."""
    parts = [f"{progress.cached} copied"] if progress.cached else []
    if progress.errors:
        parts.append(f"{progress.errors} failed")
    if progress.rate:
        parts.append(f"{progress.rate:.1f}/s")
    if progress.seconds_left is not None:
        parts.append(f"{clock(progress.seconds_left)} left")
    return ", ".join(parts)


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def carry_out(store: Store, run_id: str, bank: Bank) -> RunInfo:
    """Run or resume ``run_id`` in the foreground, with progress. Ctrl-C stops it after the present batch."""
    from core.providers import get_provider
    from core.runs import run_audit, stages_of
    from core.runs.fetch import to_fetch
    from core.runs.stages import models_of

    with stoppable() as stop:
        for recipe in to_fetch(models_of(stages_of(store.info(run_id), bank)).values()):
            fetch_weights(recipe, stop)
        with bar("cells") as tell:
            return run_audit(
                store,
                run_id,
                bank,
                get_provider,
                cancel=stop,
                on_progress=lambda progress: tell(progress.done, progress.total, words(progress)),
            )


def carry_out_on(engine: Engine, store: Store, run_id: str, bank: Bank) -> RunInfo:
    """Run or resume ``run_id`` with the workers of ``engine``, see :mod:`core.scale`, as :func:`carry_out` does.

    ``store`` is closed first: the driver of a large run has no room for the answers of all others.
    """
    from core.scale import run_on_ray

    path = store.path(run_id)
    if path is None or path.parent != store.runs_dir:
        raise InputError(said("run_shipped", run=run_id))
    store.close()
    with stoppable() as stop, bar("cells") as tell:
        return run_on_ray(
            path,
            bank,
            engine,
            cancel=stop,
            on_progress=lambda progress: tell(progress.done, progress.total, words(progress)),
        )


def ended(store: Store, info: RunInfo) -> None:
    """Exit with the code for how the run ended. Raises :class:`ProviderError` where nothing was answered."""
    from core.runs.background import first_error

    if info.status == "failed":
        raise ProviderError("Nothing in this run could be answered.", first_error(store, info.run_id))
    if info.status == "cancelled":
        say(f"Stopped. Go on with: python -m core resume {info.run_id}")
        raise typer.Exit(STOPPED)
    if info.counts.get("errors"):
        say(f"{info.counts['errors']} cells failed: {first_error(store, info.run_id)}")
        say(f"Ask them again with: python -m core resume {info.run_id}")
        raise typer.Exit(SOME_FAILED)


def about(info: RunInfo) -> dict[str, Any]:
    """A run.json as JSON, without its list of shards."""
    return {**info.model_dump(mode="json", exclude={"shards", "retired"}), "shards": len(info.shards)}
