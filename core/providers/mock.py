"""A provider without a model: its answers are made up, the same every time, or given by the caller.

It is part of the app so that a demonstration, a test or a course can use every step without weights.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

import numpy as np

from core.cancel import CancelToken, check_cancel
from core.errors import Cancelled, ProviderError, said
from core.providers.base import OnText
from core.types import (
    Call,
    Capabilities,
    Message,
    Model,
    OptionAnswer,
    OptionDistribution,
    OptionRequest,
    TextAnswer,
    TextRequest,
    TopToken,
    digest,
)

OptionScript = Callable[[OptionRequest], Sequence[float] | ProviderError]
TextScript = Callable[[TextRequest], str | ProviderError]
_LETTERED = re.compile(r"^([A-Z])\. ", re.MULTILINE)
_SCALED = re.compile(r"(?:scale from |请在)(\d)(?: to |到)(\d)")
_VALID = 0.9  # the share of the made-up probability that lies on the labels


class MockProvider:
    """Answers computed from a hash of the request, or by the functions ``options`` and ``text``.

    ``options`` returns the mass on each label (sum at most 1), ``text`` returns a text; both may return an error
    instead. Each answer takes ``delay_s`` seconds, so that progress and cancelling can be seen.
    """

    name = "mock"
    batches_at_once = 1

    def __init__(
        self, options: OptionScript | None = None, text: TextScript | None = None, delay_s: float = 0.0
    ) -> None:
        self._options = options or _made_up_mass
        self._text = text or _made_up_text
        self._delay_s = delay_s

    def capabilities(self, model: Model) -> Capabilities:
        """The capabilities in the catalogue."""
        return model.capabilities

    def revision(self, model: Model) -> str | None:
        """The revision in the catalogue."""
        return model.revision

    def batch_size(self, model: Model) -> int:
        """8 requests."""
        return 8

    def option_distribution(
        self, requests: Sequence[OptionRequest], cancel: CancelToken | None = None
    ) -> list[OptionAnswer | ProviderError]:
        """One answer a request; counts of ``samples`` draws for a model without log-probabilities."""
        answers: list[OptionAnswer | ProviderError] = []
        for request in requests:
            self._wait(cancel)
            mass = self._options(request)
            answers.append(mass if isinstance(mass, ProviderError) else _option_answer(request, mass))
        return answers

    def generate(
        self, requests: Sequence[TextRequest], on_text: OnText | None = None, cancel: CancelToken | None = None
    ) -> list[TextAnswer | ProviderError]:
        """One text a request, which grows word by word."""
        answers: list[TextAnswer | ProviderError] = []
        for position, request in enumerate(requests):
            text = self._text(request)
            answers.append(
                text if isinstance(text, ProviderError) else self._write(request, text, position, on_text, cancel)
            )
        if requests and all(isinstance(a, TextAnswer) and a.finish == "cancelled" and not a.text for a in answers):
            raise Cancelled(said("stopped_empty"))
        return answers

    def _wait(self, cancel: CancelToken | None) -> None:
        check_cancel(cancel)
        if self._delay_s:
            time.sleep(self._delay_s)

    def _write(
        self, request: TextRequest, text: str, position: int, on_text: OnText | None, cancel: CancelToken | None
    ) -> TextAnswer:
        words = text.split()
        said: list[str] = []
        stopped = False
        for word in words[: request.max_tokens]:
            if cancel is not None and cancel.is_set():
                stopped = True
                break
            if self._delay_s:
                time.sleep(self._delay_s)
            said.append(word)
            if on_text:
                on_text(position, " ".join(said))
        whole = "stop" if len(said) == len(words) else "length"
        call = _call(request.messages, said[0] if said else "", tokens_out=len(said))
        finish = "cancelled" if stopped else whole
        return TextAnswer.model_validate({"text": " ".join(said), "finish": finish, "call": call})


def _generator(request: OptionRequest | TextRequest) -> np.random.Generator:
    said = [[m.role, m.content] for m in request.messages]
    return np.random.default_rng(int(digest([request.model.id, said, request.seed], 16), 16))


def _made_up_mass(request: OptionRequest) -> tuple[float, ...]:
    shares = _generator(request).dirichlet(np.ones(len(request.labels)))
    return tuple(float(share) * _VALID for share in shares)


def _made_up_text(request: TextRequest) -> str:
    asked = request.messages[-1].content
    letters = _LETTERED.findall(asked)
    if not letters and (scale := _SCALED.search(asked)):
        letters = [str(number) for number in range(int(scale[1]), int(scale[2]) + 1)]
    if not letters:
        return "This text was made up: no model was asked."
    return f"{letters[int(_generator(request).integers(len(letters)))]}. This answer was made up."


def _option_answer(request: OptionRequest, mass: Sequence[float]) -> OptionAnswer:
    method, n = request.model.capabilities.method, None
    if method == "sampled":
        n = request.samples
        rest = max(0.0, 1.0 - sum(mass))
        weights = np.array([*mass, rest])
        counts = _generator(request).multinomial(n, weights / weights.sum())
        mass = [float(count) / n for count in counts[:-1]]
    best = request.labels[int(np.argmax(mass))]
    return OptionAnswer(
        distribution=OptionDistribution(codes=request.codes, mass=tuple(mass), method=method, n=n),
        call=_call(request.messages, best, probability=min(float(max(mass)), 1.0)),
    )


def _call(messages: Sequence[Message], first: str, probability: float = 1.0, tokens_out: int | None = None) -> Call:
    prompt = "\n\n".join(message.content for message in messages)
    return Call(
        rendered_prompt=prompt,
        top_tokens=(TopToken(text=first, probability=probability),) if first else (),
        latency_s=0.0,
        tokens_in=len(prompt.split()),
        tokens_out=tokens_out,
    )
