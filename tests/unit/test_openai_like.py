"""The OpenAI-like provider over real sockets: what it reads, what it does with faults, and how it treats keys."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import BadAnswer, Cancelled, MissingKey, ProviderError, RateLimited, RefusedByProvider, Unreachable
from core.providers.hosted.capabilities import effective, forget, seen, with_seen
from core.providers.hosted.check import check_connection
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.stats.intervals import wilson
from core.types import (
    Capabilities,
    Message,
    Model,
    OptionAnswer,
    OptionRequest,
    TextAnswer,
    TextRequest,
)
from tests.chat_server import ChatServer, served_model

TRUTH = {"A": 0.30, " A": 0.10, "Ａ": 0.02, "B": 0.25, "(C": 0.08, "D.": 0.05, "Well": 0.12, "a": 0.05, "The": 0.03}
MASS = (0.42, 0.25, 0.08, 0.05)
PROMPT = "Tea?\n\nA. Yes\nB. Perhaps\nC. Rarely\nD. No\n\nOne letter:"


def model(url: str, **changes: Any) -> Model:
    return served_model(url, **{"remote_id": f"scripted-{url[-8:]}", "name": "Scripted", **changes})


def options(subject: Model, **changes: Any) -> OptionRequest:
    fields = {"model": subject, "messages": (Message(role="user", content=PROMPT),)}
    return OptionRequest.model_validate({**fields, "labels": tuple("ABCD"), "codes": (1, 2, 3, 4), **changes})


def text(subject: Model, prompt: str = PROMPT, **changes: Any) -> TextRequest:
    return TextRequest.model_validate(
        {"model": subject, "messages": (Message(role="user", content=prompt),), "max_tokens": 8, **changes}
    )


def truth(prompt: str, body: dict[str, Any]) -> dict[str, float]:
    return TRUTH


@pytest.fixture(autouse=True)
def settings_for_tests(configure: Callable[..., None]) -> None:
    configure(max_retries=0, request_timeout_s=5)


@pytest.fixture
def provider() -> OpenAILikeProvider:
    return OpenAILikeProvider()


def one(provider: OpenAILikeProvider, request: OptionRequest) -> OptionAnswer:
    (answer,) = provider.option_distribution([request])
    assert isinstance(answer, OptionAnswer), answer
    return answer


def test_every_told_token_that_spells_a_label_counts_and_the_rest_is_missing(provider: OpenAILikeProvider) -> None:
    with ChatServer(truth) as server:
        answer = one(provider, options(model(server.url)))
    assert answer.distribution.mass == pytest.approx(MASS, abs=1e-9)
    assert answer.distribution.method == "top_k"
    assert answer.distribution.n is None
    assert answer.call.tokens_in == 11
    assert answer.call.top_tokens[0].text == "A"


def test_what_the_endpoint_does_not_tell_is_not_guessed(provider: OpenAILikeProvider) -> None:
    few = model("http://x", capabilities=Capabilities(logprobs="top_k", top_k=2))
    with ChatServer(truth) as server:
        answer = one(provider, options(few.model_copy(update={"endpoint": server.url})))
    # The two likeliest, and the word that was drawn where it is not among them.
    assert answer.distribution.valid_mass < sum(MASS)
    assert answer.distribution.mass[0] >= 0.30
    assert answer.distribution.mass[1] == pytest.approx(0.25)


def test_a_base_model_is_read_through_completions(provider: OpenAILikeProvider) -> None:
    with ChatServer(truth) as server:
        answer = one(provider, options(model(server.url, chat=False)))
        path, _, body = server.seen[0]
    assert path.endswith("/v1/completions")
    assert body["prompt"].endswith("Answer:")
    assert answer.distribution.mass == pytest.approx(MASS, abs=1e-9)


def test_completions_that_tell_five_words_at_most_are_asked_for_five(provider: OpenAILikeProvider) -> None:
    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
        few = body.get("logprobs", 0) <= 5
        return None if few else (400, {"error": {"message": "logprobs must be less than or equal to 5"}}, {})

    with ChatServer(truth, fault=fault) as server:
        answer = one(provider, options(model(server.url, chat=False)))
        assert server.seen[-1][2]["logprobs"] == 5
    # Five words are told; " A", "A", "B", "(C" and "Well" are the likeliest.
    assert answer.distribution.mass == pytest.approx((0.40, 0.25, 0.08, 0.0))


def test_completions_that_tell_in_the_shape_of_the_chat_are_read(provider: OpenAILikeProvider) -> None:
    # As llama.cpp's server does, seen at build 11434.
    top = [{"id": 330, "token": " A", "bytes": [32, 65], "logprob": -1.0}, {"id": 1, "token": "B", "logprob": -2}]
    choice = {
        "text": " A",
        "index": 0,
        "finish_reason": "length",
        "logprobs": {"content": [{**top[0], "top_logprobs": top}]},
    }
    body = {"id": "x", "object": "text_completion", "created": 1, "model": "m", "choices": [choice]}
    with ChatServer(truth, fault=lambda number, asked: (200, body, {})) as server:
        answer = one(provider, options(model(server.url, chat=False)))
    assert answer.distribution.mass == pytest.approx((math.exp(-1), math.exp(-2), 0, 0))


def test_samples_are_counted_and_their_interval_covers_the_truth(provider: OpenAILikeProvider) -> None:
    covered = 0
    with ChatServer(truth) as server:
        subject = model(server.url, capabilities=Capabilities(logprobs="none"))
        answers = provider.option_distribution([options(subject, samples=20, seed=seed) for seed in range(30)])
    for answer in answers:
        assert isinstance(answer, OptionAnswer)
        read = answer.distribution
        assert (read.method, read.n) == ("sampled", 20)
        low, high = wilson(round(read.mass[0] * 20), 20)
        covered += bool(low <= MASS[0] <= high)
    assert 26 <= covered <= 30  # 95 % of 30 is 28.5


def test_log_probabilities_that_do_not_come_give_samples_and_a_note(provider: OpenAILikeProvider) -> None:
    with ChatServer(truth, logprobs=False) as server:
        subject = model(server.url)
        answer = one(provider, options(subject))
        assert (answer.distribution.method, answer.distribution.n) == ("sampled", 5)
        assert effective(subject).logprobs == "none"
        assert with_seen(subject).capabilities.method == "sampled"
        before = len(server.seen)
        one(provider, options(with_seen(subject), samples=3))
        assert len(server.seen) == before + 3


def test_a_refused_parameter_is_left_out_from_then_on(provider: OpenAILikeProvider) -> None:
    with ChatServer(truth, refuses=("temperature", "max_tokens", "seed")) as server:
        subject = model(server.url)
        (answer,) = provider.generate([text(subject, seed=3)])
        assert isinstance(answer, TextAnswer)
        assert set(seen(subject).dropped) == {"temperature", "max_tokens", "seed"}
        before = len(server.seen)
        provider.generate([text(subject, seed=3)])
        assert len(server.seen) == before + 1
        assert server.seen[-1][2]["max_completion_tokens"] == 8
    forget(subject)


def test_top_p_is_sent_where_it_is_wanted_and_taken(provider: OpenAILikeProvider) -> None:
    with ChatServer(truth) as server:
        taking = model(server.url)
        provider.generate([text(taking, temperature=1.2, top_p=0.85)])
        assert (server.seen[-1][2]["top_p"], server.seen[-1][2]["temperature"]) == (0.85, 1.2)
        provider.generate([text(taking)])
        assert "top_p" not in server.seen[-1][2]
        not_taking = model(server.url, capabilities=Capabilities(logprobs="none", top_p=False))
        provider.generate([text(not_taking, top_p=0.85)])
        assert "top_p" not in server.seen[-1][2]


def test_an_endpoint_that_tells_five_words_is_asked_for_five(provider: OpenAILikeProvider) -> None:
    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
        few = body.get("top_logprobs", 0) <= 5
        return None if few else (400, {"error": {"message": "top_logprobs must be at most 5"}}, {})

    with ChatServer(truth, fault=fault) as server:
        answer = one(provider, options(model(server.url)))
        assert answer.distribution.method == "top_k"
        assert server.seen[-1][2]["top_logprobs"] == 5


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"{not json", BadAnswer),
        (200, {"id": "x", "choices": []}, BadAnswer),
        (200, {"unexpected": True}, BadAnswer),
        (200, b"", BadAnswer),
        (400, {"error": {"message": "this model does not exist"}}, RefusedByProvider),
        (429, {"error": {"message": "slow down"}}, RateLimited),
        (500, {"error": {"message": "oops"}}, Unreachable),
        (503, b"<html>busy</html>", Unreachable),
    ],
)
def test_each_fault_is_a_typed_error_of_its_own_request(
    provider: OpenAILikeProvider, status: int, body: Any, kind: type[ProviderError]
) -> None:
    def fault(number: int, asked: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
        return (status, body, {}) if "bad" in asked["messages"][0]["content"] else None

    with ChatServer(truth, fault=fault) as server:
        subject = model(server.url)
        good, bad = provider.option_distribution(
            [options(subject), options(subject, messages=(Message(role="user", content="bad"),))]
        )
    assert isinstance(good, OptionAnswer)
    assert isinstance(bad, kind)
    assert bad.message
    assert bad.hint


@pytest.mark.parametrize(
    "told",
    [
        {"content": [{"token": "A", "logprob": "high", "top_logprobs": []}]},
        {"content": [{"token": "A", "logprob": 0.7, "top_logprobs": []}]},
        {"content": ["A"]},
        {"content": [{"token": "A", "logprob": -0.1, "top_logprobs": [{"token": "B", "logprob": -0.1}]}]},
    ],
)
def test_log_probabilities_of_a_wrong_shape_are_a_bad_answer(provider: OpenAILikeProvider, told: Any) -> None:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "A"}, "logprobs": told}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    with ChatServer(truth, fault=lambda number, asked: (200, body, {})) as server:
        (answer,) = provider.option_distribution([options(model(server.url))])
    assert isinstance(answer, BadAnswer)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_all_requests_would_get_is_raised_after_few_of_them(provider: OpenAILikeProvider, status: int) -> None:
    with ChatServer(truth, delay_s=0.02, fault=lambda number, body: (status, {"error": "no"}, {})) as server:
        with pytest.raises(RefusedByProvider):
            provider.option_distribution([options(model(server.url))] * 200)
        assert len(server.seen) < 60


def test_a_model_that_vanishes_mid_run_keeps_what_it_answered(provider: OpenAILikeProvider) -> None:
    gone = {"error": {"message": "model not found"}}
    with ChatServer(truth, fault=lambda number, body: (404, gone, {}) if number > 5 else None) as server:
        answers = provider.option_distribution([options(model(server.url))] * 40)
    kept = [answer for answer in answers if isinstance(answer, OptionAnswer)]
    assert len(kept) == 5
    assert all(isinstance(answer, RefusedByProvider) for answer in answers if answer not in kept)


def test_a_wait_that_the_endpoint_asks_for_is_kept_and_slows_the_others(
    provider: OpenAILikeProvider, configure: Callable[..., None]
) -> None:
    configure(max_retries=2, request_timeout_s=5)

    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
        return (429, {"error": {"message": "slow"}}, {"Retry-After": "1"}) if number == 1 else None

    with ChatServer(truth, fault=fault) as server:
        subject = model(server.url)
        started = time.perf_counter()
        one(provider, options(subject))
        assert time.perf_counter() - started >= 1.0
        assert provider._paces.of(subject.endpoint or "").limit < 16


def test_no_more_than_the_limit_are_under_way(provider: OpenAILikeProvider, configure: Callable[..., None]) -> None:
    configure(max_in_flight=4, max_retries=0)
    with ChatServer(truth, delay_s=0.03) as server:
        provider.option_distribution([options(model(server.url))] * 24)
        assert 2 <= server.most_busy <= 4


def test_a_time_out_and_an_empty_address_are_unreachable(
    provider: OpenAILikeProvider, configure: Callable[..., None]
) -> None:
    configure(max_retries=0, request_timeout_s=0.2)
    with ChatServer(truth, delay_s=1.0) as server:
        (slow,) = provider.option_distribution([options(model(server.url))])
    (gone,) = provider.option_distribution([options(model(server.url))])
    assert isinstance(slow, Unreachable)
    assert "in time" in slow.message
    assert isinstance(gone, Unreachable)


def test_a_redirect_is_not_followed(provider: OpenAILikeProvider) -> None:
    with ChatServer(truth) as other:
        to = {"Location": f"{other.url}/chat/completions"}
        with (
            ChatServer(truth, fault=lambda number, body: (307, {}, to)) as server,
            pytest.raises(RefusedByProvider, match="another address"),
        ):
            provider.option_distribution([options(model(server.url))])
        assert other.seen == []


def test_stopping_leaves_at_once(provider: OpenAILikeProvider) -> None:
    cancel = threading.Event()
    with ChatServer(truth, delay_s=0.2) as server:
        threading.Timer(0.3, cancel.set).start()
        started = time.perf_counter()
        with pytest.raises(Cancelled):
            provider.option_distribution([options(model(server.url))] * 300, cancel)
        assert time.perf_counter() - started < 30  # a minute for all 300


def test_a_refusal_of_the_model_is_a_refusal_and_not_an_error(provider: OpenAILikeProvider) -> None:
    said = {"role": "assistant", "content": None, "refusal": "I will not say."}
    choice = {"index": 0, "finish_reason": "stop", "message": said, "logprobs": None}
    body = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    with ChatServer(truth, fault=lambda number, asked: (200, body, {})) as server:
        subject = model(server.url, capabilities=Capabilities(logprobs="none"))
        (written,) = provider.generate([text(subject)])
        counted = one(provider, options(subject, samples=3))
    assert isinstance(written, TextAnswer)
    assert (written.finish, written.text) == ("refusal", "I will not say.")
    assert (counted.distribution.valid_mass, counted.distribution.n) == (0, 3)


def test_a_body_of_its_own_travels_with_every_request(provider: OpenAILikeProvider) -> None:
    with ChatServer(truth) as server:
        subject = model(server.url, request_body='{"enable_thinking": false}')
        one(provider, options(subject))
        assert server.seen[0][2]["enable_thinking"] is False
        assert provider.revision(subject) != provider.revision(model(server.url))


def test_a_missing_key_names_its_variable(provider: OpenAILikeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARALLAX_TEST_KEY", raising=False)
    with pytest.raises(MissingKey) as caught:
        provider.option_distribution([options(model("http://127.0.0.1:9", key_variable="PARALLAX_TEST_KEY"))])
    assert "PARALLAX_TEST_KEY" in caught.value.hint


def test_a_server_that_takes_the_likeliest_word_at_any_temperature_is_found_out(provider: OpenAILikeProvider) -> None:
    # As transformers serve does, seen at 5.23.0, where the generation configuration does not say do_sample.
    with ChatServer(lambda prompt, body: {"A": 1.0}, logprobs=False) as server:
        assert check_connection(provider, model(server.url)).alike
        fixed = Capabilities(logprobs="none", temperature=False)
        assert not check_connection(provider, model(server.url, capabilities=fixed)).alike


@pytest.mark.parametrize("came", [True, False])
def test_a_connection_test_needs_one_call_and_three_more_where_no_log_probabilities_come(
    provider: OpenAILikeProvider, came: bool
) -> None:
    with ChatServer(truth, logprobs=came) as server:
        found = check_connection(provider, model(server.url))
        assert len(server.seen) == (1 if came else 4)
    assert found.logprobs_came is came
    assert not found.alike
    assert found.capabilities.logprobs == ("top_k" if came else "none")
