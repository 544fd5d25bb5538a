"""A run stops at what it may use, keeps what it has, and goes on when the cap is raised."""

import pytest

from core.audits.base import Bank
from core.errors import InputError
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.runs import create_run, parse_spec, run_audit
from core.store import Cap, Store
from core.surveys import SURVEYS
from tests.chat_server import ChatServer, served_model


@pytest.fixture
def server():
    with ChatServer(lambda prompt, body: {"A": 0.7, "B": 0.3}) as running:
        yield running


@pytest.fixture
def made(tmp_path, server):
    """A store, a bank with one hosted model, and a spec of a few dozen prompts."""
    bank = Bank(questions=dict(SURVEYS["wvs7"]().questions()), models={"served": served_model(server.url)})
    spec = parse_spec(
        "alignment",
        {
            "models": ["served"],
            "questions": ["Q164", "Q165", "Q171", "Q172", "Q173", "Q57"],
            "personas": [{"country": "CHN"}, {"country": "USA"}, {"country": "DEU"}],
            "text_check": False,
        },
    )
    return Store(tmp_path / "runs"), bank, spec


def test_a_run_stops_at_its_cap_and_goes_on_when_it_is_raised(made):
    store, bank, spec = made
    provider = OpenAILikeProvider()
    run_id = create_run(store, "alignment", spec, bank, cap=Cap(tokens=1))
    stopped = run_audit(store, run_id, bank, lambda name: provider)
    assert stopped.status == "cancelled"
    assert "reached its cap" in stopped.stopped
    assert stopped.stopped_by is not None
    assert "已达到上限" in stopped.stopped_by.said().message("zh")
    kept = stopped.counts["answers"]
    assert 0 < kept < stopped.counts["planned"]

    again = run_audit(store, run_id, bank, lambda name: provider)
    assert (again.status, again.counts["answers"]) == ("cancelled", kept)

    store.update(run_id, cap=Cap(tokens=1_000_000))
    done = run_audit(store, run_id, bank, lambda name: provider)
    assert (done.status, done.stopped, done.stopped_by) == ("done", "", None)
    assert done.counts["answers"] == done.counts["planned"]


def test_a_cap_in_dollars_needs_a_price(made):
    store, bank, spec = made
    with pytest.raises(InputError, match="No price is known"):
        create_run(store, "alignment", spec, bank, cap=Cap(dollars=1.0))
