"""Endpoints that misbehave: what they send is an error of its own request, never an answer, and never a traceback."""

from __future__ import annotations

import base64
import gzip
import json
import threading
import time
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import pytest

from core.errors import BadAnswer, ProviderError, RateLimited, Unreachable
from core.providers.hosted import body as body_of
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.types import Message, OptionAnswer, OptionRequest, TextAnswer, TextRequest
from tests.chat_server import ChatServer, served_model
from tests.unit.test_about_the_answer import completion, nobody, request

EVENTS = {"Content-Type": "text/event-stream"}


def piece(text: Any, finish: str | None = None) -> str:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    body = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(body)}\n\n"


@pytest.fixture(autouse=True)
def quick(configure: Callable[..., None]) -> None:
    configure(max_retries=0, request_timeout_s=5)


def streamed(body: bytes, name: str, headers: dict[str, str] = EVENTS) -> TextAnswer | ProviderError:
    with ChatServer(nobody, fault=lambda number, asked: (200, body, headers)) as server:
        subject = served_model(server.url, remote_id=name)
        asked = TextRequest(model=subject, messages=(Message(role="user", content="Tea?"),), max_tokens=8)
        (answer,) = OpenAILikeProvider().generate([asked], lambda place, text: None)
    return answer


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html><body>Welcome</body></html>", {"Content-Type": "text/html"}),
        (b"", EVENTS),
        (b"data: [DONE]\n\n", EVENTS),
        (b"data: null\n\ndata: [DONE]\n\n", EVENTS),
        ((piece("A") + piece(" is")).encode(), EVENTS),
        ((piece(7) + piece(None, "stop") + "data: [DONE]\n\n").encode(), EVENTS),
        (b'{"error": "busy"}', {"Content-Type": "application/json"}),
        (b"data: " + b"[" * 5_000 + b"]" * 5_000 + b"\n\n", EVENTS),
    ],
)
def test_a_stream_that_is_none_is_a_bad_answer(body: bytes, headers: dict[str, str]) -> None:
    assert isinstance(streamed(body, f"none-{hash(body)}", headers), BadAnswer)


@pytest.mark.parametrize("end", [piece(None, "stop"), "data: [DONE]\n\n"])
def test_a_stream_with_a_reason_or_the_mark_of_the_end_is_an_answer(end: str) -> None:
    answer = streamed((piece("A") + piece(" it is") + end).encode(), f"ended-{len(end)}")
    assert isinstance(answer, TextAnswer)
    assert answer.text == "A it is"


def test_an_endpoint_that_ignores_the_wish_for_a_stream_is_asked_without_it() -> None:
    grown: list[str] = []
    with ChatServer(nobody, fault=lambda number, asked: (200, completion({"A": 0.9}, "A"), {})) as server:
        subject = served_model(server.url, remote_id="no-stream")
        asked = TextRequest(model=subject, messages=(Message(role="user", content="Tea?"),), max_tokens=8)
        provider = OpenAILikeProvider()
        for _ in range(2):
            (answer,) = provider.generate([asked], lambda place, text: grown.append(text))
            assert isinstance(answer, TextAnswer)
            assert answer.text == "A"
        assert [body.get("stream") for _, _, body in server.seen] == [True, None, None]
    assert grown == ["A", "A"]


@pytest.mark.parametrize(
    "odd",
    [
        {"usage": {"prompt_tokens": 10**30, "completion_tokens": -5, "total_tokens": 1}},
        {"usage": "many"},
        {"usage": {"prompt_tokens": "9", "completion_tokens": True}},
    ],
)
def test_odd_counts_are_left_out_and_the_answer_is_kept(odd: dict[str, Any]) -> None:
    with ChatServer(nobody, fault=lambda number, asked: (200, completion({"A": 0.9}, "A", **odd), {})) as server:
        (answer,) = OpenAILikeProvider().option_distribution([request(server.url, f"odd-{len(str(odd))}")])
    assert isinstance(answer, OptionAnswer)
    assert answer.call.tokens_in is None
    assert answer.call.tokens_out is None


def test_a_text_that_is_a_number_costs_its_own_cell_alone_and_one_in_parts_is_read() -> None:
    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        answer = completion({"A": 0.9}, "A")
        parts = [{"type": "text", "text": "B"}, {"type": "text", "text": ". No"}, {"type": "image_url", "url": "x"}]
        kinds: dict[str, Any] = {"number": 7, "parts": parts, "plain": "C"}
        answer["choices"][0]["message"]["content"] = kinds[body["messages"][0]["content"]]
        return 200, answer, {}

    with ChatServer(nobody, fault=fault) as server:
        subject = served_model(server.url, remote_id="kinds")
        asked = [
            TextRequest(model=subject, messages=(Message(role="user", content=kind),), max_tokens=8)
            for kind in ("number", "parts", "plain")
        ]
        number, parts, plain = OpenAILikeProvider().generate(asked)
    assert isinstance(number, BadAnswer)
    assert isinstance(parts, TextAnswer)
    assert isinstance(plain, TextAnswer)
    assert (parts.text, plain.text) == ("B. No", "C")


