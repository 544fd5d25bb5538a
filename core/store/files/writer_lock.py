"""The lock of a run folder: one process writes it at a time, and any process can see whether one does.

There are two locks of the operating system, each on a file in the folder. Both end with their process however it ends,
so a killed writer leaves no lock behind. Writers exclude one another with the lock on ``.lock``. A writer also takes
the lock on ``.held`` for itself alone. A reader who wants to know whether the run is being written asks only for a
shared lock on ``.held``, so readers never block one another and never block a writer for longer than a moment.
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
from core.store.files.mirror import Mirror, mirror_of
from core.store.files.whole_files import write_error

LOCK_FILE = ".lock"
SHOWN_FILE = ".held"
"""Its lock shows readers that the run is being written. The name is that of run folders of all earlier versions."""

_WAIT_S = 1.0
"""Seconds that a writer waits for another one: who changes one line of run.json is done by then."""


class WriterLock:
    """The right to write the run in ``path``, until :meth:`release`.

    Raises :class:`InputError` where the run is being written already, by this process or another, and
    :class:`DataError` where the folder cannot be written. It is also a context manager.
    """

    def __init__(self, path: Path) -> None:
        self._lock = FileLock(path / LOCK_FILE, thread_local=False)
        self._shown: int | None = None
        self._claimed: tuple[Mirror, str] | None = None
        try:
            self._lock.acquire(timeout=_WAIT_S)
            self._show(path)
            self._claim(path)
        except Timeout:
            raise InputError(said("run_being_written", run=path.name)) from None
        except OSError as error:
            self.release()
            raise write_error(path, error) from error
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Release both locks. Calling it twice does no harm."""
        claimed, self._claimed = self._claimed, None
        if claimed is not None:
            claimed[0].release(claimed[1])
        shown, self._shown = self._shown, None
        if shown is not None:
            os.close(shown)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.release()

    def _claim(self, path: Path) -> None:
        """Become the writer for all computers that share the runs, where they lie in an object store."""
        mirror = mirror_of(path.parent)
        if mirror is not None:
            mirror.claim(path.name)
            self._claimed = mirror, path.name

    def _show(self, path: Path) -> None:
        if sys.platform == "win32":
            return
        import fcntl

        self._shown = os.open(path / SHOWN_FILE, os.O_RDWR | os.O_CREAT, 0o666)
        until = time.monotonic() + _WAIT_S
        while True:
            try:
                fcntl.flock(self._shown, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                # A reader is checking whether the run is being written, which takes microseconds.
                if time.monotonic() > until:
                    raise InputError(said("run_being_written", run=path.name)) from None
                time.sleep(0.001)


def is_being_written(path: Path) -> bool:
    """Whether some process is writing the run in ``path``.

    A run whose status is ``running`` although nobody is writing it was interrupted. Of runs in an object store that
    other computers write this is what the last look at them told.
    """
    mirror = mirror_of(path.parent)
    if mirror is not None and mirror.is_claimed(path.name):
        return True
    if sys.platform == "win32":
        return _is_locked(path)
    import fcntl

    try:
        handle = os.open(path / SHOWN_FILE, os.O_RDONLY)
    except OSError:
        # There is no such file, or it belongs to another user and cannot be opened.
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
    """The same on Windows, which has no shared locks: the writers' own lock is taken for a moment and released.

    A writer that begins just then waits for it; see ``_WAIT_S``.
    """
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
