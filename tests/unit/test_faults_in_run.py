"""What goes wrong in the middle of a run: through the real SDKs, over real sockets, in an audit on the disk.

Of 18 cells those about thing 1 meet the fault, 6 of them. Each fault is a typed error or a recorded outcome, the other
cells go on, the summary counts errors by kind, and resuming asks only what is missing.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.audits.base import Bank
from core.providers import get_provider
from core.providers.hosted.capabilities import seen
from core.runs import run_audit
from core.store import RunInfo, Store
from core.types import Model
from tests.chat_server import served_model
from tests.unit.audit_child import bank, new_run

CELLS, HIT = 18, 6
SAMPLES = 2
KINDS = ("openai_like", "anthropic")
Body = dict[str, Any]
Fault = Callable[[Body], Response | None]
_names = itertools.count()


def reply(body: Any, status: int = 200, **headers: str) -> Response:
    made = Response(body if isinstance(body, str) else json.dumps(body), status, content_type="application/json")
    for name, value in headers.items():  # after the body, which sets its own length
        made.headers[name.replace("_", "-")] = value
    return made


def chat(text: str | None = "A", finish: str = "stop", **more: Any) -> Body:
    """A chat completion: 0.7 on A, 0.2 on B."""
    told = [{"token": "A", "logprob": -0.357, "bytes": None}, {"token": "B", "logprob": -1.609, "bytes": None}]
    message = {"role": "assistant", "content": text, "refusal": more.pop("refusal", None)}
    choice = {"index": 0, "finish_reason": finish, "message": message}
    choice["logprobs"] = {"content": [{**told[0], "top_logprobs": told}], "refusal": None}
    usage = {"prompt_tokens": 11, "completion_tokens": 1, "total_tokens": 12}
    head = {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "usage": usage}
    return {**head, "choices": [{**choice, **more}]}


def claude(text: str = '{"answer": "A"}', reason: str = "end_turn", **more: Any) -> Body:
    head = {"id": "m", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None}
    usage = {"input_tokens": 11, "output_tokens": 1}
    return {**head, "content": [{"type": "text", "text": text}], "stop_reason": reason, "usage": usage, **more}


def words(message: str, **more: Any) -> Body:
    return {"type": "error", "error": {"type": "some_error", "message": message, **more}}


class Endpoint:
    """An endpoint of either kind that answers well but where ``fault`` gives something else."""

    def __init__(self, server: HTTPServer, kind: str) -> None:
        self.kind, self.fault, self.asked = kind, None, list[Body]()
        root = server.url_for("").rstrip("/")
        self.url = root if kind == "anthropic" else f"{root}/v1"
        server.expect_request("/v1/messages" if kind == "anthropic" else "/v1/chat/completions").respond_with_handler(
            self.answer
        )

    fault: Fault | None

    def answer(self, request: Request) -> Response:
        body: Body = request.get_json()
        self.asked.append(body)
        found = self.fault(body) if self.fault else None
        return found if found is not None else reply(claude() if self.kind == "anthropic" else chat())

    def model(self, name: str = "hit") -> Model:
        return served_model(self.url, provider=self.kind, id=name, name=name, remote_id=f"{name}-{next(_names)}")

    @property
    def requests_a_cell(self) -> int:
        return SAMPLES if self.kind == "anthropic" else 1


def is_hit(body: Body) -> bool:
    return body["model"].startswith("hit") and "thing 1" in body["messages"][-1]["content"]


@pytest.fixture(params=KINDS)
def endpoint(request: pytest.FixtureRequest) -> Iterator[Endpoint]:
    with HTTPServer(threaded=True) as server:
        yield Endpoint(server, request.param)


@pytest.fixture(autouse=True)
def settings_for_tests(configure: Callable[..., None]) -> None:
    configure(max_retries=0, request_timeout_s=5, max_in_flight=4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "runs")
    yield made
    made.close()


def run(store: Store, made: Bank, run_id: str) -> RunInfo:
    return run_audit(store, run_id, made, get_provider)


def start(store: Store, endpoint: Endpoint) -> tuple[Bank, str, RunInfo]:
    made = bank(3, endpoint.model())
    run_id = new_run(store, made, samples=SAMPLES * 3)  # spread over three rotations
    return made, run_id, run(store, made, run_id)


def resumes(store: Store, endpoint: Endpoint, made: Bank, run_id: str, missing: int) -> None:
    """Without the fault the run asks what is missing and nothing else, and is whole then."""
    endpoint.fault, endpoint.asked = None, []
    info = run(store, made, run_id)
    assert info.status == "done"
    assert info.counts == {"planned": CELLS, "answers": CELLS, "copied": 0, "errors": 0}
    assert len(endpoint.asked) == missing * endpoint.requests_a_cell


BAD_SHAPE = {"content": [{"token": "A", "logprob": "high", "top_logprobs": []}]}
TOO_MUCH = {"content": [{"token": "A", "logprob": -0.1, "top_logprobs": [{"token": "B", "logprob": -0.1}]}]}
FAULTS: dict[str, tuple[str, Callable[[], Response], tuple[str, ...]]] = {
    "408": ("unreachable", lambda: reply(words("too late"), 408), KINDS),
    "409": ("unreachable", lambda: reply(words("locked"), 409), KINDS),
    "429": ("rate_limited", lambda: reply(words("slow down"), 429), KINDS),
    "500": ("unreachable", lambda: reply(words("oops"), 500), KINDS),
    "502": ("unreachable", lambda: reply("<html>bad gateway</html>", 502), KINDS),
    "503": ("unreachable", lambda: reply("busy", 503), KINDS),
    "529": ("unreachable", lambda: reply(words("overloaded"), 529), KINDS),
    "400": ("refused", lambda: reply(words("this cannot be done"), 400), KINDS),
    "cut": ("unreachable", lambda: reply('{"id": "x", "choi', Content_Length="5000"), KINDS),
    "not JSON": ("bad_answer", lambda: reply("{not json"), KINDS),
    "nothing": ("bad_answer", lambda: reply(""), KINDS),
    "other JSON": ("bad_answer", lambda: reply({"unexpected": True}), KINDS),
    "a page": ("bad_answer", lambda: Response("<html>log in</html>", 200, content_type="text/html"), KINDS),
    "no choice": ("bad_answer", lambda: reply({**chat(), "choices": []}), ("openai_like",)),
    "no message": ("bad_answer", lambda: reply(chat(message=None)), ("openai_like",)),
    "log-probabilities of words": ("bad_answer", lambda: reply(chat(logprobs=BAD_SHAPE)), ("openai_like",)),
    "log-probabilities over one": ("bad_answer", lambda: reply(chat(logprobs=TOO_MUCH)), ("openai_like",)),
    "log-probabilities as a list": ("bad_answer", lambda: reply(chat(logprobs=[1, 2])), ("openai_like",)),
}


@pytest.mark.parametrize(
    ("fault", "endpoint"),
    [pytest.param(name, kind, id=f"{name}-{kind}") for name, (_, _, kinds) in FAULTS.items() for kind in kinds],
    indirect=["endpoint"],
)
def test_a_fault_is_an_error_of_its_cells_alone(store: Store, endpoint: Endpoint, fault: str) -> None:
    kind, response, _ = FAULTS[fault]
    endpoint.fault = lambda body: response() if is_hit(body) else None
    made, run_id, info = start(store, endpoint)
    expected = {"planned": CELLS, "answers": CELLS - HIT, "copied": 0, "errors": HIT, f"errors_{kind}": HIT}
    assert (info.status, info.counts) == ("done", expected)
    rows = store.responses([run_id])
    failed = rows[rows.outcome == "error"]
    assert set(failed.question_id) == {"T1"}
    assert failed.error_text.str.len().min() > 20
    resumes(store, endpoint, made, run_id, HIT)


def test_a_time_out_is_an_error_of_its_cells_alone(
    store: Store, endpoint: Endpoint, configure: Callable[..., None]
) -> None:
    configure(max_retries=0, request_timeout_s=1, max_in_flight=16)

    def slow(body: Body) -> None:
        if is_hit(body):
            time.sleep(2)

    endpoint.fault = slow
    made, run_id, info = start(store, endpoint)
    assert info.counts["errors_unreachable"] == HIT
    assert info.counts["answers"] == CELLS - HIT
    configure(max_retries=0, request_timeout_s=5, max_in_flight=4)
    resumes(store, endpoint, made, run_id, HIT)


@pytest.mark.parametrize("status", [401, 402, 403, 404, 410])
def test_a_model_that_is_lost_mid_run_keeps_what_it_answered_and_another_goes_on(
    store: Store, endpoint: Endpoint, status: int
) -> None:
    answered = 0

    def lost(body: Body) -> Response | None:
        nonlocal answered
        if not body["model"].startswith("hit"):
            return None
        answered += 1
        return None if answered <= 4 * endpoint.requests_a_cell else reply(words("no such model"), status)

    endpoint.fault = lost
    made = bank(3, endpoint.model(), endpoint.model("steady"))
    run_id = new_run(store, made, samples=SAMPLES * 3)
    info = run(store, made, run_id)
    rows = store.responses([run_id])
    kept = int(((rows.model_id == "hit") & (rows.outcome == "option")).sum())
    assert 1 <= kept < CELLS
    assert int(((rows.model_id == "steady") & (rows.outcome == "option")).sum()) == CELLS
    assert (info.status, info.counts["answers"], info.counts["errors"]) == ("done", CELLS + kept, CELLS - kept)
    assert info.counts["errors_refused"] == CELLS - kept
    endpoint.fault, endpoint.asked = None, []
    again = run(store, made, run_id)
    assert (again.counts["answers"], again.counts["errors"]) == (2 * CELLS, 0)
    assert len(endpoint.asked) == (CELLS - kept) * endpoint.requests_a_cell


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_wait_that_is_asked_for_is_kept_and_nothing_is_lost(
    store: Store, endpoint: Endpoint, configure: Callable[..., None], form: str
) -> None:
    configure(max_retries=2, request_timeout_s=5, max_in_flight=4)
    first = None

    def busy(body: Body) -> Response | None:
        nonlocal first
        if first is not None:
            return None
        first = time.monotonic()
        # A date has whole seconds only.
        until = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
        return reply(words("slow down"), 429, Retry_After="2" if form == "seconds" else until)

    endpoint.fault = busy
    _, _, info = start(store, endpoint)
    assert (info.counts["answers"], info.counts["errors"]) == (CELLS, 0)
    assert first is not None
    assert time.monotonic() - first >= 1.8
    assert len(endpoint.asked) == CELLS * endpoint.requests_a_cell + 1


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_what_passes_is_asked_again_by_the_sdk(
    store: Store, endpoint: Endpoint, configure: Callable[..., None], status: int
) -> None:
    configure(max_retries=1, request_timeout_s=5, max_in_flight=4)
    failed = False

    def once(body: Body) -> Response | None:
        nonlocal failed
        if failed:
            return None
        failed = True
        return reply(words("try again"), status)

    endpoint.fault = once
    _, _, info = start(store, endpoint)
    assert (info.counts["answers"], info.counts["errors"]) == (CELLS, 0)


REFUSALS: dict[str, tuple[Callable[[], Response], tuple[str, ...]]] = {
    "its own": (lambda: reply(chat(None, refusal="I will not say.", logprobs=None)), ("openai_like",)),
    "filtered": (lambda: reply(chat("", "content_filter", logprobs=None)), ("openai_like",)),
    "stop reason": (lambda: reply(claude("", "refusal")), ("anthropic",)),
    "declined": (lambda: reply(claude('{"answer": "decline"}')), ("anthropic",)),
    "prompt filtered": (lambda: reply(words("blocked", code="content_filter"), 400), KINDS),
    "inspected": (lambda: reply(words("no", code="data_inspection_failed"), 400), KINDS),
}


@pytest.mark.parametrize(
    ("refusal", "endpoint"),
    [pytest.param(name, kind, id=f"{name}-{kind}") for name, (_, kinds) in REFUSALS.items() for kind in kinds],
    indirect=["endpoint"],
)
def test_a_refusal_of_content_is_an_outcome_and_not_asked_again(store: Store, endpoint: Endpoint, refusal: str) -> None:
    response, _ = REFUSALS[refusal]
    endpoint.fault = lambda body: response() if is_hit(body) else None
    made, run_id, info = start(store, endpoint)
    assert info.counts == {"planned": CELLS, "answers": CELLS, "copied": 0, "errors": 0}
    rows = store.responses([run_id])
    assert set(rows[rows.question_id == "T1"].outcome) == {"refusal"}
    assert set(rows[rows.question_id != "T1"].outcome) == {"option"}
    # A refusal tells nothing of what the model lets us read.
    assert set(rows.method) == {"sampled" if endpoint.kind == "anthropic" else "top_k"}
    endpoint.asked = []
    run(store, made, run_id)
    assert endpoint.asked == []


def test_a_parameter_that_is_refused_mid_run_is_left_out_and_nothing_fails(store: Store, endpoint: Endpoint) -> None:
    name = "output_config" if endpoint.kind == "anthropic" else "temperature"

    def unknown(body: Body) -> Response | None:
        message = f"Unsupported parameter: '{name}' is not supported with this model."
        return reply(words(message, param=name), 400) if name in body and is_hit(body) else None

    endpoint.fault = unknown
    made, _, info = start(store, endpoint)
    assert (info.counts["answers"], info.counts["errors"]) == (CELLS, 0)
    assert seen(made.models["hit"]).dropped == (name,)
