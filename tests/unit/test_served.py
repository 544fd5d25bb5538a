"""Who really answered: kept with each answer, and part of what makes it usable again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.providers import get_provider
from core.providers.served import another_answered, may_have_changed, reusable
from core.runs import run_audit
from core.store import Store
from core.store.index.served import served_names
from tests.chat_server import served_model
from tests.unit.audit_child import bank, new_run
from tests.unit.store_rows import row
from tests.unit.test_faults_in_run import chat


@pytest.mark.parametrize(
    ("asked", "served", "other"),
    [
        ("gemini-2.5-flash", "gemini-3.5-flash-lite", True),
        ("gpt-4o", "gpt-4o-2024-08-06", False),
        ("gpt-4o", "gpt-4o-mini-2024-07-18", True),
        ("local-model", "gemma-3-1b-it", True),
        ("mistral-small-latest", "mistral-small-2603", False),
        ("openai/gpt-oss-120b", "gpt-oss-120b", False),
        ("MiniMax-M2", "minimax-m2", False),
        ("MiniMax-M2", "MiniMax-M3.1-Flash", True),
        ("deepseek-v4-flash", "deepseek-v4.1-flash", True),
        ("anything", None, False),
    ],
)
def test_another_model_behind_a_name_is_told_from_a_version_of_it(asked: str, served: str | None, other: bool) -> None:
    assert another_answered(asked, served) is other


class Swapped:
    """A server that takes any name and answers with what is loaded."""

    def __init__(self, server: HTTPServer) -> None:
        self.loaded, self.asked = "gemma-3-1b-it", 0
        self.url = f"{server.url_for('').rstrip('/')}/v1"
        server.expect_request("/v1/chat/completions").respond_with_handler(self.answer)

    def answer(self, request: Request) -> Response:
        self.asked += 1
        body: dict[str, Any] = {**chat(), "model": self.loaded, "system_fingerprint": f"fp-{self.loaded}"}
        return Response(json.dumps(body), content_type="application/json")


@pytest.fixture
def server(httpserver: HTTPServer) -> Swapped:
    return Swapped(httpserver)


def run(store: Store, server: Swapped, name: str) -> list[tuple[str | None, str | None]]:
    known = bank(3, served_model(server.url, id="mine", remote_id="local-model"))
    run_audit(store, new_run(store, known, name), known, get_provider)
    rows = store.responses([name])
    return list(zip(rows["served_model"], rows["served_fingerprint"], strict=True))


@pytest.fixture
def store(tmp_path: Path, configure: Callable[..., None]) -> Iterator[Store]:
    configure(loopback_endpoints=True)
    made = Store(tmp_path / "runs")
    yield made
    made.close()


def test_the_served_name_and_fingerprint_are_kept_with_each_answer(store: Store, server: Swapped) -> None:
    rows = run(store, server, "first")
    assert rows
    assert set(rows) == {("gemma-3-1b-it", "fp-gemma-3-1b-it")}
    told = served_names(store, ["first"]).iloc[0]
    assert (told["served_model"], told["n"]) == ("gemma-3-1b-it", len(rows))


def test_answers_of_another_model_behind_the_same_name_are_not_used_again(store: Store, server: Swapped) -> None:
    cells = len(run(store, server, "first"))
    asked, server.loaded = server.asked, "qwen3-4b"
    rows = run(store, server, "second")
    assert set(rows) == {("qwen3-4b", "fp-qwen3-4b")}
    assert server.asked - asked == cells


def test_answers_of_the_same_model_are_used_again_after_one_question(store: Store, server: Swapped) -> None:
    cells = len(run(store, server, "first"))
    asked = server.asked
    rows = run(store, server, "second")
    assert len(rows) == cells
    assert server.asked - asked == 1


def test_an_answer_of_an_earlier_day_is_not_used_again_on_this_computer() -> None:
    here = served_model("http://127.0.0.1:8000/v1")
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    fresh = row(0, "r", served_model="x", created=now - timedelta(hours=2))
    old = fresh.model_copy(update={"created": now - timedelta(days=2)})
    assert reusable(fresh, here, "x", now)
    assert not reusable(fresh, here, "y", now)
    assert not reusable(old, here, "x", now)
    far = served_model("https://example.org/v1", redirects=True)
    assert may_have_changed(far)
    assert reusable(old, far, "x", now)
    assert not may_have_changed(served_model("https://example.org/v1"))
    assert not may_have_changed(here.model_copy(update={"revision": "abc"}))


def test_rows_of_version_1_read_as_served_by_nobody_known() -> None:
    store = Store(Path(__file__).parents[1] / "data" / "runs_v1")
    rows = store.responses(["v1-countries"])
    assert len(rows)
    assert rows["served_model"].isna().all()
    store.close()
