"""Keys reach the endpoint and nothing else; endpoints that must not be called are not."""

from __future__ import annotations

import json
import logging
import pickle
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.audits.alignment.audit import Spec, cells_for
from core.brief.sources import command_of
from core.errors import InputError, MissingKey, ParallaxError
from core.providers import get_provider
from core.providers.hosted.endpoints import check_address, check_endpoint
from core.providers.hosted.keys import SESSION, KeyRing, find_key, has_key, key_for, redact, using_keys
from core.runs import DayRun, run_audit
from core.runs.ask import ask_in_background
from core.runs.jobs import Jobs
from core.store import open_store
from core.store.index.export import export_csv, export_duckdb, export_parquet, export_zip
from core.types import LocalText, Model, Option, Question
from tests.chat_server import ChatServer, served_model
from tests.unit.audit_child import bank, new_run

pytestmark = pytest.mark.usefixtures("few_shipped")

CANARY = "sk-canary-4f1c9b7e2d8a"
NAME = "PARALLAX_CANARY_KEY"


def model(url: str, **changes: Any) -> Model:
    return served_model(url, **{"id": "m", "name": "Scripted", "key_variable": NAME, **changes})


def test_a_typed_key_counts_before_the_environment_and_only_inside_its_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "from-the-environment")
    ring = KeyRing()
    ring.put(NAME, CANARY)
    assert find_key(NAME) == "from-the-environment"
    with using_keys(ring):
        assert find_key(NAME) == CANARY
    assert find_key(NAME) == "from-the-environment"


def test_a_session_endpoint_never_gets_a_key_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"{SESSION}own"
    monkeypatch.setenv(name, CANARY)
    subject = model("http://127.0.0.1:9", key_variable=name)
    assert not has_key(subject)
    with pytest.raises(MissingKey):
        key_for(subject)


def test_a_ring_shows_and_stores_no_key() -> None:
    ring = KeyRing()
    ring.put(NAME, CANARY)
    assert CANARY not in repr(ring)
    with pytest.raises(TypeError):
        pickle.dumps(ring)
    ring.forget(NAME)
    assert ring.names() == ()


@pytest.mark.parametrize("key", ["", "short", "two words here", "schlüssel-mit-umlaut"])
def test_what_cannot_be_a_key_is_not_kept(key: str) -> None:
    with pytest.raises(InputError):
        KeyRing().put(NAME, key)


def test_keys_and_what_looks_like_one_are_taken_out() -> None:
    said = f"wrong key {CANARY}; Authorization: Bearer abcdefghijk; also sk-proj-12345678"
    shown = redact(said, CANARY)
    assert CANARY not in shown
    assert "abcdefghijk" not in shown
    assert "12345678" not in shown
    assert shown.startswith("wrong key ")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org",
        "example.org/v1",
        "http://",
        "http://169.254.169.254/latest",
        "http://[fe80::1]/v1",
        "http://[::ffff:169.254.169.254]/v1",
        "http://2852039166/",
        "http://metadata.google.internal/v1",
        "http://0.0.0.0:8000/v1",
        "http://10.0.0.5/v1",
        "http://192.168.1.4:8000/v1",
        "http://100.100.100.200/v1",
        "https://user:pass@example.org/v1",
        "https://example.org/v1?key=abc",
        "http://[::1",
    ],
)
def test_addresses_that_are_not_called(url: str) -> None:
    with pytest.raises(InputError) as caught:
        check_endpoint(url)
    assert caught.value.hint


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/v1/", "http://[::1]:80/v1", "https://api.example.org/v1"])
def test_addresses_that_may_be_called(url: str) -> None:
    assert check_endpoint(f" {url} ") == url.rstrip("/")


def test_private_networks_are_a_setting_but_metadata_addresses_never(configure: Callable[..., None]) -> None:
    configure(private_endpoints=True)
    assert check_endpoint("http://192.168.1.4:8000/v1")
    with pytest.raises(InputError):
        check_endpoint("http://169.254.169.254/v1")


def test_a_name_that_leads_to_a_forbidden_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("169.254.169.254", 0))]
    monkeypatch.setattr("core.providers.hosted.endpoints.socket.getaddrinfo", lambda *a, **k: found)
    with pytest.raises(InputError):
        check_address("https://harmless.example.org/v1")


