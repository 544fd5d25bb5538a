"""Imports what a page needs once something is asked or read from the store, in one thread.

Each visitor's script runs in a thread of its own. If two threads imported different parts of a package at first, each
could see incomplete modules of the other. Here one waits for the other. The start page shows published figures alone,
so it is drawn before any of this is imported.
"""

import threading
from importlib import import_module

_NAMES = ("core.store.index.database", "core.audits", "core.runs", "core.runs.ask", "core.brief")
_lock = threading.Lock()


def import_packages() -> None:
    """Import all of them, where that was not done yet."""
    with _lock:
        for name in _NAMES:
            import_module(name)
