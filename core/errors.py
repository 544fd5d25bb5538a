"""The errors that a reader is told about.

    ParallaxError                      what happened; .hint says what to do
    ├── InputError                     what the user gave cannot be used (empty, too long, wrong columns)
    ├── DataError                      a shipped or stored file is damaged or foreign
    ├── Cancelled                      the user stopped the work
    │   └── CapReached                 the run has reached its cap
    └── ProviderError                  a model could not be asked
        ├── MissingKey                 no key for this endpoint
        ├── Unreachable                network, time-out, or a model that is not on this computer
        ├── RateLimited                the endpoint gets too many requests
        ├── RefusedByProvider          wrong key, unknown model, parameter not allowed
        └── BadAnswer                  the endpoint answered with something unusable

Each message is one plain sentence; each hint is what the reader can do. Neither ever holds a key. The words stand in
the catalogue of :mod:`core.i18n` under ``error``, so that a page shows them in the reader's language; logs, the
command line and stored rows have them in English.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from core import i18n

Shown = Callable[[str], str]
"""A function that makes words from outside, such as those of an endpoint or the name of a file, safe to show."""


@dataclass(frozen=True)
class Said:
    """A text of the table ``error`` in the catalogue, with the values of its places; :func:`said` makes one."""

    key: str
    values: Mapping[str, str | int | float | Said] = field(default_factory=dict)

    def message(self, language: str = i18n.DEFAULT, shown: Shown = str) -> str:
        """What happened. Raises ``KeyError`` for an unknown key or a missing value."""
        return self._fill("message", language, shown)

    def hint(self, language: str = i18n.DEFAULT, shown: Shown = str) -> str:
        """What to do; empty where the text has no hint."""
        there = f"error.{self.key}.hint" in i18n.catalogue(language)
        return self._fill("hint", language, shown) if there else ""

    def _fill(self, part: str, language: str, shown: Shown) -> str:
        values = {k: v if isinstance(v, int | float) else _shown(v, language, shown) for k, v in self.values.items()}
        return i18n.texts(language)(f"error.{self.key}.{part}", **values)


def said(key: str, /, **values: object) -> Said:
    """The text ``error.<key>`` with ``values``. Numbers and other texts of the catalogue are kept as they are; the rest
    becomes text.
    """
    return Said(key, {k: v if isinstance(v, str | int | float | Said) else str(v) for k, v in values.items()})


class ParallaxError(Exception):
    """Base class of all expected errors. ``kind`` is a word that does not change, for grouping and storage.

    ``message`` and ``hint`` are plain strings or texts of the catalogue. A text of the catalogue has its own hint.
    Where such a text is given as ``hint``, its message is the hint, so that several errors can share one.
    """

    kind = "error"

    def __init__(self, message: str | Said, hint: str | Said = "") -> None:
        self.parts = (message, hint)
        self.message, self.hint = self.text()
        super().__init__(self.message)

    def text(self, language: str = i18n.DEFAULT, shown: Shown = str) -> tuple[str, str]:
        """Message and hint in ``language``. ``shown`` is applied to plain strings and to the values of texts of the
        catalogue.

        A plain string stays in the language in which it was written.
        """
        message, hint = self.parts
        if isinstance(message, Said) and not hint:
            return message.message(language, shown), message.hint(language, shown)
        return _shown(message, language, shown), _shown(hint, language, shown)

    def anew(self) -> Self:
        """A copy of the error without its traceback, whose frames would otherwise stay in memory."""
        made = type(self).__new__(type(self), *self.args)
        made.__dict__.update(self.__dict__)
        return made

    def sentence(self, language: str = i18n.DEFAULT) -> str:
        """Message and hint as one text."""
        return " ".join(part for part in self.text(language) if part)


def _shown(words: str | Said, language: str, shown: Shown) -> str:
    return words.message(language, shown) if isinstance(words, Said) else shown(words)


class InputError(ParallaxError):
    """What the user gave cannot be used."""

    kind = "input"


class DataError(ParallaxError):
    """A file is damaged, foreign or of another schema."""

    kind = "data"


class Cancelled(ParallaxError):
    """The user stopped the work. What was finished before is stored."""

    kind = "cancelled"


class CapReached(Cancelled):
    """The run has reached its cap. It can go on when the cap is raised."""

    kind = "cap"


class ProviderError(ParallaxError):
    """A model could not be asked."""

    kind = "provider"


class MissingKey(ProviderError):
    """The endpoint needs a key and none is set."""

    kind = "missing_key"


class Unreachable(ProviderError):
    """There is no connection, it timed out, or weights are neither here nor can be fetched."""

    kind = "unreachable"


class RateLimited(ProviderError):
    """The endpoint refused repeated requests as too many."""

    kind = "rate_limited"


class RefusedByProvider(ProviderError):
    """The endpoint understood the request and refused it: wrong key, unknown model, forbidden parameter."""

    kind = "refused"


class BadAnswer(ProviderError):
    """The endpoint answered with something that cannot be used."""

    kind = "bad_answer"
