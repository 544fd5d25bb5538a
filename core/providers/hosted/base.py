"""What all hosted models have in common: batches, samples, texts, and clients that know the rules of the house.

A provider of hosted models says how one request is sent and read; this says how many at once, what is counted, and
what happens when the user stops.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, TypeVar

from core.cancel import CancelToken
from core.errors import Cancelled, InputError, ProviderError, said
from core.providers.base import OnText
from core.providers.hosted.capabilities import effective
from core.providers.hosted.endpoints import check_address
from core.providers.hosted.faults import Refusal
from core.providers.hosted.keys import key_for
from core.providers.hosted.pace import Paces, ask_all
from core.providers.hosted.parameters import Sender
from core.providers.hosted.sampling import count_samples, sample_request, samples_for
from core.providers.hosted.timing import timed
from core.providers.permitted import check_model
from core.settings import settings
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

T = TypeVar("T")
_BATCH = 24
_SAMPLED_BATCH = 8
_CLIENTS = 16
_LONGEST_NAME = 200
_REASONING_TOKENS = 4096


class Hosted:
    """Base of the providers of hosted models. ``_write`` and, where it can, ``_read`` are theirs."""

    name = "hosted"
    lanes = 2

    def __init__(self) -> None:
        self._paces = Paces(lambda: settings().max_in_flight)
        self._clients: dict[tuple[str, str, float, int], Any] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count()

    def capabilities(self, model: Model) -> Capabilities:
        """As the catalogue says, corrected by what the endpoint has shown."""
        return effective(model)

    def revision(self, model: Model) -> str:
        """The version the catalogue pins, else the name there; and what every request carries besides."""
        version = model.revision or model.remote_id
        return f"{version}+{digest(model.request_body, 8)}" if model.request_body else version

    def batch_size(self, model: Model) -> int:
        """24, or 8 where each takes several samples."""
        return _SAMPLED_BATCH if effective(model).method == "sampled" else _BATCH

    def option_distribution(
        self, requests: Sequence[OptionRequest], cancel: CancelToken | None = None
    ) -> list[OptionAnswer | ProviderError]:
        """Top-k readings where log-probabilities come, counts of independent samples where they do not."""
        answers: list[OptionAnswer | ProviderError] = []
        for _, same in groupby(requests, key=lambda request: request.model):
            answers += self._options(list(same), cancel)
        return answers

    def generate(
        self, requests: Sequence[TextRequest], on_text: OnText | None = None, cancel: CancelToken | None = None
    ) -> list[TextAnswer | ProviderError]:
        """Texts, several at once; streamed where ``on_text`` wants to see them grow."""
        answers: list[TextAnswer | ProviderError] = []
        for _, same in groupby(enumerate(requests), key=lambda pair: pair[1].model):
            answers += self._texts(list(same), on_text, cancel)
        if requests and cancel is not None and cancel.is_set() and all(_is_nothing(answer) for answer in answers):
            raise Cancelled(said("stopped_empty"))
        return answers

    def _options(self, requests: list[OptionRequest], cancel: CancelToken | None) -> list[OptionAnswer | ProviderError]:
        sender = self.sender(requests[0].model)
        pace, number = self._paces.of(sender.model.endpoint or ""), next(self._numbers)
        read: list[OptionAnswer | ProviderError | None] = [None] * len(requests)
        if effective(sender.model).method != "sampled":

            def look(request: OptionRequest, stop: CancelToken) -> tuple[OptionAnswer | None] | ProviderError:
                with pace.turn(stop, number):
                    return _or_error(
                        lambda: (timed(lambda: self._read(sender, request)),), lambda words: (declined(request),)
                    )

            for place, found in enumerate(ask_all(requests, look, settings().max_in_flight, cancel)):
                read[place] = found if isinstance(found, ProviderError) else found[0]
        planned = sender.model.capabilities.method == "sampled"
        draws = [
            (place, sample_request(request, drawn))
            for place, request in enumerate(requests)
            if read[place] is None
            for drawn in range(samples_for(request, planned))
        ]

        def draw(item: tuple[int, TextRequest], stop: CancelToken) -> TextAnswer | ProviderError:
            with pace.turn(stop, number):
                return _or_error(
                    lambda: timed(lambda: self._write(sender, item[1], requests[item[0]], None, stop)),
                    lambda words: declined_text(item[1], words),
                )

        samples: dict[int, list[TextAnswer | ProviderError]] = {}
        for (place, _), sample in zip(draws, ask_all(draws, draw, settings().max_in_flight, cancel), strict=True):
            samples.setdefault(place, []).append(sample)
        return [
            answer if answer is not None else count_samples(requests[place], samples[place])
            for place, answer in enumerate(read)
        ]

    def _texts(
        self, placed: list[tuple[int, TextRequest]], on_text: OnText | None, cancel: CancelToken | None
    ) -> list[TextAnswer | ProviderError]:
        sender = self.sender(placed[0][1].model)
        pace, number = self._paces.of(sender.model.endpoint or ""), next(self._numbers)

        def write(item: tuple[int, TextRequest], stop: CancelToken) -> TextAnswer | ProviderError:
            place, request = item
            grow = None if on_text is None else lambda text: on_text(place, text)
            with pace.turn(stop, number):
                return _or_error(
                    lambda: timed(lambda: self._write(sender, request, None, grow, stop)),
                    lambda words: declined_text(request, words),
                )

        return ask_all(placed, write, settings().max_in_flight, cancel, nothing)

    def _read(self, sender: Sender, request: OptionRequest) -> OptionAnswer | None:
        """A reading from log-probabilities, ``None`` where none come."""
        return None

    def _write(
        self,
        sender: Sender,
        request: TextRequest,
        options: OptionRequest | None,
        grow: Callable[[str], None] | None,
        cancel: CancelToken,
    ) -> TextAnswer:
        """One text; ``options`` is what it samples, if it does."""
        raise ProviderError(said("writes_no_texts", provider=self.name))

    def _sdk(self) -> tuple[type[Any], type[Any]]:
        """The SDK's client and the HTTP client that it wants; imported here, at the first use."""
        raise ProviderError(said("has_no_client", provider=self.name))

    def _make_client(self, key: str | None, endpoint: str, saw: Callable[[int], None]) -> Any:
        sdk, http = self._sdk()
        now = settings()
        return sdk(
            api_key=key or "none",
            base_url=endpoint,
            max_retries=now.max_retries,
            timeout=now.request_timeout_s,
            # Redirects are not followed: they could lead to an address that the rules for endpoints forbid.
            http_client=http(
                timeout=now.request_timeout_s,
                follow_redirects=False,
                event_hooks={"response": [lambda response: saw(response.status_code)]},
            ),
        )

    def sender(self, model: Model) -> Sender:
        """The client for ``model`` and its key. Raises :class:`~core.errors.MissingKey` and :class:`ProviderError`."""
        check_model(model)
        key = key_for(model)
        endpoint = model.endpoint or ""
        try:
            check_address(endpoint)
        except InputError as error:
            raise Refusal(*error.parts, status=404) from error
        now = settings()
        place = (endpoint, hashlib.sha256((key or "").encode()).hexdigest(), now.request_timeout_s, now.max_retries)
        with self._lock:
            client = self._clients.pop(place, None)
            if client is None:
                client = self._make_client(key, endpoint, self._paces.of(endpoint).saw)
            self._clients[place] = client  # the last used stands last
            while len(self._clients) > _CLIENTS:
                del self._clients[next(iter(self._clients))]
        return Sender(client, model, key)


