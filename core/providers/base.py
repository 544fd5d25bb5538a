"""The contract of a provider: two methods that ask models, so that audits work with any model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from core.cancel import CancelToken
from core.errors import ProviderError
from core.types import Capabilities, Computation, Model, OptionAnswer, OptionRequest, TextAnswer, TextRequest

OnText = Callable[[int, str], None]
"""Called with the position of a request in its batch and the text so far, each time the text grows."""


OnAnswer = Callable[[int, OptionAnswer | TextAnswer | ProviderError], None]
"""Called with the position of a request in its batch and its answer, in the order in which answers come.

A provider with the attribute ``tells_each`` accepts such a function as ``on_answer`` of both methods, so that the
answers of a slow endpoint are stored one by one.
"""


class Provider(Protocol):
    """One way to reach models. Every method is safe to call from several threads.

    Both asking methods take a batch and return answers in its order. A request that fails alone has its
    :class:`ProviderError` in the list. An error that concerns the whole batch (no key, no such model) is raised.
    """

    name: str
    batches_at_once: int
    """How many batches it takes side by side, from several threads: 1 for a model on this computer. With 2 an endpoint
    stays busy while the last requests of one batch are still open.
    """

    def capabilities(self, model: Model) -> Capabilities:
        """What can be read from ``model``, by the catalogue and, where the provider can tell, by the model itself."""

    def revision(self, model: Model) -> str | None:
        """The exact version of ``model`` that would answer now, which is part of the cache key.

        ``None`` where it is not known. Raises :class:`ProviderError`.
        """

    def batch_size(self, model: Model) -> int:
        """How many requests one batch should have. A run that is cancelled waits for at most one batch."""

    def option_distribution(
        self, requests: Sequence[OptionRequest], cancel: CancelToken | None = None
    ) -> list[OptionAnswer | ProviderError]:
        """The distribution over the labels of each request, in printed order. Raises :class:`Cancelled`."""

    def generate(
        self, requests: Sequence[TextRequest], on_text: OnText | None = None, cancel: CancelToken | None = None
    ) -> list[TextAnswer | ProviderError]:
        """The text of each request; ``on_text`` is called while texts grow.

        Raises :class:`Cancelled` where nothing was generated yet. A text that was stopped later has the finish
        ``cancelled``.
        """


def computation_of(provider: Provider, model: Model) -> Computation | None:
    """How ``provider`` last computed ``model``, for ``run.json``; ``None`` where another computer computes it.

    A provider that computes on this computer has a method ``computed(model) -> Computation | None``. A provider without
    it, such as a hosted one, cannot know.
    """
    told = getattr(provider, "computed", None)
    found = told(model) if callable(told) else None
    return found if isinstance(found, Computation) else None