def test_a_key_that_an_endpoint_sends_back_is_in_no_text_and_no_likely_word(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "sk-canary-0123456789abcdef"
    monkeypatch.setenv("PARALLAX_TEST_KEY", key)
    forms = [key, key[:14], quote("/" + key, safe=""), base64.b64encode(key.encode()).decode(), key.encode().hex()]
    answer = completion({key: 0.5, "A": 0.4}, " ".join(forms), model=f"for {key}")
    seen: list[str] = []
    with ChatServer(nobody, fault=lambda number, asked: (200, answer, {})) as server:
        subject = served_model(server.url, remote_id="echo", key_variable="PARALLAX_TEST_KEY")
        message = Message(role="user", content="Tea?")
        provider = OpenAILikeProvider()
        (text,) = provider.generate(
            [TextRequest(model=subject, messages=(message,), max_tokens=8)], lambda place, text: seen.append(text)
        )
        (read,) = provider.option_distribution(
            [OptionRequest(model=subject, messages=(message,), labels=("A", "B"), codes=(1, 2))]
        )
    told = f"{text!r} {read!r} {seen}"
    assert isinstance(text, TextAnswer)
    assert isinstance(read, OptionAnswer)
    for form in ("canary", *forms[3:]):
        assert form not in told, form


def test_a_body_without_end_is_a_bad_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_of, "LONGEST_BODY", 1000)
    with ChatServer(nobody, fault=lambda number, asked: (200, completion({"A": 0.9}, "A" * 5000), {})) as server:
        (answer,) = OpenAILikeProvider().option_distribution([request(server.url, "long")])
        assert len(server.seen) == 1
    assert isinstance(answer, BadAnswer)


class Dripping(BaseHTTPRequestHandler):
    """Begins a stream, then writes ``drop`` again and again, ``every_s`` seconds apart, until the client is gone."""

    drop, every_s, gone = b"", 0.0, threading.Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for _ in range(100_000):
                self.wfile.write(self.drop)
                self.wfile.flush()
                time.sleep(self.every_s)
        except OSError:
            self.gone.set()

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.parametrize(("drop", "every_s"), [(piece("A"), 0.05), (": still here\n\n", 0.05), (piece("A" * 900), 0.0)])
def test_a_slow_drip_and_a_stream_without_end_are_given_up_and_closed(
    drop: str, every_s: float, monkeypatch: pytest.MonkeyPatch, configure: Callable[..., None]
) -> None:
    monkeypatch.setattr(body_of, "LONGEST_BODY", 100_000)
    configure(max_retries=0, request_timeout_s=0.1, loopback_endpoints=True)
    kind = type("Kind", (Dripping,), {"drop": drop.encode(), "every_s": every_s, "gone": threading.Event()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    begun = time.monotonic()
    try:
        subject = served_model(f"http://127.0.0.1:{server.server_port}/v1", remote_id=f"drip-{len(drop)}")
        asked = TextRequest(model=subject, messages=(Message(role="user", content="Tea?"),), max_tokens=8)
        (answer,) = OpenAILikeProvider().generate([asked], lambda place, text: None)
        assert isinstance(answer, Unreachable if every_s else BadAnswer), answer
        assert time.monotonic() - begun < 60  # the server drips for hours
        assert kind.gone.wait(60)
    finally:
        server.shutdown()
        server.server_close()


def packed(answer: dict[str, Any], form: str) -> ProviderError | OptionAnswer:
    raw = json.dumps(answer).encode()
    body = gzip.compress(raw) if form == "gzip" else zlib.compress(raw) if form == "deflate" else raw
    headers = {"Content-Encoding": form, "Content-Type": "application/json"}
    with ChatServer(nobody, fault=lambda number, asked: (200, body, headers)) as server:
        (found,) = OpenAILikeProvider().option_distribution([request(server.url, f"packed-{form}-{len(raw)}")])
        assert server.seen[0][1]["accept-encoding"] == "gzip, deflate"
    return found


def test_packed_answers_are_read_up_to_the_same_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    for form in ("gzip", "deflate"):
        read = packed(completion({"A": 0.9}, "A"), form)
        assert isinstance(read, OptionAnswer)
        assert read.distribution.mass[0] == pytest.approx(0.9)
    # Twelve kilobytes that unpack to twelve megabytes.
    monkeypatch.setattr(body_of, "LONGEST_BODY", 1_000_000)
    assert isinstance(packed(completion({"A": 0.9}, "A" * 12_000_000), "gzip"), BadAnswer)
    unknown = packed(completion({"A": 0.9}, "A"), "br")
    assert isinstance(unknown, BadAnswer)
    assert "“br”" in unknown.message


def test_a_wait_of_an_hour_is_told_and_not_waited_for(configure: Callable[..., None]) -> None:
    configure(max_retries=1, request_timeout_s=5, loopback_endpoints=True)
    busy = (429, {"error": {"message": "come back later"}}, {"Retry-After": "3600"})
    begun = time.monotonic()
    with ChatServer(nobody, fault=lambda number, asked: busy) as server:
        (answer,) = OpenAILikeProvider().option_distribution([request(server.url, "an-hour")])
        assert len(server.seen) <= 2
    assert isinstance(answer, RateLimited)
    assert "come back later" in answer.message
    assert time.monotonic() - begun < 600  # not the hour
