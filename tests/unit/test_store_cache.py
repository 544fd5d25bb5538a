from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import DataError
from core.runs import DayRun
from core.store import Store, cache_key
from core.store.files.cache_key import endpoint_host
from core.types import Capabilities, Message, Model, OptionRequest, Origin, TextRequest
from tests.unit.store_rows import row, rows

MODEL = Model(
    id="m",
    name="M",
    provider="openai_like",
    endpoint="https://user:sk-secret@api.example.org:8443/v1?key=sk-secret",
    remote_id="m-remote",
    origin=Origin(base="us", tuner="us"),
    developer="d",
    family="f",
    capabilities=Capabilities(logprobs="full"),
    link="https://example.org",
)
REQUEST = OptionRequest(
    model=MODEL, messages=(Message(role="user", content="上帝?"),), labels=("A", "B"), codes=(1, 2), temperature=1.0
)
BASE: dict[str, Any] = {"revision": "r1", "prompt_version": "p1", "method": "full", "sample": 0}


def test_equal_requests_have_equal_keys() -> None:
    assert cache_key(REQUEST, **BASE) == cache_key(REQUEST.model_copy(deep=True), **BASE)
    assert len(cache_key(REQUEST, **BASE)) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ("B", "A")},
        {"codes": (2, 1)},
        {"temperature": None},
        {"temperature": 0.0},
        {"seed": 0},
        {"samples": 2},
        {"messages": (Message(role="system", content="上帝?"),)},
        {"messages": (Message(role="user", content="上帝? "),)},
        {"model": MODEL.model_copy(update={"provider": "local"})},
        {"model": MODEL.model_copy(update={"remote_id": "other"})},
        {"model": MODEL.model_copy(update={"endpoint": "https://api.example.net/v1"})},
        {"model": MODEL.model_copy(update={"endpoint": None})},
        {"model": MODEL.model_copy(update={"chat": False})},
    ],
)
def test_whatever_could_change_the_answer_changes_the_key(change: dict[str, Any]) -> None:
    assert cache_key(REQUEST.model_copy(update=change), **BASE) != cache_key(REQUEST, **BASE)


@pytest.mark.parametrize("change", [{"revision": None}, {"prompt_version": "p2"}, {"method": "sampled"}, {"sample": 1}])
def test_so_does_what_the_request_does_not_say(change: dict[str, Any]) -> None:
    assert cache_key(REQUEST, **{**BASE, **change}) != cache_key(REQUEST, **BASE)


def test_a_text_is_not_a_distribution_and_has_its_length_and_top_p() -> None:
    text = TextRequest(model=MODEL, messages=REQUEST.messages, temperature=1.0)
    others = [text.model_copy(update=change) for change in ({"max_tokens": 9}, {"top_p": 0.9}, {"top_p": 0.8})]
    keys = {cache_key(one, **BASE) for one in [text, *others]}
    assert len(keys | {cache_key(REQUEST, **BASE)}) == 5


def test_no_secret_of_an_endpoint_counts() -> None:
    assert endpoint_host(MODEL.endpoint) == "api.example.org:8443"
    other = MODEL.model_copy(update={"endpoint": "https://api.example.org:8443/v1"})
    assert cache_key(REQUEST.model_copy(update={"model": other}), **BASE) == cache_key(REQUEST, **BASE)
    assert endpoint_host("localhost:11434/v1") == "localhost:11434"


def test_single_asks_share_a_run_until_midnight(tmp_path: Path) -> None:
    times = [datetime(2026, 11, 23, 23, 59, tzinfo=UTC)]
    store = Store(tmp_path)
    day = DayRun(store, now=lambda: times[-1])
    first = day.append([row(0)])
    day.append([row(1)])
    times.append(datetime(2026, 11, 24, 0, 1, tzinfo=UTC))
    day.append([row(2)])
    day.close()
    runs = store.runs().set_index("run_id")
    assert first[0].run_id.startswith("probe-2026-11-23-")
    assert runs.rows.to_dict() == {first[0].run_id: 2, next(r for r in runs.index if "11-24" in r): 1}
    store.refresh()
    assert set(store.runs().status) == {"done"}
    assert store.info(first[0].run_id).models == {"model-0": "r1", "model-1": "r1"}
    assert {"python", "numpy"} <= store.info(first[0].run_id).libraries.keys()
    assert store.lookup(["key-2"])["key-2"].run_id.startswith("probe-2026-11-24-")


def test_an_ask_finds_what_another_app_has_kept(tmp_path: Path) -> None:
    one, other = DayRun(Store(tmp_path)), DayRun(Store(tmp_path))
    assert other.lookup(["key-0"]) == {}
    [kept] = one.append([row(0)])
    assert other.lookup(["key-0"]) == {"key-0": kept}
    assert one.lookup(["key-0"]) == {"key-0": kept}


def test_two_apps_of_one_day_do_not_meet(tmp_path: Path) -> None:
    ids = {DayRun(Store(tmp_path)).append([row(0)])[0].run_id for _ in range(3)}
    assert len(ids) == 3


def test_the_page_goes_on_where_no_run_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file" / "runs")
    day = DayRun(store)
    for start in (0, 2):
        with pytest.raises(DataError) as caught:
            day.append(rows(2, start=start))
        assert "PARALLAX_RUNS_DIR" in caught.value.hint
    store.refresh()
    assert len(store.responses()) == 4
    assert set(store.lookup(["key-0", "key-3"])) == {"key-0", "key-3"}
    assert store.recent(1).question_id.tolist() == ["Q0"]
    day.close()
