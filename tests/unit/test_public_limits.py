"""How much one visitor of a public demonstration may ask, and of which models."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from core.errors import InputError, RefusedByProvider
from core.providers.permitted import check_model, may_ask
from core.public import Addresses, Bucket, Visitors, check_ask, new_bucket
from core.runs.jobs import Job, Jobs
from core.runs.prompt_length import asked_length
from core.text import LONGEST_SEARCH, MOST_WORDS, search_words
from core.types import Cell
from tests.unit.audit_child import mock_model


def test_a_bucket_lets_through_as_many_as_it_holds_and_fills_again() -> None:
    now = [0.0]
    bucket = Bucket(2, 60, lambda: now[0])
    assert [bucket.take() for _ in range(2)] == [0, 0]
    assert bucket.take() == pytest.approx(1)
    now[0] = -50  # a clock that goes back gives nothing
    assert bucket.take() > 0
    now[0] = 10_000
    assert [bucket.take() == 0 for _ in range(3)] == [True, True, False]


def test_asks_are_limited_in_public_alone(configure: Callable[..., None]) -> None:
    for _ in range(50):
        check_ask(new_bucket(), 10**6, 10**6)
    configure(public=True, public_asks=1, public_prompts=10)
    bucket = new_bucket()
    for prompts, waiting in ((11, 0), (1, 99)):
        with pytest.raises(InputError):
            check_ask(bucket, prompts, waiting)
    check_ask(bucket, 10, 0)
    with pytest.raises(InputError, match="several times"):
        check_ask(bucket, 10, 0)


def test_a_model_that_costs_is_asked_in_public_only_by_name(configure: Callable[..., None]) -> None:
    hosted = mock_model("gpt", provider="openai_like", endpoint="https://api.example.org/v1")
    assert may_ask(hosted)
    configure(public=True)
    with pytest.raises(RefusedByProvider):
        check_model(hosted)
    configure(public=True, public_models="other, gpt")
    check_model(hosted)


class Work:
    """A job that goes on until it is asked to stop."""

    finished = False

    def cancel(self) -> None:
        self.finished = True


def test_jobs_of_visitors_who_left_are_stopped_after_a_while() -> None:
    now, here = [0.0], {"a", "b"}
    visitors = Visitors(here.__contains__, grace_s=10, clock=lambda: now[0])
    mine, theirs = Work(), Work()
    visitors.began("a", mine)
    visitors.began("b", theirs)
    assert visitors.sweep() == 0
    here.discard("a")
    assert visitors.sweep() == 0  # perhaps the page is only loaded anew
    now[0] = 5
    here.add("a")
    assert visitors.sweep() == 0
    here.discard("a")
    now[0] = 14
    assert visitors.sweep() == 0  # away since 14, not since 0
    now[0] = 25
    assert visitors.sweep() == 1
    assert (mine.finished, theirs.finished) == (True, False)
    assert visitors.sweep() == 0


def test_new_sessions_from_one_address_are_no_new_asks(configure: Callable[..., None]) -> None:
    configure(public=True, public_asks=2, public_asks_per_address=3, public_prompts=10)
    addresses = Addresses(clock=lambda: 0.0)
    for _ in range(3):
        check_ask(new_bucket(), 1, 0, addresses.of("2001:db8::1"))
    with pytest.raises(InputError, match="several times"):
        check_ask(new_bucket(), 1, 0, addresses.of("2001:db8::ffff"))  # the same network of 64 bits
    check_ask(new_bucket(), 1, 0, addresses.of("2001:db8:0:1::1"))
    assert addresses.of("::ffff:192.0.2.1") is addresses.of("192.0.2.1")
    assert addresses.of(None) is None  # nobody knows where they come from
    configure(public=True, public_asks_per_address=0)
    assert addresses.of("192.0.2.1") is None


def test_only_so_many_addresses_are_remembered(monkeypatch: pytest.MonkeyPatch, configure: Callable[..., None]) -> None:
    configure(public=True)
    monkeypatch.setattr("core.public.MOST_ADDRESSES", 2)
    addresses = Addresses()
    first = addresses.of("192.0.2.1")
    for last in (2, 3):
        addresses.of(f"192.0.2.{last}")
    assert addresses.of("192.0.2.1") is not first


def test_a_search_is_bounded_before_it_is_worked_on() -> None:
    assert search_words("  Qwen  BASE ") == ["qwen", "base"]
    assert len(search_words("a " * 10**6)) == MOST_WORDS
    assert search_words("x" * 10**6) == ["x" * LONGEST_SEARCH]


def test_turns_are_shared_between_visitors_by_prompts_times_length() -> None:
    """A visitor with five large asks is not served five times before another with a small one."""
    pool, begun, go_on = Jobs(workers=1), list[str](), threading.Event()
    cells = [Cell(kind="text", model=mock_model(), text="Why? " * 100, max_tokens=64) for _ in range(20)]
    large, small = asked_length(cells), asked_length(cells[:1])
    assert large == 20 * small == 20 * (500 + 4 * 64)

    def work(name: str) -> Callable[[Job], None]:
        def run(job: Job) -> None:
            go_on.wait(10)
            begun.append(name)

        return run

    for place in range(5):
        pool.submit("ask", work(f"busy {place}"), owner="busy", cost=large)
    asks = [pool.submit("ask", work(f"quiet {place}"), owner="quiet", cost=small) for place in range(3)]
    last = pool.submit("ask", work("other"), owner="other", cost=large)
    go_on.set()
    deadline = time.monotonic() + 10
    while len(begun) < 9 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert begun[0] == "busy 0"  # it was there alone
    assert set(begun[1:5]) == {"quiet 0", "quiet 1", "quiet 2", "other"}
    assert begun[5:] == ["busy 1", "busy 2", "busy 3", "busy 4"]
    assert [job.state for job in (*asks, last)] == ["done"] * 4
    pool.close()


def test_a_pool_that_is_closed_ends_after_all_that_waits() -> None:
    pool = Jobs(workers=1)
    stop = threading.Event()
    first = pool.submit("long", lambda job: stop.wait(10) and None, owner="a", cost=1e9)
    waiting = [pool.submit("ask", lambda job: None, owner="a", cost=1e9) for _ in range(3)]
    threading.Timer(0.05, stop.set).start()
    pool.close()
    assert first.finished
    assert [job.state for job in waiting] == ["cancelled"] * 3
