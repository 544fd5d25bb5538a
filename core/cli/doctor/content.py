"""Checks of the built-in model, catalogue, keys, endpoints, survey data of the user, and runs."""

from __future__ import annotations

import os
import shlex
import socket
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.cli.doctor.line import Line, State
from core.errors import DataError, InputError, ParallaxError

if TYPE_CHECKING:
    from core.providers.hosted.measured import Measured
    from core.types import Model

_TIMEOUT_S = 3.0
_AHEAD = timedelta(days=1)


def checks(online: bool) -> Iterator[Line]:
    """All checks of this module; endpoints are reached only if ``online`` is true."""
    from core.catalogue import load_catalogue

    yield _weights()
    yield from _plugins()
    catalogue = load_catalogue()
    models = list(catalogue.models.values())
    for problem in catalogue.problems:
        yield Line("catalogue", "broken", problem.sentence())
    yield from _keys(models)
    yield from _checks(models, online)
    if online:
        yield from _endpoints(models)
    yield from _dilemmas()
    yield from _private()
    yield from _runs()


def _plugins() -> Iterable[Line]:
    """Providers, surveys and audits of other packages, by their entry points."""
    from core.audits import AUDITS
    from core.errors import DataError
    from core.providers import PROVIDERS
    from core.surveys import SURVEYS

    for registry in (PROVIDERS, SURVEYS, AUDITS):
        for name, package in registry.plugins.items():
            yield Line(f"plug-in {name}", "ok", f"{registry.what} of {package}")
        for warning in registry.outdated:
            yield Line("plug-in", "low", DataError(warning).sentence())
        for plugin in registry.left_out:
            yield Line(f"plug-in {plugin.name}", "broken", DataError(plugin.told()).sentence())


def _weights() -> Line:
    from core.providers.local.builtin import SMOLLM2, builtin_state
    from core.providers.local.manifest import is_complete

    fetch = "python -m core models fetch"
    try:
        if builtin_state() == "absent":
            if not SMOLLM2.folder.exists():
                return Line("built-in model", "absent", f"fetch it: {fetch}")
        elif is_complete(SMOLLM2.folder, SMOLLM2.made_from, thorough=True):
            return Line("built-in model", "ok", str(SMOLLM2.folder))
    except OSError as error:
        return Line("built-in model", "broken", f"{SMOLLM2.folder} cannot be read: {error.strerror or error}")
    mend = f"remove the folder, then: {fetch}"
    return Line("built-in model", "broken", f"files in {SMOLLM2.folder} are damaged or incomplete; {mend}")


def _keys(models: Iterable[Model]) -> Iterable[Line]:
    from core.providers.hosted.keys import check_key

    for name in dict.fromkeys(model.key_variable for model in models if model.key_variable):
        value = os.environ.get(name)
        if value is None:
            yield Line(name, "absent", "no key in the environment")
            continue
        try:
            check_key(value)
        except InputError as error:
            what = error.sentence() if value.strip() else "It is set, but empty."
            yield Line(name, "broken", f"the key in the environment cannot be used. {what}")
        else:
            yield Line(name, "ok", "key in the environment")


def _checks(models: Iterable[Model], online: bool = False) -> Iterable[Line]:
    """What was measured of endpoints, by the page Models or ``models check``; where ``online``, repeated in brief."""
    from core.providers.hosted.kept_checks import kept_check

    for model in models:
        found = kept_check(model) if model.endpoint else None
        if found is not None:
            told = " ".join(f"{one.message()} {one.hint()}" for one in found.told())
            state, now = _again(model, found) if online else ("ok", "The option --online repeats it.")
            yield Line(f"endpoint of {model.id}", state, f"measured on {found.when:%Y-%m-%d}: {told} {now}")


def _again(model: Model, before: Measured) -> tuple[State, str]:
    """The check of one endpoint repeated: whether it still does what it did."""
    from core.providers import get_provider
    from core.providers.hosted.measure import measure
    from core.providers.hosted.openai_like import OpenAILikeProvider
    from core.settings import settings

    provider = get_provider(model.provider)
    if settings().offline or not isinstance(provider, OpenAILikeProvider):
        return "absent", "PARALLAX_OFFLINE is set, so it was not repeated."
    try:
        changed = before.differs(measure(provider, model, brief=True))
    except ParallaxError as error:
        return "absent", f"It could not be measured again: {error.sentence()}"
    if changed:
        check = f"measure it anew: python -m core models check {shlex.quote(model.id)}"
        return "unknown", f"Now it differs in: {', '.join(changed)}; {check}"
    return "ok", "Measured again now: the same."


def _endpoints(models: Iterable[Model]) -> Iterable[Line]:
    from core.settings import settings

    if settings().offline:
        yield Line("endpoints", "absent", "PARALLAX_OFFLINE is set, so none is called")
        return
    for endpoint in dict.fromkeys(model.endpoint for model in models if model.endpoint):
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
        try:
            socket.create_connection((host, port), _TIMEOUT_S).close()
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            yield Line(host, "absent", f"cannot be reached: {why}; its models cannot be asked until it can")
        else:
            yield Line(host, "ok", "can be reached")


def _dilemmas() -> Iterable[Line]:
    from core.settings import settings
    from core.surveys.dilemmas import load_dilemmas

    if settings().dilemmas is None:
        return
    try:
        found = load_dilemmas(settings().dilemmas)
    except DataError as error:
        yield Line("dilemmas", "broken", error.sentence())
    else:
        yield Line("dilemmas", "ok", f"{len(found)} with those of {settings().dilemmas}")


def _private() -> Iterable[Line]:
    """Survey data of the user. The app leaves out what cannot be read, so the reason is listed here."""
    from core.surveys import shipped_survey
    from core.surveys.private import private_names, unreadable

    try:
        names, left_out = private_names(), unreadable(shipped_survey())
    except (ParallaxError, OSError) as error:
        yield Line("own survey data", "broken", f"cannot be read: {error}")
        return
    for found in left_out:
        remove = f"remove it: python -m core own forget {shlex.quote(found.name)}"
        yield Line(f"own survey data {found.name}", "broken", f"{found.why.message()} Import it again, or {remove}")
    if readable := [name for name in names if name not in {found.name for found in left_out}]:
        yield Line("own survey data", "ok", ", ".join(readable))


def _runs() -> Iterable[Line]:
    from core.store import open_store

    try:
        store = open_store()
    except (ParallaxError, OSError) as error:
        yield Line("runs", "broken", str(error))
        return
    try:
        runs = store.runs()
        yield Line("runs", "ok", f"{len(runs)}, of which {int(runs.shipped.sum())} shipped")
        for path, message in store.problems():
            yield Line(f"run {path.name}", "broken", message)
        later = runs[runs["created"] > datetime.now(UTC) + _AHEAD]
        for name in later["run_id"]:
            yield Line(
                f"date of run {name}", "unknown", "is dated in the future: a clock is wrong, here or where it was made"
            )
    finally:
        store.close()
