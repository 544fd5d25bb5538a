"""Computes in the background what the first visit of each page would compute, once the start page is shown.

The function ``prepare`` of a page's module computes what that page shows before anything is chosen. No page depends
on it: a visit computes itself what is not ready yet. Charts are drawn in the default language. Between two steps it
waits until no page is being made (``pages/parts/shared/turns.py``).
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

import streamlit as st

from core import i18n
from core.settings import settings
from pages.parts.app.collector import collect_and_freeze
from pages.parts.shared.session_models import with_models
from pages.parts.shared.texts import in_language
from pages.parts.shared.turns import give_way, in_background

_AFTER_S = 2.0  # the first page reaches its reader before the background work begins
PREPARED = (
    "learn.data",
    "china_west.view",
    "world.layers",
    "country.view",
    "alignment.data",
    "representation.data",
    "claims.data",
    "stability.ahead",
    "compare.view",
    "traces.gain",
    "citizens.ahead",
    "tuned.ahead",
    "ranking.data",
    "model.data",
    "story.data",
)
"""The modules in ``pages/parts`` whose function ``prepare`` is called, in this order."""


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
    with in_background():
        for prepare in pages or _every():
            give_way()
            try:
                in_language(with_models(prepare, {}), i18n.DEFAULT)()
            except Exception as error:  # the page shows it itself to whoever opens it
                logging.getLogger(__name__).error(error, exc_info=error)
                problems.append(error)
    collect_and_freeze()
    return problems


def _every() -> Iterator[Callable[[], object]]:
    for module in PREPARED:
        # Imported one by one, so that neither the first page nor later visitors wait for the modules of all others.
        give_way()
        yield import_module(f"pages.parts.{module}").prepare
