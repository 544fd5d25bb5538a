"""Everything that can go wrong and that a reader should be told about.

    ParallaxError                      what happened; .hint says what to do
    ├── InputError                     what the user gave cannot be used (empty, too long, wrong columns)
    ├── DataError                      a shipped or stored file is damaged or foreign
    ├── Cancelled                      the user stopped the work
    └── ProviderError                  a model could not be asked
        ├── MissingKey                 no key for this endpoint
        ├── Unreachable                network, time-out, or a model that is not on this computer
        ├── RateLimited                the endpoint asks us to slow down
        ├── RefusedByProvider          wrong key, unknown model, parameter not allowed
        └── BadAnswer                  the endpoint answered with something unusable

Each message is one plain sentence; each hint is what the reader can do. Neither ever holds a key.
"""

from __future__ import annotations


class ParallaxError(Exception):
    """Base of all expected errors. ``kind`` is a stable word for grouping and storage."""

    kind = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(ParallaxError):
    """What the user gave cannot be used."""

    kind = "input"


class DataError(ParallaxError):
    """A file is damaged, foreign or of another schema."""

    kind = "data"


class Cancelled(ParallaxError):
    """The user stopped the work; what was finished before is kept."""

    kind = "cancelled"


class ProviderError(ParallaxError):
    """A model could not be asked."""

    kind = "provider"


class MissingKey(ProviderError):
    """The endpoint needs a key and none is set."""

    kind = "missing_key"


class Unreachable(ProviderError):
    """No connection, a time-out, or weights that are neither here nor fetchable."""

    kind = "unreachable"


class RateLimited(ProviderError):
    """The endpoint asked us to slow down and went on doing so."""

    kind = "rate_limited"


class RefusedByProvider(ProviderError):
    """The endpoint understood and said no: wrong key, unknown model, forbidden parameter."""

    kind = "refused"


class BadAnswer(ProviderError):
    """The endpoint answered with something that cannot be used."""

    kind = "bad_answer"
