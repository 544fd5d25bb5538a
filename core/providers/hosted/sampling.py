"""Counts written answers, for models that give no probabilities (methods.md, section 2)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from core.errors import BadAnswer, ProviderError, said
from core.parsing.answers import parse_answer
from core.parsing.thoughts import without_thoughts
from core.types import (
    Call,
    Message,
    OptionAnswer,
    OptionDistribution,
    OptionRequest,
    TextAnswer,
    TextRequest,
    TopToken,
)

TOKENS = 64
"""Most tokens of one sampled answer. A letter is asked for, but some models explain it."""

_ENOUGH = 20  # samples over all rotations of a question where the plan counted on probabilities


def samples_for(request: OptionRequest, foreseen: bool) -> int:
    """The number of samples to draw.

    It is the planned number, or a number that suffices over all rotations where the plan counted on probabilities.
    """
    return request.samples if foreseen else max(request.samples, math.ceil(_ENOUGH / len(request.labels)))


def printed_options(messages: Sequence[Message], labels: Sequence[str]) -> tuple[str, ...]:
    """The texts of the options as the prompt prints them, one a line after its label; empty where it prints none."""
    content = messages[-1].content if messages else ""
    found = dict(re.findall(r"^([A-HJK]|\d)[.、:：)]\s*(.+)$", content, re.MULTILINE))
    texts = [str(found.get(label, "")).strip() for label in labels]
    # An option with a number as its label is named by that number.
    return tuple(f"{a} {b}".strip() if a.isdigit() else b for a, b in zip(labels, texts, strict=True))


def sample_request(request: OptionRequest, place: int) -> TextRequest:
    """One of the independent samples of ``request``. Where ``request`` has a seed, each sample has its own."""
    return TextRequest(
        model=request.model,
        messages=request.messages,
        max_tokens=TOKENS,
        temperature=1.0 if request.temperature is None else request.temperature,
        seed=None if request.seed is None else request.seed * 1_000 + place,
    )


def count_samples(request: OptionRequest, drawn: Sequence[TextAnswer | ProviderError]) -> OptionAnswer | ProviderError:
    """The share of the samples that name each option. Refusals and unreadable answers are missing mass.

    A sample that failed does not count, so ``n`` may be smaller than planned. Where all failed, their first error is
    returned. Where all are empty or thoughts without an answer, it is a :class:`BadAnswer`.
    """
    answered = [answer for answer in drawn if isinstance(answer, TextAnswer)]
    if not answered:
        return next(answer for answer in drawn if isinstance(answer, ProviderError))
    if not any(without_thoughts(answer.text).strip() or answer.finish == "refusal" for answer in answered):
        return BadAnswer(said("only_thought", model=request.model.name))
    options = printed_options(request.messages, request.labels)
    counts = [0] * len(request.labels)
    for answer in answered:
        place = None if answer.finish == "refusal" else parse_answer(answer.text, request.labels, options).place
        if place is not None:
            counts[place] += 1
    n = len(answered)
    # What an endpoint's filter rejected was never counted.
    told = [answer.call for answer in answered if answer.finish != "refusal" or answer.call.tokens_in is not None]
    return OptionAnswer(
        distribution=OptionDistribution(
            codes=request.codes, mass=tuple(count / n for count in counts), method="sampled", n=n
        ),
        call=Call(
            rendered_prompt=answered[0].call.rendered_prompt,
            top_tokens=_most_frequent(answered),
            latency_s=sum(answer.call.latency_s for answer in answered),
            tokens_in=_total([call.tokens_in for call in told]),
            tokens_out=_total([call.tokens_out for call in told]),
            served_model=_names([answer.call.served_model for answer in answered]),
            served_fingerprint=_names([answer.call.served_fingerprint for answer in answered]),
            settings=_names([answer.call.settings for answer in answered]) or "",
        ),
        refused=all(answer.finish == "refusal" for answer in answered),
    )


def _names(told: Sequence[str | None]) -> str | None:
    """What all samples tell alike, such as the name of the model that answered; all of it where they differ."""
    return " + ".join(sorted({name for name in told if name})) or None


def _total(counts: Sequence[int | None]) -> int | None:
    return None if any(count is None for count in counts) else sum(count or 0 for count in counts)


def _most_frequent(answered: Sequence[TextAnswer]) -> tuple[TopToken, ...]:
    """The beginnings of the samples with their shares, in place of probabilities."""
    openings = [answer.text.strip().split(maxsplit=1)[0][:20] if answer.text.strip() else "∅" for answer in answered]
    ranked = sorted(set(openings), key=lambda word: (-openings.count(word), word))[:10]
    return tuple(TopToken(text=word, probability=openings.count(word) / len(openings)) for word in ranked)
