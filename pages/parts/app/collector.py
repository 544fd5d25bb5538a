"""Keeps the process small and quick over a long life: what its collector looks at, what its allocators hold on to."""

import atexit
import ctypes
import gc
import sys
from contextlib import suppress

import pyarrow as pa

_ARENA_MAX = -8  # of glibc's mallopt
_ARENAS = 2


def spare_memory() -> None:
    """Let freed memory go back to the system, instead of one reserve for each thread that was ever busy."""
    pa.set_memory_pool(pa.system_memory_pool())
    with suppress(OSError, AttributeError):  # another system's allocator has no such setting and no need of it
        _glibc().mallopt(_ARENA_MAX, _ARENAS)


def keep_all() -> None:
    """Let everything that is there now stay, uncollected, until the process ends.

    A whole collection looks at every object there is, which takes longer than most pages, while all visitors wait.
    """
    gc.freeze()
    # Libraries that count their objects at the end would else report all of them as lost.
    atexit.register(gc.unfreeze)


def tidy_up() -> None:
    """Collect what nobody needs, give it back to the system, then :func:`keep_all`."""
    gc.unfreeze()
    gc.collect()
    with suppress(OSError, AttributeError):
        _glibc().malloc_trim(0)
    keep_all()


def _glibc() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError
    return ctypes.CDLL("libc.so.6")
