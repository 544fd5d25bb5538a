"""Slow servers and the way to them: no answer is computed twice, none is lost, no proxy stands before this computer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.cli.doctor.machine import _proxies
from core.errors import Unreachable
from core.providers import get_provider
from core.providers.hosted import endpoints, transport
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.providers.hosted.pace import Pace
from core.runs import run_audit
from core.store import Store
from core.types import OptionAnswer
from tests.chat_server import ChatServer, served_model
from tests.unit.audit_child import bank, new_run
from tests.unit.test_about_the_answer import request

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "runs")
    yield made
    made.close()


class OneByOne:
    """A server that answers one request after the other, each of which takes ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.lock, self.seconds, self.prompts = threading.Lock(), seconds, list[str]()

    def script(self, prompt: str, body: dict[str, Any]) -> dict[str, float]:
        with self.lock:
            self.prompts.append(prompt)
            time.sleep(self.seconds)
        return {"A": 0.6, "B": 0.3}


def test_a_server_that_answers_one_by_one_finishes_and_computes_no_answer_twice(
    store: Store, configure: Callable[..., None]
) -> None:
    configure(max_retries=3, request_timeout_s=0.8, loopback_endpoints=True)  # 16 at once would wait for 0.8 s
    slow = OneByOne(0.05)
    with ChatServer(slow.script) as server:
        known = bank(10, served_model(server.url, id="slow", remote_id="slow", revision="1"))
        info = run_audit(store, new_run(store, known, "slow"), known, get_provider)
    assert info.status == "done"
    assert info.counts["errors"] == 0
    assert info.counts["answers"] == info.counts["planned"] == 60
    assert len(slow.prompts) == info.counts["answers"]
    assert len(set(slow.prompts)) == len(slow.prompts)


def test_what_took_too_long_is_not_sent_again_and_halves_the_room(configure: Callable[..., None]) -> None:
    configure(max_retries=3, request_timeout_s=0.2)
    provider = OpenAILikeProvider()
    with ChatServer(lambda prompt, body: {"A": 1.0}, delay_s=0.6) as server:
        (answer,) = provider.option_distribution([request(server.url, "late")])
        time.sleep(0.6)
        assert len(server.seen) == 1
    assert isinstance(answer, Unreachable)
    assert "in time" in answer.message
    assert provider._paces.of(server.url).limit == 2


def test_room_grows_by_good_answers_and_shrinks_by_slow_ones() -> None:
    pace = Pace(16, 60)
    assert pace.limit == 4
    for _ in range(20):
        pace.saw(200, 0.1)
    assert pace.limit == 16
    pace.saw(200, 20)
    assert pace.limit == 16
    pace.saw(200, 40)
    assert pace.limit == 15
    pace.saw(408)
    assert pace.limit == 7
    pace.saw(429)
    assert pace.limit == 3


def test_answers_that_came_are_kept_when_the_user_stops_in_mid_batch(
    store: Store, configure: Callable[..., None]
) -> None:
    configure(max_retries=0, request_timeout_s=30, loopback_endpoints=True)
    slow, stop = OneByOne(0.1), threading.Event()

    def script(prompt: str, body: dict[str, Any]) -> dict[str, float]:
        if len(slow.prompts) == 20:  # ten first, then in the middle of a batch
            stop.set()
        return slow.script(prompt, body)

    with ChatServer(script) as server:
        known = bank(10, served_model(server.url, id="slow", remote_id="stopped", revision="1"))
        info = run_audit(store, new_run(store, known, "stopped"), known, get_provider, cancel=stop)
    assert info.status == "cancelled"
    assert info.counts["answers"] > 12


def test_an_endpoint_on_this_computer_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    with ChatServer(lambda prompt, body: {"A": 1.0}) as server:
        (answer,) = OpenAILikeProvider().option_distribution([request(server.url, "near")])
    assert isinstance(answer, OptionAnswer)
    assert transport.proxy_for("http://localhost:1/v1") is None
    assert transport.proxy_for("http://example.org/v1") == "http://127.0.0.1:9"
    assert transport.proxy_for("https://example.org/v1") == "socks5://127.0.0.1:9"
    monkeypatch.setenv("NO_PROXY", "example.org")
    assert transport.proxy_for("https://example.org/v1") is None


@pytest.mark.parametrize("value", ["socks://127.0.0.1:7890", "http://[", "gopher://x:1"])
def test_a_proxy_that_cannot_be_used_names_its_variable(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    with pytest.raises(Unreachable, match="ALL_PROXY"):
        OpenAILikeProvider().option_distribution([request("https://93.184.216.34/v1", "far")])


def test_a_socks_proxy_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "find_spec", lambda name: None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:7890")
    with pytest.raises(Unreachable, match=r"httpx2\[socks\]"):
        transport.proxy_for("https://example.org/v1")


def test_certificates_that_are_not_there_are_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/cert.pem")
    with pytest.raises(Unreachable, match="SSL_CERT_FILE"):
        OpenAILikeProvider().option_distribution([request("https://93.184.216.34/v1", "certificates")])


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def found(host: str, port: int | None = None, *args: Any, **kwargs: Any) -> list[Any]:
        looked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port or 0))]

    with ChatServer(lambda prompt, body: {"A": 1.0}) as server:
        monkeypatch.setattr(endpoints.socket, "getaddrinfo", found)
        named = f"http://models.example.org:{server.http.server_port}/v1"
        (answer,) = OpenAILikeProvider().option_distribution([request(named, "named")])
        assert server.seen[0][1]["Host"].startswith("models.example.org")
    assert isinstance(answer, OptionAnswer), answer
    # Nobody looks the name up but the check: whoever connects gets an address.
    assert {host for host in looked if host.startswith("models")} == {"models.example.org"}
    assert "127.0.0.1" in looked


def test_the_doctor_names_proxies_without_their_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@proxy.example.org:8080")
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:7890")
    lines = {line.what: line for line in _proxies()}
    assert "proxy.example.org:8080" in lines["HTTPS_PROXY"].detail
    assert "secret" not in str(lines)
    assert (lines["HTTPS_PROXY"].state, lines["ALL_PROXY"].state) == ("ok", "broken")
