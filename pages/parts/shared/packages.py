"""Imports the packages of core that pages share, in one thread.

Each visitor's script runs in a thread of its own. If two threads imported different parts of a package at first, each
could see incomplete modules of the other. Here one waits for the other. The start page shows published figures alone,
so it is drawn before the store and the engine are imported.
"""

import threading
from importlib import import_module

START = ("core.audits", "core.brief", "core.charts", "core.findings.china_west")
"""What the start page needs."""
ENGINE = ("core.store.index.database", "core.runs", "core.runs.ask")
"""What a page needs once something is asked or read from the store."""
_lock = threading.Lock()


def import_packages(names: tuple[str, ...] = ENGINE) -> None:
    """Import ``names``, where that was not done yet."""
    with _lock:
        for name in names:
            import_module(name)
