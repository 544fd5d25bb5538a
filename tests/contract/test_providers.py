"""What every provider must do, whatever stands behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from core.errors import Cancelled, InputError
from core.providers import PROVIDERS, get_provider
from core.providers.base import Provider
from core.providers.local.builtin import BUILTIN
from core.types import (
    LABELS,
    Capabilities,
    Message,
    Model,
    OptionAnswer,
    OptionRequest,
    TextAnswer,
    TextRequest,
)
from tests.chat_server import ChatServer, served_model

# A provider that is not named here is asked for a model of its own name.
REMOTE_IDS = {"local": BUILTIN, "openai_like": "scripted", "anthropic": "scripted"}
REMOTE_LOGPROBS = {"openai_like": ("top_k", 20), "anthropic": ("none", None)}
NAMES = [pytest.param(n, marks=[pytest.mark.model] if n == "local" else []) for n in PROVIDERS]
OPTIONS = ("Very important", "Rather important", "Not very important", "Not at all important")


def scripted(prompt: str, body: dict[str, Any]) -> dict[str, float]:
    """Half on a label that the question decides, and something on words that are none."""
    best = "ABCD"[sum(map(ord, prompt)) % 4]
    shares = {" A": 0.1, "B": 0.1, "(C": 0.1, "D": 0.1, "Well": 0.05, "I": 0.05, best + ".": 0.5}
    return {best: 1.0} if body["model"] == "scripted" and body.get("output_config") else shares


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with ChatServer(scripted) as server:
        yield server


@pytest.fixture(params=NAMES)
def subject(request: pytest.FixtureRequest) -> tuple[Provider, Model]:
    name = request.param
    endpoint, logprobs, top_k = None, "full", None
    if name == "local":
        request.getfixturevalue("builtin_model_dir")
    if name in REMOTE_LOGPROBS:
        server: ChatServer = request.getfixturevalue("server")
        endpoint = server.root if name == "anthropic" else server.url
        logprobs, top_k = REMOTE_LOGPROBS[name]
    model = served_model(
        endpoint,
        id="subject",
        name="Subject",
        provider=name,
        remote_id=REMOTE_IDS.get(name, name),
        revision="1" if name == "mock" else None,
        capabilities=Capabilities(logprobs=logprobs, top_k=top_k),
    )
    return get_provider(name), model


def ask(model: Model, stem: str, order: Sequence[int] = (0, 1, 2, 3)) -> OptionRequest:
    lines = [f"{label}. {OPTIONS[place]}" for label, place in zip(LABELS, order, strict=False)]
    text = "\n".join([stem, "", *lines, "", "Your answer (one letter):"])
    return OptionRequest(
        model=model,
        messages=(Message(role="user", content=text),),
        labels=LABELS[: len(order)],
        codes=tuple(place + 1 for place in order),
    )


def write(model: Model, text: str = "Name a colour.", **more: object) -> TextRequest:
    settings = {"max_tokens": 6, **more}
    return TextRequest(model=model, messages=(Message(role="user", content=text),), **settings)


def masses(provider: Provider, requests: Sequence[OptionRequest]) -> list[tuple[float, ...]]:
    answers = provider.option_distribution(requests)
    assert all(isinstance(answer, OptionAnswer) for answer in answers)
    return [answer.distribution.mass for answer in answers if isinstance(answer, OptionAnswer)]


def test_name_and_batch_size(subject: tuple[Provider, Model]) -> None:
    provider, model = subject
    assert provider.name == model.provider
    assert provider.batch_size(model) >= 1
    assert get_provider(provider.name) is provider


def test_revision_is_stable(subject: tuple[Provider, Model]) -> None:
    provider, model = subject
    assert provider.revision(model)
    assert provider.revision(model) == provider.revision(model)


def test_distributions_are_distributions(subject: tuple[Provider, Model]) -> None:
    provider, model = subject
    request = ask(model, "How important is family?", (2, 0, 3, 1))
    (answer,) = provider.option_distribution([request])
    assert isinstance(answer, OptionAnswer)
    read = answer.distribution
    assert read.codes == request.codes
    assert read.method == provider.capabilities(model).method
    assert all(0 <= mass <= 1 for mass in read.mass)
    assert 0 < read.valid_mass <= 1 + 1e-6
    assert sum(read.probabilities) == pytest.approx(1)
    assert answer.call.rendered_prompt.count("Not at all important") == 1
    assert answer.call.latency_s >= 0
    shares = [token.probability for token in answer.call.top_tokens]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1 + 1e-6


def test_answers_stand_in_the_order_of_the_batch(subject: tuple[Provider, Model]) -> None:
    provider, model = subject
    long = "Please think about it for a while before you answer. " * 4
    stems = ["How important is work?", long + "How important is God?", "Is it?", "How important is work?"]
    together = masses(provider, [ask(model, stem) for stem in stems])
    alone = [masses(provider, [ask(model, stem)])[0] for stem in stems]
    for left, right in zip(together, alone, strict=True):
        assert left == pytest.approx(right, abs=1e-4)
    assert together[0] == together[3]
    assert together[0] != pytest.approx(together[1], abs=1e-4)


def test_the_same_question_gives_the_same_answer(subject: tuple[Provider, Model]) -> None:
    provider, model = subject
    requests = [ask(model, "How important is leisure?")]
    assert masses(provider, requests) == masses(provider, requests)


def test_texts_grow_and_are_deterministic(subject: tuple[Provider, Model]) -> None:
    provider, model = subject
    grown: dict[int, list[str]] = {0: [], 1: []}
    requests = [write(model), write(model, "Name an animal.")]
    answers = provider.generate(requests, lambda position, text: grown[position].append(text))
    again = provider.generate(requests)
    for position, (answer, second) in enumerate(zip(answers, again, strict=True)):
        assert isinstance(answer, TextAnswer)
        assert isinstance(second, TextAnswer)
        if provider.capabilities(model).temperature and provider.name != "anthropic":
            assert answer.text == second.text
        assert answer.finish in ("stop", "length")
        assert grown[position][-1] == answer.text
        assert [len(text) for text in grown[position]] == sorted(len(text) for text in grown[position])
        assert answer.call.tokens_out is not None
        assert answer.call.tokens_out <= 6
        if provider.capabilities(model).logprobs != "none":
            assert answer.call.top_tokens


def test_one_token_is_the_least(subject: tuple[Provider, Model]) -> None:
    provider, model = subject
    (answer,) = provider.generate([write(model, max_tokens=1)])
    assert isinstance(answer, TextAnswer)
    assert answer.call.tokens_out == 1
    assert answer.finish == "length"


def test_sampling_follows_the_seed(subject: tuple[Provider, Model]) -> None:
    provider, model = subject
    if provider.name == "anthropic":
        pytest.skip("this API has no seed")
    requests = [write(model, temperature=1.5, seed=7), write(model, temperature=1.5, seed=7)]
    first, second = provider.generate(requests)
    assert isinstance(first, TextAnswer)
    assert isinstance(second, TextAnswer)
    assert first.text == second.text


def test_a_set_cancel_stops_both_verbs(subject: tuple[Provider, Model]) -> None:
    provider, model = subject
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        provider.option_distribution([ask(model, "Important?")], cancel)
    with pytest.raises(Cancelled):
        provider.generate([write(model)], cancel=cancel)


def test_cancelling_half_way_keeps_what_is_there(subject: tuple[Provider, Model]) -> None:
    provider, model = subject
    cancel = threading.Event()
    requests = [write(model, max_tokens=3), write(model, "Tell a story.", max_tokens=30), write(model, "Third.")]
    grown: dict[int, str] = {}

    def on_text(position: int, text: str) -> None:
        grown[position] = text
        if position == 1:
            cancel.set()

    first, second, third = provider.generate(requests, on_text, cancel)
    assert isinstance(second, TextAnswer)
    assert second.finish == "cancelled"
    assert second.text
    for position, answer in ((0, first), (2, third)):
        assert isinstance(answer, TextAnswer)
        if provider.name in (*REMOTE_LOGPROBS, "local"):  # these were under way at the same time
            assert answer.text == grown.get(position, "")
        else:
            assert answer.finish in (("stop", "length") if position == 0 else ("cancelled",))


def test_nothing_asked_nothing_answered(subject: tuple[Provider, Model]) -> None:
    provider, _ = subject
    assert provider.option_distribution([]) == []
    assert provider.generate([]) == []


def test_an_unknown_provider_names_the_known_ones() -> None:
    with pytest.raises(InputError) as caught:
        get_provider("none")
    assert all(name in caught.value.hint for name in PROVIDERS)
