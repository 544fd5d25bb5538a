"""What answered: the model by the name that the endpoint gives for it, and the settings that it was asked with."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from core.providers.hosted.endpoints import is_near
from core.types import Model, Response

KEPT_FOR = timedelta(days=1)
"""How long an answer of an endpoint on this computer is used again: such an endpoint gives no revision."""
_VERSION = re.compile(r"[-@:._]?v?\d[\d.\-]*\Z")


def another_answered(asked: str, served: str | None) -> bool:
    """Whether ``served`` is the name of another model than ``asked``. A missing name is not another model.

    A dated version of the name that was asked (``gpt-4o`` served as ``gpt-4o-2024-08-06``, ``x-latest`` as ``x-2603``)
    is the same model, and so is a name with or without its maker in front (``openai/gpt-4o``). Case does not count.

    >>> another_answered("gemini-2.5-flash", "gemini-3.5-flash-lite")
    True
    >>> another_answered("gpt-4o", "gpt-4o-2024-08-06")
    False
    """
    if not served:
        return False
    wanted, found = (name.lower().rsplit("/", 1)[-1].removesuffix("-latest") for name in (asked, served))
    if found == wanted:
        return False
    return not (found.startswith(wanted) and _VERSION.match(found[len(wanted) :]))


def with_settings(revision: str, settings: str) -> str:
    """``revision`` of a model that is asked with ``settings`` besides, a JSON object; unchanged where there are none.

    >>> with_settings("qwen3", '{"cache_prompt":false}')
    'qwen3+{"cache_prompt":false}'
    """
    return f"{revision}+{settings}" if settings else revision


def without_settings(revision: str | None) -> str | None:
    """The version of the model alone, without the settings that :func:`with_settings` added.

    >>> without_settings('qwen3+{"cache_prompt":false}'), without_settings("qwen3+0a1b2c3d")
    ('qwen3', 'qwen3+0a1b2c3d')
    """
    return None if revision is None else revision.partition("+{")[0]


def on_this_computer(model: Model) -> bool:
    """Whether ``model`` is behind an endpoint on this computer without revisions: it may be any model."""
    host = urlsplit(model.endpoint or "").hostname
    return model.revision is None and host is not None and is_near(host)


def may_have_changed(model: Model) -> bool:
    """Whether only a new request can tell which model answers to the name of ``model`` today."""
    return on_this_computer(model) or model.redirects


def reusable(known: Response, model: Model, served: str | None, now: datetime) -> bool:
    """Whether the earlier answer ``known`` may be used, given that ``served`` now answers to the name of ``model``."""
    if known.served_model != served:
        return False
    return not on_this_computer(model) or now - known.created < KEPT_FOR
