"""Whether the first readings of a run measure the answer at all; if not, the run stops before the rest is asked."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import ProviderError, said
from core.providers.hosted.faults import Beside
from core.providers.hosted.first_word import HARDLY
from core.types import OptionAnswer, TextAnswer

FIRST = 10
"""Number of readings of an endpoint that are asked before all others."""


def all_beside(answers: Sequence[OptionAnswer | TextAnswer | ProviderError]) -> Beside | None:
    """The error that stops a run whose first readings have hardly any probability on the options, or ``None``.

    Fewer than half of :data:`FIRST` readings are too few to stop a run. An answer that a filter declined is no reading.
    """
    read = [
        answer
        for answer in answers
        if isinstance(answer, OptionAnswer) and answer.distribution.method == "top_k" and not answer.refused
    ]
    if len(read) < FIRST / 2 or any(answer.distribution.valid_mass >= HARDLY for answer in read):
        return None
    words = [answer.call.top_tokens[0].text for answer in read if answer.call.top_tokens]
    word = max(set(words), key=words.count, default="")
    return Beside(said("reading_beside", n=len(read), word=word))
