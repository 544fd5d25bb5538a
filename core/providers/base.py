"""The contract between an audit and a model: two verbs, so that an audit never knows whom it talks to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from core.cancel import CancelToken
from core.errors import ProviderError
from core.types import Capabilities, Computation, Model, OptionAnswer, OptionRequest, TextAnswer, TextRequest

OnText = Callable[[int, str], None]
"""Called with the position of a request in its batch and the text so far, while it grows."""


OnAnswer = Callable[[int, OptionAnswer | TextAnswer | ProviderError], None]
"""Called with the position of a request in its batch and its answer, in the order in which answers come.

A provider that has the attribute ``tells_each`` takes one as ``on_answer`` of both its verbs, so that the answers of a
slow endpoint are kept one by one.
"""


class Provider(Protocol):
    """One way to reach models. Every method is safe to call from several threads.

    Both verbs take a batch and answer in its order. An answer that failed alone stands in the list as its
    :class:`ProviderError`; an error that meets the whole batch (no key, model not here) is raised.
    """

    name: str
    batches_at_once: int
    """How many batches may be handed over side by side, from several threads: 1 for a model on this computer; 2 keep an
    endpoint busy while the last requests of one batch are still open."""

    def capabilities(self, model: Model) -> Capabilities:
        """What ``model`` lets us read, from the catalogue and, where it can be told, from the model itself."""

    def revision(self, model: Model) -> str | None:
        """The exact version that would answer now; part of the cache key. Raises :class:`ProviderError`."""

    def batch_size(self, model: Model) -> int:
        """How many requests to hand over at once; cancelling waits for at most one such batch."""

    def option_distribution(
        self, requests: Sequence[OptionRequest], cancel: CancelToken | None = None
    ) -> list[OptionAnswer | ProviderError]:
        """Distributions over the labels of each request, in printed order. Raises :class:`Cancelled`."""

    def generate(
        self, requests: Sequence[TextRequest], on_text: OnText | None = None, cancel: CancelToken | None = None
    ) -> list[TextAnswer | ProviderError]:
        """Texts; ``on_text`` sees them grow. Raises :class:`Cancelled` where nothing was generated yet."""


def computation_of(provider: Provider, model: Model) -> Computation | None:
    """On what ``provider`` computed ``model`` last, for ``run.json``; ``None`` where it computes elsewhere.

    A provider that computes on this computer tells it with a method ``computed(model) -> Computation | None``; one
    without that method, such as a hosted one, cannot know.
    """
    told = getattr(provider, "computed", None)
    found = told(model) if callable(told) else None
    return found if isinstance(found, Computation) else None
