"""Turns what the SDKs raise into the app's own errors, without any key in their words.

Both SDKs use the same names and shapes, so one function reads both. They are recognised without importing either.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import BadAnswer, ProviderError, RateLimited, RefusedByProvider, Said, Unreachable, said
from core.providers.hosted.keys import SESSION, redact
from core.text import whole
from core.types import Model

_LONGEST = 240
_FINAL = (401, 402, 403, 404, 410)
_FILTERED = (
    "content_filter",
    "content_policy",
    "data_inspection_failed",
    "datainspectionfailed",
    "content exists risk",
    "sensitive",
    "contentfilter",
)


class Refusal(RefusedByProvider):
    """The endpoint refused a request. ``final`` where it would refuse every other request to this model too.

    ``declined`` where the endpoint's filter rejected the content. ``words`` is what the endpoint said, without keys.
    """

    def __init__(
        self, message: str | Said, hint: str | Said = "", *, status: int = 0, words: str = "", declined: bool = False
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.words = words
        self.declined = declined

    @property
    def final(self) -> bool:
        """Whether the refusal concerns the model or the key, and not this request alone."""
        return self.status in _FINAL


class TokenIds(BadAnswer):
    """The endpoint gives numbers of its vocabulary in place of words; it would for every other request too."""

    final = True


class Beside(BadAnswer):
    """Readings came, but with hardly any probability on the options; others are likely to be the same."""

    final = True


@contextmanager
def as_our_errors(model: Model, key: str | None) -> Iterator[None]:
    """A context that turns what an SDK raises into a :class:`ProviderError`."""
    try:
        yield
    except ProviderError:
        raise
    except Exception as error:
        found = read_fault(error, model, key)
        if found is None:
            raise
        # The SDK's error has the request with its headers, and so the key. It must not become the cause of ours.
        raise found from None


def read_fault(error: Exception, model: Model, key: str | None = None) -> ProviderError | None:
    """The app's error for an SDK's; ``None`` for an exception that comes neither from network nor endpoint."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "APITimeoutError" in kinds or "TimeoutException" in kinds:
        return Unreachable(said("time_out", model=model.name))
    if "APIStatusError" in kinds:
        return _from_status(error, model, key)
    if "APIConnectionError" in kinds or "TransportError" in kinds:
        return Unreachable(said("not_reached", model=model.name, host=host_of(model)))
    if "APIResponseValidationError" in kinds or isinstance(error, ValueError):
        return BadAnswer(said("not_json", model=model.name))
    if "APIError" in kinds:  # an error in the middle of a stream
        return BadAnswer(said("broke_off", model=model.name, words=_words(error, key)))
    return None


def host_of(model: Model) -> str:
    """Host of the endpoint, for messages."""
    return (model.endpoint or "").split("//")[-1].split("/")[0] or model.provider


def _from_status(error: Exception, model: Model, key: str | None) -> ProviderError:
    status = int(getattr(error, "status_code", 0))
    words = _words(error, key)
    if getattr(getattr(error, "response", None), "headers", {}).get("x-parallax") == "timed-out":
        return Unreachable(said("time_out", model=model.name))
    if status == 429:
        return RateLimited(said("rate_limited", host=host_of(model), words=words))
    if status in (408, 409) or status >= 500:
        return Unreachable(said("endpoint_trouble", host=host_of(model), status=status, words=words))
    if 300 <= status < 400:
        return Refusal(said("redirected", host=host_of(model), status=status), status=404)
    if status in (401, 403):
        hint = _key_hint(model.key_variable)
        problem = said("key_not_accepted", host=host_of(model), words=words)
        return Refusal(problem, hint, status=status, words=words)
    if status == 402:
        return Refusal(said("wants_payment", host=host_of(model), words=words), status=status)
    if status in (404, 410):
        problem = said("not_known_there", host=host_of(model), name=model.remote_id, words=words)
        return Refusal(problem, status=status, words=words)
    declined = any(word in words.lower() for word in _FILTERED)
    if declined:
        return Refusal(said("filtered", words=words), status=status, words=words, declined=True)
    return Refusal(said("request_rejected", model=model.name, words=words), status=status, words=words)


def _key_hint(variable: str | None) -> Said:
    if not variable:
        return said("hint_key_wanted")
    # The name of a typed key is made by the app and means nothing to a reader.
    return said("hint_session_key") if variable.startswith(SESSION) else said("hint_key_wrong", variable=variable)


def _words(error: Exception, key: str | None) -> str:
    """What the endpoint said, short, on one line and without keys."""
    body: Any = getattr(error, "body", None)
    said: Any = body
    if isinstance(body, dict):
        inner = body.get("error", body)
        said = inner
        if isinstance(inner, dict):
            said = " ".join(str(inner[name]) for name in ("code", "type", "message", "param") if inner.get(name))
    if not isinstance(said, str):
        said = json.dumps(said, default=str) if said else str(error)
    line = redact(" ".join(whole(said).split()), key)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
