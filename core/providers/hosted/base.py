"""What all providers of hosted models share: batches, sampling, texts, and the clients of the SDKs.

A provider says how one request is sent and read. This module says how many are sent at once, which samples count, and
what happens when the user stops.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, TypeVar

from core.cancel import CancelToken
from core.errors import BadAnswer, Cancelled, InputError, ProviderError, said
from core.providers.base import OnAnswer, OnText
from core.providers.hosted.calls import declined, declined_text, nothing
from core.providers.hosted.capabilities import effective, settings_of
from core.providers.hosted.endpoints import check_address
from core.providers.hosted.faults import Refusal
from core.providers.hosted.kept_checks import recall_settings
from core.providers.hosted.keys import key_for, without_key
from core.providers.hosted.pace import Paces, ask_all
from core.providers.hosted.parameters import Sender
from core.providers.hosted.sampling import count_samples, sample_request, samples_for
from core.providers.hosted.timing import timed
from core.providers.hosted.transport import make_transport, proxy_for, seconds_of
from core.providers.permitted import check_model
from core.providers.served import with_settings
from core.settings import settings
from core.types import Capabilities, Model, OptionAnswer, OptionRequest, TextAnswer, TextRequest, digest

log = logging.getLogger(__name__)
T = TypeVar("T")
Answer = TypeVar("Answer", OptionAnswer, TextAnswer, OptionAnswer | None)
_BATCH = 24
_SAMPLED_BATCH = 8
_CLIENTS = 16


class Hosted:
    """Base class of the providers of hosted models. A subclass defines ``_write`` and, where it can, ``_read``."""

    name = "hosted"
    batches_at_once = 2
    tells_each = True

    def __init__(self) -> None:
        self._paces = Paces(lambda: settings().max_in_flight, lambda: settings().request_timeout_s)
        self._clients: dict[tuple[str, str | None, str, float, int], Any] = {}
        self._lock = threading.Lock()
        self._numbers = itertools.count()

    def share_limits(self, paces: Paces) -> None:
        """Let ``paces`` say how many requests may be open, such as those that several processes keep together."""
        with self._lock:
            self._paces = paces
            self._clients.clear()  # they tell the former paces of answers

    def capabilities(self, model: Model) -> Capabilities:
        """The capabilities in the catalogue, corrected by what the endpoint was seen to do."""
        return effective(model)

    def revision(self, model: Model) -> str:
        """The version that the catalogue pins, else the remote name, with the settings that every request has.

        Settings of the user stand in it as a digest, those that were found at run time as they are sent.
        """
        version = model.revision or model.remote_id
        pinned = f"{version}+{digest(model.request_body, 8)}" if model.request_body else version
        recall_settings(model)
        return with_settings(pinned, settings_of(model))

    def batch_size(self, model: Model) -> int:
        """24 requests, or 8 where each takes several samples."""
        return _SAMPLED_BATCH if effective(model).method == "sampled" else _BATCH

    def option_distribution(
        self,
        requests: Sequence[OptionRequest],
        cancel: CancelToken | None = None,
        on_answer: OnAnswer | None = None,
    ) -> list[OptionAnswer | ProviderError]:
        """Top-k readings where the endpoint gives log-probabilities, else counts of independent samples.

        ``on_answer`` is called with the place of a request and its answer as soon as that is complete.
        """
        answers: list[OptionAnswer | ProviderError] = []
        for _, same in groupby(requests, key=lambda request: request.model):
            answers += self._options(list(same), cancel, _from(on_answer, len(answers)))
        return answers

    def generate(
        self,
        requests: Sequence[TextRequest],
        on_text: OnText | None = None,
        cancel: CancelToken | None = None,
        on_answer: OnAnswer | None = None,
    ) -> list[TextAnswer | ProviderError]:
        """The texts of all requests, several at once. They are streamed where ``on_text`` is given.

        ``on_answer`` is called with the place of a request and its text as soon as that is complete.
        """
        answers: list[TextAnswer | ProviderError] = []
        for _, same in groupby(enumerate(requests), key=lambda pair: pair[1].model):
            answers += self._texts(list(same), on_text, cancel, _from(on_answer, len(answers)))
        if requests and cancel is not None and cancel.is_set() and all(_is_nothing(answer) for answer in answers):
            raise Cancelled(said("stopped_empty"))
        return answers

    def _options(
        self, requests: list[OptionRequest], cancel: CancelToken | None, on_answer: OnAnswer | None
    ) -> list[OptionAnswer | ProviderError]:
        sender = self.sender(requests[0].model)
        pace, number = self._paces.of(sender.model.endpoint or ""), next(self._numbers)
        read: list[OptionAnswer | ProviderError | None] = [None] * len(requests)
        if effective(sender.model).method != "sampled":

            def look(request: OptionRequest, stop: CancelToken) -> tuple[OptionAnswer | None] | ProviderError:
                with pace.turn(stop, number):
                    return _or_error(
                        lambda: (_clean(timed(lambda: self._read(sender, request)), sender.key),),
                        lambda words: (declined(request),),
                    )

            def hand_over(place: int, found: tuple[OptionAnswer | None] | ProviderError) -> None:
                answer = found if isinstance(found, ProviderError) else found[0]
                if on_answer is not None and answer is not None:
                    on_answer(place, answer)

            looked = ask_all(requests, look, settings().max_in_flight, cancel, on_answer=hand_over)
            for place, found in enumerate(looked):
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
                    lambda: _clean(
                        timed(lambda: self._write(sender, item[1], requests[item[0]], None, stop)), sender.key
                    ),
                    lambda words: declined_text(item[1], words),
                )

        samples: dict[int, dict[int, TextAnswer | ProviderError]] = {}
        wanted = Counter(place for place, _ in draws)

        def count(at: int, sample: TextAnswer | ProviderError) -> None:
            place = draws[at][0]
            mine = samples.setdefault(place, {})
            mine[at] = sample
            if len(mine) == wanted[place]:
                answer = count_samples(requests[place], [mine[one] for one in sorted(mine)])
                read[place] = answer
                if on_answer is not None:
                    on_answer(place, answer)

        drawn = ask_all(draws, draw, settings().max_in_flight, cancel, on_answer=count)
        for at, sample in enumerate(drawn):
            samples.setdefault(draws[at][0], {})[at] = sample
        return [
            answer if answer is not None else count_samples(requests[place], list(samples[place].values()))
            for place, answer in enumerate(read)
        ]

    def _texts(
        self,
        placed: list[tuple[int, TextRequest]],
        on_text: OnText | None,
        cancel: CancelToken | None,
        on_answer: OnAnswer | None,
    ) -> list[TextAnswer | ProviderError]:
        sender = self.sender(placed[0][1].model)
        pace, number = self._paces.of(sender.model.endpoint or ""), next(self._numbers)

        def write(item: tuple[int, TextRequest], stop: CancelToken) -> TextAnswer | ProviderError:
            place, request = item
            grow = None if on_text is None else lambda text: on_text(place, without_key(text, sender.key))
            with pace.turn(stop, number):
                return _or_error(
                    lambda: _clean(timed(lambda: self._write(sender, request, None, grow, stop)), sender.key),
                    lambda words: declined_text(request, words),
                )

        return ask_all(placed, write, settings().max_in_flight, cancel, nothing, on_answer)

    def _read(self, sender: Sender, request: OptionRequest) -> OptionAnswer | None:
        """A reading from log-probabilities; ``None`` where the endpoint gives none."""
        return None

    def _write(
        self,
        sender: Sender,
        request: TextRequest,
        options: OptionRequest | None,
        grow: Callable[[str], None] | None,
        cancel: CancelToken,
    ) -> TextAnswer:
        """One text. ``options`` is the question that the text is a sample for, if any."""
        raise ProviderError(said("writes_no_texts", provider=self.name))

    def _sdk(self) -> tuple[type[Any], type[Any]]:
        """The SDK's client and the HTTP client that it uses, imported at the first use."""
        raise ProviderError(said("has_no_client", provider=self.name))

    def _make_client(self, key: str | None, endpoint: str, saw: Callable[[int, float], None]) -> Any:
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
                transport=make_transport(endpoint),
                follow_redirects=False,
                event_hooks={"response": [lambda response: saw(response.status_code, seconds_of(response))]},
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
        way = proxy_for(endpoint)
        place = (
            endpoint,
            way,
            hashlib.sha256((key or "").encode()).hexdigest(),
            now.request_timeout_s,
            now.max_retries,
        )
        with self._lock:
            client = self._clients.pop(place, None)
            if client is None:
                client = self._make_client(key, endpoint, self._paces.of(endpoint).saw)
            self._clients[place] = client  # the client that was used last is the last one
            while len(self._clients) > _CLIENTS:
                del self._clients[next(iter(self._clients))]
        return Sender(client, model, key)


