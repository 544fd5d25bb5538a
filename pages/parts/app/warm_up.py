"""Computes in the background what the first visit of each page would compute, once the start page is shown.

The function ``prepare`` of a page's module computes what that page shows before anything is chosen. No page depends
on it: a visit computes itself what is not ready yet. Charts are drawn in the default language.
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
from pages.parts.app.collector import collect_and_freeze
from pages.parts.shared.session_models import with_models
from pages.parts.shared.texts import in_language

_AFTER_S = 2.0  # the first page reaches its reader before the background work begins
_IDLE_S = 0.3
_LONGEST_WAIT_S = 60.0
_TURN_S = 0.0005  # how long a visitor waits for each turn of the interpreter meanwhile; usual is ten times that


class _Visits:
    """Counts the pages that are being made for visitors, and knows since when there is none."""

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

    def idle_for(self) -> float:
        with self._lock:
            return 0.0 if self._running else time.monotonic() - self._ended


_visits = _Visits()


def visiting() -> AbstractContextManager[None]:
    """A context in which a page is made for a visitor; the background work waits meanwhile."""
    return _visits.one()


def _wait_until_idle() -> None:
    until = time.monotonic() + _LONGEST_WAIT_S
    while _visits.idle_for() < _IDLE_S and time.monotonic() < until:
        time.sleep(_IDLE_S / 3)


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
    """Prepare all pages, or those given, one after the other; returns what they raised, which is logged too."""
    problems: list[Exception] = []
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        for prepare in pages or _every():
            _wait_until_idle()
            try:
                in_language(with_models(prepare, {}), i18n.DEFAULT)()
            except Exception as error:  # the page shows it itself to whoever opens it
                logging.getLogger(__name__).error(error, exc_info=error)
                problems.append(error)
    finally:
        sys.setswitchinterval(usual)
    collect_and_freeze()
    return problems


def _every() -> list[Callable[[], object]]:
    # Imported here, so that the first page does not wait for the modules of all others.
    from pages.parts.alignment import data as alignment_data
    from pages.parts.china_west import view as china_west_view
    from pages.parts.citizens import ahead as citizens_ahead
    from pages.parts.claims import data as claims_data
    from pages.parts.compare import view as compare_view
    from pages.parts.country import view as country_view
    from pages.parts.learn import data as learn_data
    from pages.parts.model import data as model_data
    from pages.parts.ranking import data as ranking_data
    from pages.parts.representation import data as representation_data
    from pages.parts.stability import ahead as stability_ahead
    from pages.parts.story import data as story_data
    from pages.parts.traces import gain as trace_gain
    from pages.parts.tuned import ahead as tuned_ahead
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
        tuned_ahead.prepare,
        ranking_data.prepare,
        model_data.prepare,
        story_data.prepare,
    ]
