"""What hosted models were seen to allow, noted at run time until the process ends.

The catalogue says what can be read from a model. Endpoints change, and servers that users run differ, so what a call
shows counts for more: a parameter that was refused is left out from then on, and where no log-probabilities come,
answers are sampled.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from typing import Any

from core.types import Capabilities, Frozen, Model, canonical_json

Place = tuple[str, str | None, str, str]


class Seen(Frozen):
    """What was seen of one model at one endpoint. ``logprobs`` is ``None`` until a call has shown it.

    ``thinks`` is true where the model wrote a thought before its answer, and ``thinking_off`` is the JSON object that
    prevents this. ``besides`` is a JSON object that is sent to such a server with every reading. ``temperature`` is the
    one for readings, where it was measured not to change them.
    """

    logprobs: bool | None = None
    dropped: tuple[str, ...] = ()
    thinks: bool = False
    thinking_off: str = ""
    besides: str = ""
    temperature: float | None = None

    @property
    def settings(self) -> str:
        """All that is sent besides: ``besides`` and ``thinking_off`` as one JSON object, or ``""``."""
        told = [json.loads(text) for text in (self.besides, self.thinking_off) if text]
        return as_settings({name: value for one in told for name, value in one.items()})


_seen: dict[Place, Seen] = {}
_lock = threading.Lock()


def _place(model: Model) -> Place:
    return model.provider, model.endpoint, model.remote_id, model.request_body


def seen(model: Model) -> Seen:
    """What was seen of ``model`` so far."""
    with _lock:
        return _seen.get(_place(model), Seen())


def saw(model: Model, **what: Any) -> Seen:
    """Note fields of :class:`Seen` of ``model``, and return all that was seen of it."""
    with _lock:
        found = _seen[_place(model)] = _seen.get(_place(model), Seen()).model_copy(update=what)
    return found


def saw_logprobs(model: Model, came: bool) -> None:
    """Note whether log-probabilities came when they were asked for."""
    saw(model, logprobs=came)


def drop(model: Model, parameter: str) -> None:
    """Note that the endpoint refuses ``parameter`` for ``model``."""
    with _lock:
        before = _seen.get(_place(model), Seen())
        if parameter not in before.dropped:
            _seen[_place(model)] = before.model_copy(update={"dropped": (*before.dropped, parameter)})


def forget(model: Model) -> None:
    """Forget what was seen of ``model``, so that the next call finds it again."""
    with _lock:
        _seen.pop(_place(model), None)


def effective(model: Model) -> Capabilities:
    """The capabilities in the catalogue, corrected by what was seen; unchanged for local models and the mock."""
    known, found = model.capabilities, seen(model)
    changes: dict[str, Any] = {}
    if found.logprobs is False or {"logprobs", "top_logprobs"} & set(found.dropped):
        changes |= {"logprobs": "none", "top_k": None}
    for name in ("temperature", "top_p", "seed"):
        if name in found.dropped:
            changes[name] = False
    if found.thinks and not found.thinking_off:
        changes["reasoning"] = True
    return known.model_copy(update=changes) if changes else known


def with_seen(model: Model) -> Model:
    """``model`` with its :func:`effective` capabilities, so that a plan that is made with it fits the endpoint."""
    found = effective(model)
    return model if found == model.capabilities else model.model_copy(update={"capabilities": found})


def settings_of(model: Model) -> str:
    """What is sent to ``model`` with every request besides what is asked for, as far as it was found at run time.

    Refused parameters, and those that the user sets in ``request_body``, are not among them.
    """
    found = seen(model)
    users = json.loads(model.request_body) if model.request_body else {}
    told = json.loads(found.settings or "{}")
    return as_settings({name: value for name, value in told.items() if name not in (*found.dropped, *users)})


def as_settings(settings: Mapping[str, Any]) -> str:
    """``settings`` as canonical JSON; ``""`` where there are none."""
    return canonical_json(dict(settings)) if settings else ""


def refused_parameter(words: str, sent: Mapping[str, Any]) -> str | None:
    """The parameter among those ``sent`` that the endpoint's error names; the longest name first."""
    low = words.lower().replace("-", "_")
    for name in sorted(sent, key=len, reverse=True):
        if re.search(rf"(?<![a-z0-9_]){re.escape(name.lower())}(?![a-z0-9_])", low):
            return name
    return None
