"""Keys of hosted models, from the environment or typed for one session. They are in memory only.

A typed key is in a :class:`KeyRing` of the session. A context variable carries the ring to the threads that ask models
for that session. A key is never part of a model, a request, a row, an error or a cache key.
"""

from __future__ import annotations

import os
import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.parse import quote

from core.errors import InputError, MissingKey, said
from core.types import Model

SESSION = "session:"
"""Names that begin with this are looked up on the session's ring only, never in the environment.

An endpoint that a reader typed has such a name, so it can never be sent a key of the machine that runs the app.
"""

_SHORTEST = 6
_CUT = 12
"""This many characters from the beginning or the end of a key reveal too much of it."""
_TOKEN = re.compile(r"\b(?:sk|rk|pk|xai|gsk|key|api)[-_][A-Za-z0-9*_\-]{6,}|(?i:bearer)\s+[^\s\"',}]{6,}")
_HIDDEN = "[key removed]"


def check_key(key: str) -> str:
    """``key`` without spaces around it. Raises :class:`InputError`, without the key, where it cannot be one."""
    stripped = key.strip()
    printable = stripped.isascii() and stripped.isprintable() and not any(c.isspace() for c in stripped)
    if len(stripped) < _SHORTEST or not printable or stripped[0] in "\"'" or stripped[-1] in "\"'":
        raise InputError(said("not_a_key"))
    return stripped


class KeyRing:
    """The keys typed in one session, by the name of the variable that each stands for."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self.names())})"

    def __getstate__(self) -> object:
        raise TypeError("keys are never written anywhere")

    def put(self, name: str, key: str) -> None:
        """Store ``key`` as ``name``. Raises :class:`InputError` where it cannot be a key."""
        stripped = check_key(key)
        with self._lock:
            self._keys[name] = stripped

    def forget(self, name: str) -> None:
        """Remove the key called ``name``, if there is one."""
        with self._lock:
            self._keys.pop(name, None)

    def get(self, name: str) -> str | None:
        """The key called ``name``; ``None`` where there is none."""
        with self._lock:
            return self._keys.get(name)

    def names(self) -> tuple[str, ...]:
        """The names of all keys."""
        with self._lock:
            return tuple(self._keys)

    def values(self) -> tuple[str, ...]:
        """All keys, for :func:`redact` only."""
        with self._lock:
            return tuple(self._keys.values())


_ring: ContextVar[KeyRing | None] = ContextVar("parallax_keys", default=None)


@contextmanager
def using_keys(ring: KeyRing | None) -> Iterator[None]:
    """A context in which models are asked with the keys of ``ring``, also in threads with a copy of the context."""
    token = _ring.set(ring)
    try:
        yield
    finally:
        _ring.reset(token)


def find_key(name: str | None) -> str | None:
    """The key called ``name``, of the session or else of the environment."""
    if not name:
        return None
    ring = _ring.get()
    typed = ring.get(name) if ring else None
    if typed or name.startswith(SESSION):
        return typed
    return os.environ.get(name, "").strip() or None


def has_key(model: Model) -> bool:
    """Whether the key of ``model`` is there, or it needs none."""
    return not model.key_variable or find_key(model.key_variable) is not None


def key_for(model: Model) -> str | None:
    """The key of ``model``; ``None`` where it needs none. Raises :class:`MissingKey` that names the variable."""
    if not model.key_variable:
        return None
    key = find_key(model.key_variable)
    if key is not None:
        return key
    if model.key_variable.startswith(SESSION):
        raise MissingKey(said("no_session_key", model=model.name))
    raise MissingKey(said("no_key", model=model.name, variable=model.key_variable))


def without_key(text: str, key: str | None) -> str:
    """``text`` without ``key``, be it whole, cut, or encoded for an address, in Base64 or in hexadecimal.

    For texts of a model or its endpoint. Unlike :func:`redact` it does not change what only looks like a key.

    >>> without_key("You sent sk-secret-1234567890.", "sk-secret-1234567890")
    'You sent [key removed].'
    """
    if not key or len(key) < _SHORTEST:
        return text
    raw = key.encode()
    forms = {key, quote(key, safe=""), b64encode(raw).decode().rstrip("="), raw.hex(), key[::-1]}
    if len(key) >= 2 * _CUT:
        forms |= {key[:_CUT], key[-_CUT:]}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, _HIDDEN)
    return text


def redact(text: str, *keys: str | None) -> str:
    """``text`` without ``keys``, without the keys of the session, and without anything else that looks like a key."""
    ring = _ring.get()
    for secret in sorted({*keys, *(ring.values() if ring else ())} - {None, ""}, key=lambda s: -len(s or "")):
        text = text.replace(str(secret), _HIDDEN)
    return _TOKEN.sub(_HIDDEN, text)