def nothing() -> TextAnswer:
    """What a request gets that was not reached before the user stopped."""
    return TextAnswer(text="", finish="cancelled", call=Call(rendered_prompt="", latency_s=0.0))


def _is_nothing(answer: TextAnswer | ProviderError) -> bool:
    return isinstance(answer, TextAnswer) and answer.finish == "cancelled" and not answer.text


def declined(request: OptionRequest) -> OptionAnswer:
    """The answer of a model that declined, or whose endpoint's filter did: nothing lies on any option."""
    mass = (0.0,) * len(request.codes)
    return OptionAnswer(
        distribution=OptionDistribution(codes=request.codes, mass=mass, method="top_k"),
        call=Call(rendered_prompt=readable(request.messages), latency_s=0.0),
        refused=True,
    )


def declined_text(request: TextRequest, words: str) -> TextAnswer:
    """The same for a text; ``words`` are the endpoint's."""
    call = Call(rendered_prompt=readable(request.messages), latency_s=0.0)
    return TextAnswer(text=words, finish="refusal", call=call)


def _or_error(work: Callable[[], T], filtered: Callable[[str], T]) -> T | ProviderError:
    """What ``work`` gives; a filter's no is an answer, what ``filtered`` makes of its words, and no error."""
    try:
        return work()
    except Refusal as error:
        return filtered(error.words) if error.declined else error
    except ProviderError as error:
        return error


def room(request: TextRequest) -> int:
    """Tokens an answer may have; a reasoning model's hidden thoughts count too, so it gets more."""
    return max(request.max_tokens, _REASONING_TOKENS if effective(request.model).reasoning else 0)


def readable(messages: Sequence[Message]) -> str:
    """The messages as one text, as the reader sees the prompt; the endpoint adds its own chat template."""
    if len(messages) == 1:
        return messages[0].content
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)


def call_of(
    prompt: str, usage: Any, names: tuple[str, str], top: tuple[TopToken, ...] = (), served: Any = None
) -> Call:
    """What is told about a request: ``names`` are those of the tokens read and written in the endpoint's ``usage``.

    ``served`` is the endpoint's answer, which may tell the name and the fingerprint of what answered.

    How long it took is added by :func:`core.providers.hosted.timing.timed`.
    """
    read, written = (count if isinstance(count := getattr(usage, name, None), int) else None for name in names)
    return Call(
        rendered_prompt=prompt,
        latency_s=0.0,
        tokens_in=read,
        tokens_out=written,
        top_tokens=top,
        served_model=_told(served, "model"),
        served_fingerprint=_told(served, "system_fingerprint"),
    )


def _told(served: Any, name: str) -> str | None:
    value = getattr(served, name, None)
    return value[:_LONGEST_NAME] if isinstance(value, str) and value else None
