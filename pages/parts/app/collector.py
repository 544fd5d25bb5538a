"""Settings of Python's garbage collector and of the memory allocators that keep a long process small and fast."""

import atexit
import ctypes
import gc
import sys
from contextlib import suppress

import pyarrow as pa

_ARENA_MAX = -8  # of glibc's mallopt
_ARENAS = 2


def return_freed_memory() -> None:
    """Make the allocators return freed memory to the system instead of keeping a reserve for every thread."""
    pa.set_memory_pool(pa.system_memory_pool())
    with suppress(OSError, AttributeError):  # only glibc has and needs this setting
        _glibc().mallopt(_ARENA_MAX, _ARENAS)


def freeze_objects() -> None:
    """Exclude all objects that exist now from garbage collection until the process ends.

    A full collection looks at every object, which takes longer than making most pages, and all visitors wait for it.
    """
    gc.freeze()
    # Otherwise libraries that count their objects when the process ends would report all of them as leaked.
    atexit.register(gc.unfreeze)


def collect_and_freeze() -> None:
    """Collect garbage, return its memory to the system, then call :func:`freeze_objects`."""
    gc.unfreeze()
    gc.collect()
    with suppress(OSError, AttributeError):
        _glibc().malloc_trim(0)
    freeze_objects()


def _glibc() -> ctypes.CDLL:
    if sys.platform != "linux":
        raise OSError
    return ctypes.CDLL("libc.so.6")
