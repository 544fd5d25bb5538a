"""The check that measures: servers that do different things are told apart, and what was measured is kept."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import core.providers
from core.cli import app
from core.cli.doctor.content import _checks
from core.errors import Cancelled, ProviderError
from core.providers import get_provider
from core.providers.hosted.capabilities import forget
from core.providers.hosted.kept_checks import kept_check
from core.providers.hosted.measure import measure
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.providers.hosted.token_marks import beginnings, nameless
from core.runs import run_audit
from core.runs.check_first import measure_typed
from core.store import Store
from tests.chat_server import ChatServer, served_model
from tests.unit.audit_child import bank, new_run
from tests.unit.test_about_the_answer import completion, nobody, request

WORDS = {"A": 0.5, "B": 0.3, "C": 0.15, "The": 0.05}


@pytest.fixture(autouse=True)
def quick(configure: Callable[..., None], tmp_path: Path) -> None:
    configure(max_retries=0, request_timeout_s=5, loopback_endpoints=True, cache_dir=tmp_path / "cache")


def raw(prompt: str, body: dict[str, Any]) -> dict[str, float]:
    return WORDS


def bent(prompt: str, body: dict[str, Any]) -> dict[str, float]:
    """Temperature, top-p and penalties change what is told."""
    power = 1 / (body.get("temperature") or 1)
    words = {word: share**power for word, share in WORDS.items()}
    if "repetition_penalty" in body:
        words["A"] /= 4
    if "logit_bias" in body:
        words["B"] /= 9
    if body.get("top_p", 1) < 0.1 or "top_k" in body:
        words = {"A": 1.0}
    return {word: share / sum(words.values()) for word, share in words.items()}


def strict(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
    if body["model"] == "parallax-no-such-model":
        return 404, {"error": {"message": "no such model"}}, {}
    if len(body["messages"][0]["content"]) > 100_000:
        return 400, {"error": {"message": "the prompt is longer than the context"}}, {}
    return None


def test_servers_are_told_apart() -> None:
    with ChatServer(raw) as server:
        plain = measure(OpenAILikeProvider(), served_model(server.url, remote_id="raw"))
        assert plain.asked == len(server.seen) <= 20
    with ChatServer(bent, fault=strict) as server:
        other = measure(OpenAILikeProvider(), served_model(server.url, remote_id="bent"))
    assert (plain.words, plain.ordered, plain.thinks, plain.token_ids) == (4, True, False, False)
    assert (plain.scaled, plain.cut, plain.few, plain.penalised) == (False, False, False, False)
    assert (plain.biased, plain.marked) == (None, False)
    assert (plain.any_name, plain.several, plain.truncates) == (True, False, True)
    assert (other.scaled, other.cut, other.few, other.penalised, other.biased) == (True, True, True, True, True)
    assert (other.any_name, other.truncates) == (False, False)
    for found in (plain, other):
        words = [one.message() + one.message("zh") + one.hint() + one.hint("zh") for one in found.told()]
        assert len(set(words)) == len(words)


@pytest.mark.parametrize(("first", "field"), [("<think>", "thinks"), ("token_id:32", "token_ids")])
def test_thoughts_and_numbers_for_words_are_found(first: str, field: str) -> None:
    with ChatServer(nobody, fault=lambda number, body: (200, completion({first: 0.9, "A": 0.05}, "x"), {})) as server:
        found = measure(OpenAILikeProvider(), served_model(server.url, remote_id=field))
    assert getattr(found, field)
    assert found.chosen_among is False


@pytest.mark.parametrize("in_place", [True, False])
def test_a_drawn_word_beside_the_likely_ones_or_in_place_of_one_is_told_apart(in_place: bool) -> None:
    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
        if body.get("temperature") != 2.0:
            return None
        drawn, likely = ("\u0120B", 0.3), ("\u0120A", 0.5)
        answer = completion(dict([drawn] if in_place else [drawn, likely]), "B")
        content = answer["choices"][0]["logprobs"]["content"][0]
        content["top_logprobs"] = content["top_logprobs"][:1] if in_place else content["top_logprobs"][1:]
        return 200, answer, {}

    with ChatServer(raw, fault=fault) as server:
        found = measure(OpenAILikeProvider(), served_model(server.url, remote_id=f"drawn-{in_place}"))
    assert found.displaced is in_place
    assert ("takes the place" in " ".join(one.message() for one in found.told())) is in_place


def test_marks_of_a_vocabulary_are_found() -> None:
    words = {"\u0120A": 0.6, "\u0120B": 0.3}
    with ChatServer(nobody, fault=lambda number, body: (200, completion(words, " A"), {})) as server:
        found = measure(OpenAILikeProvider(), served_model(server.url, remote_id="marked"))
    assert (found.marked, found.chosen_among) == (True, True)


def test_a_list_in_no_order_is_found() -> None:
    with ChatServer(nobody, fault=lambda number, body: (200, completion({"B": 0.1, "A": 0.8}, "B"), {})) as server:
        assert measure(OpenAILikeProvider(), served_model(server.url, remote_id="unsorted")).ordered is False


def test_an_endpoint_that_does_not_answer_is_an_error() -> None:
    with ChatServer(raw, fault=lambda number, body: (500, {"error": "no"}, {})) as server, pytest.raises(ProviderError):
        measure(OpenAILikeProvider(), served_model(server.url, remote_id="gone"))


@pytest.mark.parametrize(("script", "asked_at"), [(raw, 0.0), (bent, 1.0)])
def test_what_was_measured_is_kept_and_decides_the_temperature_of_readings(
    script: Callable[[str, dict[str, Any]], dict[str, float]], asked_at: float
) -> None:
    with ChatServer(script) as server:
        asked = request(server.url, "kept")
        OpenAILikeProvider().option_distribution([asked])
        assert server.seen[-1][2]["temperature"] == 1.0
        found = measure(OpenAILikeProvider(), asked.model)
        forget(asked.model)  # as after a new start
        OpenAILikeProvider().option_distribution([asked])
        assert server.seen[-1][2]["temperature"] == asked_at
    assert kept_check(asked.model) == found
    (line,) = _checks([asked.model])
    assert f"Readings are asked at temperature {asked_at:.0f}" in line.detail


def test_the_command_line_shows_the_table(
    monkeypatch: pytest.MonkeyPatch, configure: Callable[..., None], tmp_path: Path
) -> None:
    with ChatServer(raw) as server:
        catalogue = f"""[mine]
