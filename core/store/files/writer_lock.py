"""Who writes a run: one process at a time, and anybody can see whether one does.

Two locks of the operating system, which both end with their process however it ends, so that no process id has to be
remembered or believed. Writers exclude one another with the first. The second is held by the writer alone, and
whoever looks only asks for a share of it: lookers stand neither in each other's way nor in that of a writer.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from core.errors import InputError, said
from core.store.files.whole_files import write_error

LOCK_FILE = ".lock"
HELD_FILE = ".held"

_PATIENCE_S = 1.0
"""How long a writer waits for one that has only something to note."""


class Hold:
    """The right to write the run in ``path``, until :meth:`release`.

    Raises :class:`InputError` where another holds it, in this process or elsewhere, and :class:`DataError` where the
    folder cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path / LOCK_FILE, thread_local=False)
        self._held: int | None = None
        try:
            self._lock.acquire(timeout=_PATIENCE_S)
            self._show(path)
        except Timeout:
            raise InputError(said("run_held", run=path.name)) from None
        except OSError as error:
            self.release()
            raise write_error(path, error) from error
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let the run go."""
        held, self._held = self._held, None
        if held is not None:
            os.close(held)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.release()

    def _show(self, path: Path) -> None:
        if sys.platform == "win32":
            return
        import fcntl

        self._held = os.open(path / HELD_FILE, os.O_RDWR | os.O_CREAT, 0o666)
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                # Somebody is just looking.
                if time.monotonic() > until:
                    raise InputError(said("run_held", run=path.name)) from None
                time.sleep(0.001)


def is_held(path: Path) -> bool:
    """True while some process writes the run. A run that says running and is not held was interrupted."""
    if sys.platform == "win32":
        return _is_locked(path)
    import fcntl

    try:
        handle = os.open(path / HELD_FILE, os.O_RDONLY)
    except OSError:
        # No writer of this version was ever here, or one whose files are nobody else's business.
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False


def _is_locked(path: Path) -> bool:
    """Where locks cannot be shared, looking takes the writer's own for a moment, which is what its patience is for."""
    if not (path / LOCK_FILE).exists():
        return False
    lock = FileLock(path / LOCK_FILE, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False
