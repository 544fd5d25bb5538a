"""What the first visit of a page would compute, computed beforehand: in the background, once the start page stands.

Each page says in its own module, as ``prepare``, what it shows before anything is chosen. Nothing depends on it: what
is not ready yet, or cannot be made ready, a visit computes for itself. Charts are drawn in the first language.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

import streamlit as st

from core import i18n
from core.settings import settings
from pages.parts.app.collector import tidy_up
from pages.parts.shared.session_models import with_models
from pages.parts.shared.texts import in_language

_AFTER_S = 2.0  # lets the first page reach its reader
_QUIET_S = 0.3
_PATIENCE_S = 60.0
_TURN_S = 0.0005  # a visitor meanwhile waits this long for each turn of the interpreter, instead of ten times that


class _Visits:
    """How many pages are being put together, and since when none is."""

    def __init__(self) -> None:
        self._lock, self._running, self._ended = threading.Lock(), 0, 0.0

    @contextmanager
    def one(self) -> Iterator[None]:
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                self._ended = time.monotonic()

    def quiet_for(self) -> float:
        with self._lock:
            return 0.0 if self._running else time.monotonic() - self._ended


_visits = _Visits()


def visiting() -> AbstractContextManager[None]:
    """While a page is put together; what is prepared in the background lets visitors go first."""
    return _visits.one()


def _wait_for_quiet() -> None:
    until = time.monotonic() + _PATIENCE_S
    while _visits.quiet_for() < _QUIET_S and time.monotonic() < until:
        time.sleep(_QUIET_S / 3)


@st.cache_resource(show_spinner=False)
def begin() -> threading.Thread | None:
    """Start :func:`warm_up` in the background, once a process; ``None`` where the settings say no."""
    if not settings().warm_up:
        return None
    thread = threading.Thread(target=_later, name="warm-up", daemon=True)
    thread.start()
    return thread


def _later() -> None:
    time.sleep(_AFTER_S)
    warm_up()


def warm_up(pages: Iterable[Callable[[], object]] | None = None) -> list[Exception]:
    """Prepare all pages, or those given, one after the other; what went wrong is logged and given back."""
    problems: list[Exception] = []
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        for prepare in pages or _every():
            _wait_for_quiet()
            try:
                in_language(with_models(prepare, {}), i18n.DEFAULT)()
            except Exception as error:  # a page says so itself, to whoever opens it
                logging.getLogger(__name__).error(error, exc_info=error)
                problems.append(error)
    finally:
        sys.setswitchinterval(usual)
    tidy_up()
    return problems


def _every() -> list[Callable[[], object]]:
    # Here, since a page of its own should not wait for what all pages need.
    from pages.parts.alignment import data as alignment_data
    from pages.parts.china_west import view as china_west_view
    from pages.parts.citizens import ahead as citizens_ahead
    from pages.parts.claims import data as claims_data
    from pages.parts.compare import view as compare_view
    from pages.parts.country import view as country_view
    from pages.parts.learn import data as learn_data
    from pages.parts.representation import data as representation_data
    from pages.parts.stability import ahead as stability_ahead
    from pages.parts.traces import gain as trace_gain
    from pages.parts.world import layers as world_layers

    return [
        learn_data.prepare,
        china_west_view.prepare,
        world_layers.prepare,
        country_view.prepare,
        alignment_data.prepare,
        representation_data.prepare,
        claims_data.prepare,
        stability_ahead.prepare,
        compare_view.prepare,
        trace_gain.prepare,
        citizens_ahead.prepare,
    ]