name = "Mine"
provider = "openai_like"
endpoint = "{server.url}"
remote_id = "local-model"
origin = {{ base = "West", tuner = "West" }}
developer = "me"
family = "mine"
link = "http://127.0.0.1"
capabilities = {{ logprobs = "top_k", top_k = 20 }}
"""
        (tmp_path / "models.toml").write_text(catalogue)
        configure(models=tmp_path / "models.toml", loopback_endpoints=True, cache_dir=tmp_path / "cache")
        shown = CliRunner().invoke(app, ["models", "check", "mine"])
        assert shown.exit_code == 0, shown.output
        assert "4 likely words" in shown.output
        told = CliRunner().invoke(app, ["models", "check", "mine", "--json"]).output
        assert json.loads(told)["any_name"] is True
    wrong = CliRunner().invoke(app, ["models", "check", "smollm2-135m-instruct"])
    assert wrong.exit_code != 0


class Word:
    """A likely word as the SDK gives it."""

    def __init__(self, token: str, spelled: list[int] | None = None) -> None:
        self.token, self.bytes, self.logprob = token, spelled, -1.0


def told(**fields: Any) -> Any:
    return type("Told", (), fields)()


def test_likely_words_that_are_told_as_nothing_are_counted() -> None:
    words = [Word("好"), Word(""), Word("", [0xE5]), Word("\ufffd"), Word("是")]
    choice = told(logprobs=told(content=[told(top_logprobs=words)]))
    assert nameless(choice) == 2
    assert nameless(told(logprobs=None)) is None


def test_a_second_mark_of_the_beginning_is_found_where_the_tokens_of_a_prompt_are_told() -> None:
    def chat(*tokens: str) -> Any:
        return told(prompt_logprobs=[None, *({"1": {"logprob": -1.0, "decoded_token": token}} for token in tokens)])

    def echo(*tokens: str) -> Any:
        return told(choices=[told(logprobs=told(tokens=list(tokens)))])

    assert beginnings(chat("<bos>", "Choose")) == 2
    assert beginnings(chat("Choose", "at")) == 1
    assert [beginnings(echo(*tokens)) for tokens in (["<s>", "<s>", "a"], ["<s>", "a", "b"], ["a", "b", "c"])] == [
        2,
        1,
        0,
    ]
    assert beginnings(echo("a")) is None  # a server that does not echo
    assert beginnings(told(choices=None)) is None


def fragments(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
    """Parts of Chinese characters told as nothing, and a prompt that begins twice."""
    if "汉字" in body["messages"][0]["content"]:
        return 200, completion({"": 0.4, "好": 0.3}, "好"), {}
    if "prompt_logprobs" in body:
        tokens = [None, *({"1": {"logprob": -1.0, "decoded_token": token}} for token in ("<bos>", "Choose"))]
        return 200, {**completion({"A": 0.9}, "A"), "prompt_logprobs": tokens}, {}
    return None


def test_missing_bytes_and_a_double_beginning_are_measured_and_told() -> None:
    with ChatServer(raw, fault=fragments) as server:
        found = measure(OpenAILikeProvider(), served_model(server.url, remote_id="fragments"))
    assert (found.nameless, found.begun) == (1, 2)
    words = " ".join(one.message() for one in found.told())
    assert "told as nothing, as parts of characters without their bytes: 1" in words
    assert "more than once; marks counted: 2" in words


def test_a_typed_endpoint_is_measured_by_itself_before_its_first_run(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    with ChatServer(raw, fault=strict) as server:
        typed = served_model(server.url, id="own-1234567890", remote_id="typed", revision="1")
        listed = served_model(server.url, id="listed", remote_id="listed", revision="1")
        known = bank(1, typed, listed)
        run_audit(store, new_run(store, known, "first"), known, get_provider)
        checked = kept_check(typed)
        assert checked is not None
        assert checked.brief
        assert kept_check(listed) is None
        assert not any(len(body["messages"][0]["content"]) > 10_000 for _, _, body in server.seen)
        asked = len(server.seen)
        assert measure_typed([typed], get_provider) == []
        assert len(server.seen) == asked
        # A whole check takes the place of a brief one, and no brief one that of a whole one.
        whole = measure(OpenAILikeProvider(), typed)
        assert kept_check(typed) == whole
        measure(OpenAILikeProvider(), typed, brief=True)
        assert kept_check(typed) == whole
        stopped = threading.Event()
        stopped.set()
        with pytest.raises(Cancelled):
            measure(OpenAILikeProvider(), typed, stopped)
    store.close()


def test_a_typed_endpoint_that_is_gone_is_told_by_the_run() -> None:
    gone = served_model("http://127.0.0.1:9/v1", id="own-gone", remote_id="gone")
    assert measure_typed([gone], get_provider) == []


def test_the_doctor_repeats_kept_checks_and_names_what_changed() -> None:
    with ChatServer(raw) as server:
        model = served_model(server.url, remote_id="kept")
        measure(OpenAILikeProvider(), model)
        assert "--online" in next(iter(_checks([model]))).detail
        (same,) = _checks([model], online=True)
        assert (same.state, "the same" in same.detail) == ("ok", True)
        server.script = bent
        (changed,) = _checks([model], online=True)
        assert changed.state == "unknown"
        assert "scaled, cut, few, penalised" in changed.detail
        server.fault = lambda number, body: (500, {"error": "no"}, {})
        (gone,) = _checks([model], online=True)
    assert gone.state == "absent"


def test_one_provider_is_made_however_many_threads_ask_first(monkeypatch: pytest.MonkeyPatch) -> None:
    core.providers._made.cache_clear()
    made: list[object] = []
    begin = threading.Barrier(8)

    def slowly() -> object:
        import time

        time.sleep(0.05)
        made.append(object())
        return made[-1]

    monkeypatch.setitem(core.providers.PROVIDERS._all(), "mock", slowly)

    def ask(_: int) -> object:
        begin.wait()
        return get_provider("mock")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    core.providers._made.cache_clear()
    assert len(made) == 1
    assert all(one is made[0] for one in found)


def test_a_lone_certainty_is_counted_and_told(tmp_path: Path) -> None:
    store = Store(tmp_path / "runs")
    with ChatServer(lambda prompt, body: {"A": 1.0}) as server:
        alone = served_model(server.url, id="alone", remote_id="alone", revision="1")
        assert "one word alone" in " ".join(one.message() for one in measure(OpenAILikeProvider(), alone).told())
        known = bank(1, alone)
        info = run_audit(store, new_run(store, known, "lone"), known, get_provider)
        assert info.counts["lone"] == info.counts["answers"] > 0
        again = run_audit(store, "lone", known, get_provider)
        assert again.counts["lone"] == info.counts["lone"]
    store.close()