def echo_key(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
    """An endpoint that tells the key back in its errors, as some do."""
    bad = "Nothing" in body["messages"][-1]["content"].split("A. ")[-1].split("\n")[0]
    return (400, {"error": {"message": f"Incorrect request with key {CANARY}"}}, {}) if bad else None


def test_after_a_full_journey_the_key_is_nowhere(
    tmp_path: Path, configure: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    configure(runs_dir=tmp_path / "runs", max_retries=0)
    caplog.set_level(logging.DEBUG)
    options = tuple(Option(code=i, text=LocalText(en=t, zh=t)) for i, t in enumerate(("Much", "Some", "Nothing"), 1))
    question = Question(
        id="own",
        topic="own",
        short=LocalText(en="x", zh="x"),
        stem=LocalText(en="How much?", zh="多少？"),
        options=options,
        scale="ordinal",
        polarity=-1,
    )
    ring = KeyRing()
    ring.put(NAME, CANARY)
    store = open_store()
    day = DayRun(store, title="test")
    jobs = Jobs()
    with ChatServer(lambda prompt, body: {"A": 0.6, "B": 0.3, "C": 0.1}, fault=echo_key) as server:
        subject = model(server.url)
        cells = cells_for(Spec(models=("m",)), [subject], [question])
        with using_keys(ring):
            job = ask_in_background(jobs, lambda: day, get_provider, cells, "own", fresh=True)
        while not job.finished:
            time.sleep(0.02)
        sent = [headers for _, headers, _ in server.seen]
    jobs.close()
    assert job.error is None
    assert all(headers["authorization"] == f"Bearer {CANARY}" for headers in sent)
    rows = [result.response for result in job.results()]
    assert {row.outcome for row in rows} >= {"option", "error"}
    assert all(CANARY not in row.model_dump_json() for row in rows)
    export_csv(store, tmp_path / "out.csv")
    export_duckdb(store, tmp_path / "out.duckdb")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 4
    assert all(CANARY.encode() not in path.read_bytes() for path in files)
    assert CANARY not in caplog.text
    assert CANARY not in json.dumps([str(cell) for cell in cells])


@pytest.mark.parametrize("provider", ["openai_like", "anthropic"])
@pytest.mark.parametrize("typed", [True, False])
def test_after_a_whole_run_the_key_is_in_no_file_no_log_and_no_export(
    provider: str,
    typed: bool,
    tmp_path: Path,
    configure: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    configure(runs_dir=tmp_path / "runs", max_retries=1)
    caplog.set_level(logging.DEBUG)
    ring = KeyRing()
    if typed:
        ring.put(NAME, CANARY)
    else:
        monkeypatch.setenv(NAME, CANARY)
    store = open_store()

    def fault(number: int, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]] | None:
        if "thing 1" in body["messages"][-1]["content"]:
            return 400, {"error": {"message": f"No such thing for {CANARY}", "type": f"key {CANARY}"}}, {}
        return (500, f"<p>{CANARY}</p>".encode(), {}) if number == 2 else None

    with ChatServer(lambda prompt, body: {"A": 0.6, "B": 0.3, "C": 0.1}, fault=fault) as server:
        endpoint = server.root if provider == "anthropic" else server.url
        made = bank(3, model(endpoint, provider=provider))
        run_id = new_run(store, made, samples=3)
        with using_keys(ring):
            info = run_audit(store, run_id, made, get_provider)
        sent = [headers for _, headers, _ in server.seen]
    assert sent
    assert all(any(CANARY in value for value in headers.values()) for headers in sent)
    assert info.counts["errors_refused"] == 6
    export_csv(store, tmp_path / "out.csv")
    export_duckdb(store, tmp_path / "out.duckdb")
    export_parquet(store, tmp_path / "out.parquet")
    export_zip(store, run_id, tmp_path / "out.zip")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        archive.extractall(unpacked)
    rows = store.responses([run_id])
    assert len(rows) == info.counts["answers"] + info.counts["errors"]
    command = command_of(info)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 8
    assert all(CANARY.encode() not in path.read_bytes() for path in files)
    told = capfd.readouterr()
    # Parquet compresses its columns, so they are read too.
    for text in (rows.to_csv(), caplog.text, told.out, told.err, info.model_dump_json(), str(command)):
        assert CANARY not in text


def test_errors_of_a_wrong_key_do_not_repeat_it(configure: Callable[..., None]) -> None:
    configure(max_retries=0)
    ring = KeyRing()
    ring.put(NAME, CANARY)
    body = {"error": {"message": f"Incorrect API key provided: {CANARY}. Find yours at example.org."}}
    with ChatServer(lambda prompt, asked: {"A": 1.0}, fault=lambda number, asked: (401, body, {})) as server:
        cells = model(server.url)
        from core.providers.hosted.check import check_connection

        with using_keys(ring), pytest.raises(ParallaxError) as caught:
            check_connection(get_provider("openai_like"), cells)
    assert NAME in caught.value.hint
    typed = cells.model_copy(update={"key_variable": f"{SESSION}own-1"})
    ring.put(f"{SESSION}own-1", CANARY)
    with (
        ChatServer(lambda prompt, asked: {"A": 1.0}, fault=lambda number, asked: (401, body, {})) as server,
        using_keys(ring),
        pytest.raises(ParallaxError) as told,
    ):
        check_connection(get_provider("openai_like"), typed.model_copy(update={"endpoint": server.url}))
    assert "own-1" not in told.value.hint
    assert "Models page" in told.value.hint
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in f"{error} {error.__dict__}"
        error = error.__cause__
