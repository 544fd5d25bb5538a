"""``doctor``: checks what works here, what does not, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Annotated

import typer

from core.cli.doctor.line import Line
from core.cli.output import BAD_DATA, AsJson, show_json, show_table


def doctor(
    online: Annotated[
        bool, typer.Option("--online", help="Also try to reach each endpoint, and repeat kept checks.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check settings, libraries, model cache, keys (by name, never their value), disk, runs, fonts and clock.

    Exit code 3 where something is broken. What is only absent, such as a key or weights, is listed and is no fault.
    """
    lines = list(_lines(online))
    if as_json:
        show_json([line._asdict() for line in lines])
    else:
        show_table(["what", "state", "detail"], lines)
    if any(line.state == "broken" for line in lines):
        raise typer.Exit(BAD_DATA)


def _lines(online: bool) -> Iterable[Line]:
    wrong = list(_settings())
    from core.cli.doctor import content, machine

    yield from machine.checks()
    yield from wrong
    yield from content.checks(online)


def _settings() -> Iterable[Line]:
    """Variables whose values cannot be used. They are ignored from here on, so that the rest can be checked."""
    from core.settings import PREFIX, Settings, settings, wrong_values

    for name, what in wrong_values().items():
        os.environ.pop(name, None)
        yield Line(
            name, "broken", f"{what.message()}. Correct it or unset it; the rest is looked at as if it were unset."
        )
    settings.cache_clear()
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields} | {f"{PREFIX}BROWSER"}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known:
            yield Line(name, "unknown", "no setting has this name, so it does nothing; the README lists them")
