"""Probabilities came; whether they are about the answer is another question. Real sockets, real runs on the disk."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadAnswer
from core.providers import get_provider
from core.providers.hosted.capabilities import drop, effective, forget, saw, seen, settings_of
from core.providers.hosted.first_word import spelled, what_took
from core.providers.hosted.kept_checks import forget_settings
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.providers.hosted.parameters import most_told
from core.runs import create_run, run_audit
from core.store import RunInfo, Store
from core.types import Message, OptionAnswer, OptionRequest, TextAnswer, TextRequest
from tests.chat_server import ChatServer, served_model
from tests.unit.audit_child import bank, new_run, spec_of

PROMPT = "Tea?\n\nA. Yes\nB. No\n\nOne letter:"


def completion(words: Mapping[str, float], text: str, finish: str = "stop", **more: Any) -> dict[str, Any]:
    """A chat completion whose first word has the probabilities ``words``, as a server tells them."""
    told = [{"token": word, "logprob": math.log(share), "bytes": None} for word, share in words.items()]
    choice = {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": text},
        "logprobs": {"content": [{**told[0], "top_logprobs": told}]},
    }
    usage = {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10}
    head = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "usage": usage}
    return {**head, "choices": [choice], **more}


def always(answer: dict[str, Any]) -> Callable[[int, dict[str, Any]], tuple[int, Any, dict[str, str]]]:
    return lambda number, body: (200, answer, {})


def nobody(prompt: str, body: dict[str, Any]) -> dict[str, float]:
    return {"A": 1.0}


def request(url: str, name: str, **changes: Any) -> OptionRequest:
    subject = served_model(url, remote_id=name, **changes)
    message = Message(role="user", content=PROMPT)
    return OptionRequest(model=subject, messages=(message,), labels=("A", "B"), codes=(1, 2))


@pytest.fixture(autouse=True)
def quick(configure: Callable[..., None]) -> None:
    configure(max_retries=0, request_timeout_s=5, loopback_endpoints=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "runs")
    yield made
    made.close()


def run(store: Store, url: str, name: str, things: int = 5) -> RunInfo:
    known = bank(things, served_model(url, id="mine", remote_id=f"model-{name}"))
    return run_audit(store, new_run(store, known, name), known, get_provider)


@pytest.mark.parametrize(
    ("token", "raw", "expected"),
    [
        ("\u2581A", None, " A"),
        ("\u0120A", None, " A"),
        ("\u010aB", None, "\nB"),
        ("<0x41>", None, "A"),
        ("\u00ef\u00bc\u00a1", None, "\uff21"),  # a full-width letter, as byte-level vocabularies write it
        ("token_id:32", [65], "A"),
        ("token_id:32", None, "token_id:32"),
        ("\u00e9t\u00e9", None, "\u00e9t\u00e9"),  # a word that no bytes stand behind stays what it is
        ("\u662f", None, "\u662f"),
        ("A", [65], "A"),
    ],
)
def test_pieces_of_a_vocabulary_are_read_as_what_they_stand_for(
    token: str, raw: list[int] | None, expected: str
) -> None:
    assert spelled(token, raw) == expected


@pytest.mark.parametrize(
    "opening", ["<think>", "<|channel|>", "[THINK]", "<seed:think>", "<|START_THINKING|>", "◁think▷"]
)
def test_what_takes_the_probability_of_the_labels_is_named(opening: str) -> None:
    assert what_took([(opening, -0.01), ("A", -9.0)], 0.0001) == "thought"
    assert what_took([(opening, -3.0), ("A", -0.1)], 0.9) is None
    assert what_took([("token_id:32", -0.01)], 0.0) == "token_ids"
    assert what_took([("The", -0.01)], 0.0) == "other"
    assert what_took([("The", -0.7), ("A", -1.4)], 0.25) is None


def test_marks_of_the_vocabulary_count_for_their_labels() -> None:
    words = {"\u2581A": 0.4, "A": 0.1, "\u0120B": 0.3}
    with ChatServer(nobody, fault=always(completion(words, "A"))) as server:
        (answer,) = OpenAILikeProvider().option_distribution([request(server.url, "marks")])
    assert isinstance(answer, OptionAnswer)
    assert answer.distribution.mass == pytest.approx((0.5, 0.3))


def test_a_model_that_thinks_is_asked_again_with_thinking_off_where_its_server_takes_that() -> None:
    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        off = body.get("chat_template_kwargs", {}).get("enable_thinking") is False
        return 200, completion({"B": 0.8, "A": 0.2} if off else {"<think>": 0.99, "A": 0.01}, "B"), {}

    with ChatServer(nobody, fault=fault) as server:
        provider, asked = OpenAILikeProvider(), request(server.url, "switched")
        (first,) = provider.option_distribution([asked])
        assert len(server.seen) == 2
        (second,) = provider.option_distribution([asked])
        assert len(server.seen) == 3
    for answer in (first, second):
        assert isinstance(answer, OptionAnswer)
        assert answer.distribution.mass == pytest.approx((0.2, 0.8))
        assert answer.distribution.method == "top_k"


def test_a_model_that_goes_on_thinking_is_sampled_with_room_to_think() -> None:
    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        if "reasoning_effort" in body:
            return 400, {"error": {"message": "reasoning_effort is not supported"}}, {}
        long = body["max_tokens"] > 1000
        text = "<think>A? No.</think>\nB" if long else "<think>A?"
        return 200, completion({"<think>": 0.99}, text, "stop" if long else "length"), {}

    with ChatServer(nobody, fault=fault) as server:
        asked = request(server.url, "thinker")
        (answer,) = OpenAILikeProvider().option_distribution([asked])
    assert isinstance(answer, OptionAnswer)
    assert answer.distribution.method == "sampled"
    assert answer.distribution.mass == (0, 1)
    assert effective(asked.model).reasoning
    assert effective(asked.model).method == "sampled"


@pytest.mark.parametrize(("opening", "text"), [("<think>", "<think>"), ("<|channel|>", "")])
def test_a_run_over_nothing_but_thoughts_is_never_done(store: Store, opening: str, text: str) -> None:
    with ChatServer(nobody, fault=always(completion({opening: 0.99, "A": 0.00005}, text))) as server:
        info = run(store, server.url, f"thought-{len(text)}")
    assert info.status == "failed"
    assert info.counts["answers"] == 0
    told = store.responses([info.run_id])
    assert set(told["error_kind"]) == {"bad_answer"}
    assert "wrote no answer" in told["error_text"][0]


@pytest.mark.parametrize("word", ["token_id:32", "Sure"])
def test_a_run_whose_first_readings_are_beside_the_answer_stops_and_says_why(store: Store, word: str) -> None:
    with ChatServer(nobody, fault=always(completion({word: 0.99}, "Sure"))) as server:
        info = run(store, server.url, f"beside-{word[:4]}")
        assert len(server.seen) <= 11
    assert info.status == "failed"
    assert info.counts["planned"] > 20
    said = store.responses([info.run_id])["error_text"].dropna().iloc[0]
    assert (
        "return-tokens-as-token-ids" in said if word.startswith("token") else "likeliest first word is “Sure”" in said
    )


def test_readings_under_half_are_counted_and_never_used_again(store: Store) -> None:
    shares = {"A": 0.3, "The": 0.6}
    server_answer = completion(shares, "A", model="m")
    with ChatServer(nobody, fault=lambda number, body: (200, server_answer, {})) as server:
        known = bank(3, served_model(server.url, id="mine", remote_id="m", revision="1"))
        first = run_audit(store, new_run(store, known, "first"), known, get_provider)
        asked = len(server.seen)
        assert (first.status, first.counts["under_half"]) == ("done", first.counts["answers"])
        server_answer = completion({"A": 0.9, "B": 0.05}, "A", model="m")
        second = run_audit(store, new_run(store, known, "second"), known, get_provider)
        assert len(server.seen) == 2 * asked
        assert (second.counts.get("under_half"), second.counts["copied"]) == (None, 0)
        third = run_audit(store, new_run(store, known, "third"), known, get_provider)
        assert len(server.seen) == 2 * asked
    assert third.counts["copied"] == third.counts["answers"]


@pytest.mark.parametrize(
    ("words", "most"),
    [
        ("top_logprobs must be between 1 and 11, but got 20", 11),
        ("Invalid value: top_logprobs=20 exceeds the maximum of 8.", 8),
        ("logprobs: Input should be less than or equal to 5", 5),
        ("top_logprobs is too large", None),
        ("HTTP 400 top_logprobs", None),
    ],
)
def test_the_most_likely_words_that_a_server_tells_are_read_from_its_complaint(words: str, most: int | None) -> None:
    assert most_told(words, 20) == most


def test_a_server_that_tells_eleven_words_is_asked_for_eleven() -> None:
    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
        few = body.get("top_logprobs", 0) <= 11
        return None if few else (400, {"error": "top_logprobs must be between 1 and 11, got 20"}, {})

    with ChatServer(nobody, fault=fault) as server:
        provider, asked = OpenAILikeProvider(), request(server.url, "eleven")
        provider.option_distribution([asked])
        provider.option_distribution([asked])
        assert [body["top_logprobs"] for _, _, body in server.seen] == [20, 11, 11]


@pytest.mark.parametrize("fingerprint", ["b11549-1a2b3c4", "b0-unknown"])
def test_llama_cpp_is_asked_without_its_prompt_cache(fingerprint: str) -> None:
    answer = completion({"A": 0.7, "B": 0.2}, "A", system_fingerprint=fingerprint)
    with ChatServer(nobody, fault=always(answer)) as server:
        provider, asked = OpenAILikeProvider(), request(server.url, f"llama-{fingerprint}")
        provider.option_distribution([asked])
        provider.option_distribution([asked])
        assert [body.get("cache_prompt") for _, _, body in server.seen] == [None, False, False]
    assert json.loads(seen(asked.model).besides) == {"cache_prompt": False}


@pytest.mark.parametrize("finish", ["stop", "length"])
def test_a_text_cut_off_in_its_thought_is_asked_with_more_room_and_an_empty_one_is_no_answer(finish: str) -> None:
    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        if finish == "length" and body["max_tokens"] > 1000:
            return 200, completion({"<think>": 0.9}, "<think>A</think>B"), {}
        return 200, completion({"<think>": 0.9}, "<think>A", "length"), {}

    with ChatServer(nobody, fault=fault) as server:
        subject = served_model(server.url, remote_id=f"text-{finish}")
        message = Message(role="user", content=PROMPT)
        asked = TextRequest(model=subject, messages=(message,), max_tokens=24)
        (answer,) = OpenAILikeProvider().generate([asked])
    if finish == "length":
        assert isinstance(answer, TextAnswer)
        assert answer.text.endswith("B")
    else:
        assert isinstance(answer, BadAnswer)


def forgotten(model: Any) -> None:
    """As a new process begins: nothing was seen, what was stored is still there."""
    forget(model)


def test_settings_found_at_run_time_stand_in_the_rows_and_decide_what_is_used_again(store: Store) -> None:
    """Thinking off and a cold prompt change answers: they belong to the revision, and so to the cache key."""

    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        off = body.get("chat_template_kwargs", {}).get("enable_thinking") is False
        return 200, completion({"B": 0.8, "A": 0.2} if thinks <= off else {"<think>": 0.99}, "B", model="m"), {}

    thinks = False
    with ChatServer(nobody, fault=fault) as server:
        subject = served_model(server.url, id="mine", remote_id="m", revision="1")
        known = bank(3, subject)
        before = run_audit(store, new_run(store, known, "before"), known, get_provider)
        assert set(store.responses([before.run_id])["model_revision"]) == {"1"}
        forgotten(subject)
        thinks = True
        create_run(store, "alignment", spec_of(known), known, "Test", run_id="afresh", fresh=True)
        afresh = run_audit(store, "afresh", known, get_provider)
        rows = store.responses([afresh.run_id])
        revision = '1+{"chat_template_kwargs":{"enable_thinking":false,"thinking":false}}'
        assert set(rows["model_revision"]) == {revision}
        assert store.info(afresh.run_id).models == {"mine": revision}
        assert not set(rows["cache_key"]) & set(store.responses([before.run_id])["cache_key"])
        asked = len(server.seen)
        forgotten(subject)
        again = run_audit(store, new_run(store, known, "again"), known, get_provider)
        assert again.counts["copied"] == again.counts["answers"]
        assert set(store.responses([again.run_id])["model_revision"]) == {revision}
        assert len(server.seen) - asked <= 1  # one question tells which model is behind the name today
        # A lost file of settings stops no run that was begun with them.
        forgotten(subject)
        forget_settings(subject)
        resumed = run_audit(store, afresh.run_id, known, get_provider)
    assert resumed.status == "done"


def test_parameters_that_were_refused_or_that_the_user_sets_are_no_settings_found_at_run_time() -> None:
    subject = served_model("http://127.0.0.1:1/v1", remote_id="found", request_body='{"cache_prompt": true}')
    saw(subject, besides='{"cache_prompt": false}', thinking_off='{"reasoning_effort": "none"}')
    assert settings_of(subject) == '{"reasoning_effort":"none"}'
    assert OpenAILikeProvider().revision(subject).endswith('+{"reasoning_effort":"none"}')
    drop(subject, "reasoning_effort")
    assert settings_of(subject) == ""
