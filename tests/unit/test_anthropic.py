"""Claude's API over real sockets: samples with a strict label, what is left out, and what is no error."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import BadAnswer, ProviderError, RateLimited, RefusedByProvider
from core.providers.hosted.anthropic import AnthropicProvider
from core.providers.hosted.capabilities import seen
from core.types import Message, Model, OptionAnswer, OptionRequest, TextAnswer, TextRequest
from tests.chat_server import ChatServer, served_model

TRUTH = {"A": 0.5, "B": 0.3, "No": 0.2}


def truth(prompt: str, body: dict[str, Any]) -> dict[str, float]:
    return TRUTH


def model(url: str, **changes: Any) -> Model:
    return served_model(url, **{"provider": "anthropic", "name": "Scripted Claude", **changes})


def options(subject: Model, samples: int = 20) -> OptionRequest:
    messages = (Message(role="system", content="Be brief."), Message(role="user", content="Tea?\n\nA. Yes\nB. No"))
    return OptionRequest(model=subject, messages=messages, labels=("A", "B"), codes=(1, 2), samples=samples)


@pytest.fixture(autouse=True)
def settings_for_tests(configure: Callable[..., None]) -> None:
    configure(max_retries=0, request_timeout_s=5)


def test_options_are_counted_from_samples_with_a_way_out() -> None:
    with ChatServer(truth) as server:
        (answer,) = AnthropicProvider().option_distribution([options(model(server.root), samples=60)])
        path, _, body = server.seen[0]
    assert isinstance(answer, OptionAnswer)
    read = answer.distribution
    assert (read.method, read.n) == ("sampled", 60)
    assert read.mass[0] == pytest.approx(0.5, abs=0.25)
    assert 0 < read.valid_mass < 1
    assert path == "/v1/messages"
    assert body["system"] == "Be brief."
    assert {"temperature", "top_p", "top_k", "seed"} & set(body) == set()
    assert body["output_config"]["format"]["schema"]["properties"]["answer"]["enum"] == ["A", "B", "decline"]
    assert answer.call.tokens_in == 60 * 11


def test_where_a_strict_label_is_refused_the_text_is_read() -> None:
    with ChatServer(truth, refuses=("output_config",)) as server:
        subject = model(server.root)
        (answer,) = AnthropicProvider().option_distribution([options(subject)])
        assert seen(subject).dropped == ("output_config",)
    assert isinstance(answer, OptionAnswer)
    assert answer.distribution.valid_mass > 0.4


def test_a_refusal_is_missing_mass_and_a_refused_text() -> None:
    said = {"content": [{"type": "text", "text": "I'd rather not."}], "stop_reason": "refusal", "stop_sequence": None}
    body = {"id": "m", "type": "message", "role": "assistant", "model": "c", **said}
    body["usage"] = {"input_tokens": 3, "output_tokens": 4}
    with ChatServer(truth, fault=lambda number, asked: (200, body, {})) as server:
        subject = model(server.root)
        (counted,) = AnthropicProvider().option_distribution([options(subject, samples=3)])
        (written,) = AnthropicProvider().generate([TextRequest(model=subject, messages=options(subject).messages)])
    assert isinstance(counted, OptionAnswer)
    assert (counted.distribution.valid_mass, counted.distribution.n) == (0, 3)
    assert isinstance(written, TextAnswer)
    assert written.finish == "refusal"


def test_faults_are_typed() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}
    with ChatServer(truth, fault=lambda number, asked: (429, error, {})) as server:
        (answer,) = AnthropicProvider().option_distribution([options(model(server.root), samples=2)])
    assert isinstance(answer, RateLimited)
    with (
        ChatServer(truth, fault=lambda number, asked: (401, error, {})) as server,
        pytest.raises(RefusedByProvider),
    ):
        AnthropicProvider().option_distribution([options(model(server.root), samples=2)])


def test_the_environment_cannot_move_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-canary-000000")
    with ChatServer(truth) as server:
        AnthropicProvider().option_distribution([options(model(server.root), samples=1)])
        _, headers, _ = server.seen[0]
    assert "sk-canary-000000" not in str(headers)


def event(kind: str, **fields: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"


HEAD = {"id": "m", "type": "message", "role": "assistant", "model": "c", "content": [], "stop_reason": None}
START = event(
    "message_start", message={**HEAD, "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 0}}
)
BLOCK = event("content_block_start", index=0, content_block={"type": "text", "text": ""})
END = event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 2}) + event("message_stop")
EVENTS = {"Content-Type": "text/event-stream"}


def piece(text: Any) -> str:
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def streamed(body: str, headers: dict[str, str]) -> TextAnswer | ProviderError:
    with ChatServer(truth, fault=lambda number, asked: (200, body.encode(), headers)) as server:
        subject = model(server.root)
        asked = TextRequest(model=subject, messages=options(subject).messages, max_tokens=8)
        (answer,) = AnthropicProvider().generate([asked], lambda place, text: None)
    return answer


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ("<html><body>Welcome</body></html>", {"Content-Type": "text/html"}),
        ("", EVENTS),
        (event("ping"), EVENTS),
        ("event: message_start\ndata: null\n\n", EVENTS),
        (START + BLOCK + piece("A is"), EVENTS),
        (START + BLOCK, EVENTS),
        (START + BLOCK + piece(7) + END, EVENTS),
        (START + event("content_block_delta", index=0, delta=None) + END, EVENTS),
        ("event: message_start\ndata: {\n\n", EVENTS),
        ('{"error": "busy"}', {"Content-Type": "application/json"}),
        ("null", {"Content-Type": "application/json"}),
        ('{"content": [{"type": "text", "text": null}], "stop_reason": null}', {"Content-Type": "application/json"}),
    ],
    ids=[
        "page",
        "empty",
        "ping",
        "null",
        "closed",
        "no text",
        "number",
        "no delta",
        "cut",
        "object",
        "JSON null",
        "nulls",
    ],
)
def test_a_stream_that_is_none_is_an_error_of_its_cell(body: str, headers: dict[str, str]) -> None:
    assert isinstance(streamed(body, headers), BadAnswer)


def test_a_whole_stream_is_an_answer_and_a_text_in_place_of_one_is_read() -> None:
    answer = streamed(START + BLOCK + piece("A") + piece(", I say.") + END, EVENTS)
    assert isinstance(answer, TextAnswer)
    assert (answer.text, answer.finish, answer.call.tokens_in, answer.call.tokens_out) == ("A, I say.", "stop", 3, 2)
    told = {**HEAD, "content": [{"type": "text", "text": "B"}], "stop_reason": "end_turn", "usage": {}}
    plain = streamed(json.dumps(told), {"Content-Type": "application/json"})
    assert isinstance(plain, TextAnswer)
    assert plain.text == "B"
