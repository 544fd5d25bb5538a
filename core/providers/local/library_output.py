"""Keeps progress bars and log lines of libraries off the terminal while a model is fetched or loaded."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_library_output() -> Iterator[None]:
    """A context in which huggingface_hub and, if it is imported, transformers print errors only.

    What they printed before is restored afterwards.
    """
    from huggingface_hub.utils import logging as hub_logging
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    transformers = sys.modules.get("transformers")
    hub_level = hub_logging.get_verbosity()
    hub_bars = not are_progress_bars_disabled()
    if transformers:
        words = transformers.utils.logging
        level, bars = words.get_verbosity(), words.is_progress_bar_enabled()
        words.set_verbosity_error()
        words.disable_progress_bar()
    disable_progress_bars()
    hub_logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        hub_logging.set_verbosity(hub_level)
        if hub_bars:
            enable_progress_bars()
        if transformers:
            words.set_verbosity(level)
            if bars:
                words.enable_progress_bar()
