"""From the few most likely next words that an endpoint tells to the mass on each label (methods.md, section 2)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence

from core.errors import BadAnswer, said
from core.providers.chat import visible
from core.providers.labels import bare
from core.types import TopToken

Scored = tuple[str, float]
"""A token's text and the natural logarithm of its probability."""

_SLACK = 1e-3
_SHOWN = 10
_HINT = said("hint_logprobs")


def probabilities(tokens: Iterable[Scored]) -> list[tuple[str, float]]:
    """Tokens with their probabilities, most likely first. Raises :class:`BadAnswer` where they cannot be such.

    Endpoints write a huge negative number, or minus infinity, for a token that they rule out.
    """
    read: list[tuple[str, float]] = []
    for text, logprob in tokens:
        if not isinstance(text, str) or isinstance(logprob, bool) or not isinstance(logprob, int | float):
            raise BadAnswer(said("logprob_bare"), _HINT)
        if math.isnan(logprob) or logprob > _SLACK:
            raise BadAnswer(said("logprob_impossible", logprob=logprob), _HINT)
        read.append((text, min(1.0, math.exp(logprob))))
    if sum(share for _, share in read) > 1 + _SLACK:
        raise BadAnswer(said("logprob_sum"), _HINT)
    return sorted(read, key=lambda pair: -pair[1])


def label_mass(tokens: Iterable[Scored], labels: Sequence[str]) -> tuple[float, ...]:
    """Probability on each label: the sum over every token told that spells it; what was not told stays missing.

    Raises :class:`BadAnswer` as :func:`probabilities` does.
    """
    mass = dict.fromkeys(labels, 0.0)
    for text, share in probabilities(tokens):
        spelled = bare(text)
        if spelled in mass:
            mass[spelled] += share
    total = sum(mass.values())
    scale = 1 / total if total > 1 else 1.0  # rounding in the endpoint's own numbers
    return tuple(mass[label] * scale for label in labels)


def top_tokens(tokens: Iterable[Scored]) -> tuple[TopToken, ...]:
    """The most likely tokens, for the reader's eye."""
    return tuple(TopToken(text=visible(text), probability=share) for text, share in probabilities(tokens)[:_SHOWN])


def lone_certainty(top: str) -> bool:
    """Whether the stored likely words ``top`` are one word alone with all of the probability.

    Some servers tell no alternatives, or the word that was drawn as if it had been certain: such a reading is a draw.

    >>> lone_certainty('[["A", 1.0]]'), lone_certainty('[["A", 0.9], ["B", 0.1]]')
    (True, False)
    """
    told = json.loads(top or "[]")
    return len(told) == 1 and told[0][1] >= 1 - _SLACK
