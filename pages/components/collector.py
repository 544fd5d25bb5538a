"""Spares Python's collector what stays for the life of the process: libraries, surveys, what pages show first.

A whole collection looks at every object there is, which takes longer than most pages, while all visitors wait.
"""

import atexit
import gc


def keep_all() -> None:
    """Let everything that is there now stay, uncollected, until the process ends."""
    gc.freeze()
    # Libraries that count their objects at the end would else report all of them as lost.
    atexit.register(gc.unfreeze)