def _from(on_answer: OnAnswer | None, first: int) -> OnAnswer | None:
    """``on_answer`` for requests before which there are ``first`` others."""
    return None if on_answer is None else lambda place, answer: on_answer(first + place, answer)


def _clean(answer: Answer, key: str | None) -> Answer:
    """``answer`` without the key of the request: an endpoint may send back whatever it was sent."""
    if answer is None or not key:
        return answer
    tokens = tuple(one.model_copy(update={"text": without_key(one.text, key)}) for one in answer.call.top_tokens)
    names = {name: getattr(answer.call, name) for name in ("served_model", "served_fingerprint")}
    told = {name: value and without_key(value, key) for name, value in names.items()}
    changes: dict[str, Any] = {"call": answer.call.model_copy(update={"top_tokens": tokens, **told})}
    if isinstance(answer, TextAnswer):
        changes["text"] = without_key(answer.text, key)
    return answer.model_copy(update=changes)


def _is_nothing(answer: TextAnswer | ProviderError) -> bool:
    return isinstance(answer, TextAnswer) and answer.finish == "cancelled" and not answer.text


def _or_error(work: Callable[[], T], filtered: Callable[[str], T]) -> T | ProviderError:
    """What ``work`` returns, or the error that it raises.

    Where a filter declined, ``filtered`` makes the answer of the filter's words.
    """
    try:
        return work()
    except Refusal as error:
        return filtered(error.words) if error.declined else error
    except ProviderError as error:
        return error
    except (ValueError, OverflowError, RecursionError, AttributeError, TypeError) as error:
        # An endpoint may send anything. An unusual answer must not make the others of its batch fail.
        log.warning("an answer could not be read", exc_info=True)
        return BadAnswer(said("odd_answer", kind=type(error).__name__))
