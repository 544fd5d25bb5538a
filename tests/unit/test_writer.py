"""Texts written side by side are those written alone, and nobody waits for somebody else's long text."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import pytest

from core.errors import Cancelled
from core.providers.local import table, writer
from core.providers.local.draft import Draft
from core.providers.local.forward import Trail, forward_last_logits, next_tokens
from core.providers.local.prefix_tree import Ids, unique_tokens
from core.providers.local.table import Table
from core.providers.local.tree_check import tree_limit
from core.providers.local.turns import Turns
from core.providers.local.writer import Writer, WriterClosedError
from tests.unit.test_forward import PROMPTS, ROTARY, STEM, a_model

GPT2 = {"vocab_size": 90, "n_embd": 32, "n_layer": 2, "n_head": 4, "initializer_range": 0.5}
SLIDING = {**ROTARY, "sliding_window": 16, "layer_types": ["sliding_attention", "full_attention"]}
MAMBA = {"vocab_size": 90, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}
LONG = 10


def a_writer(model: Any, ends: frozenset[int] = frozenset()) -> Writer:
    return Writer(model, tree_limit(model), ends, Turns(), Trail())


def alone(model: Any, draft: Draft) -> list[int]:
    """The tokens of ``draft`` where nothing is written beside it."""
    stream = next_tokens(model, draft.ids, temperature=draft.temperature, top_p=draft.top_p, seed=draft.seed)
    return [token for token, _ in islice(stream, draft.limit)]


def drafts_of(prompts: Sequence[Ids], limit: int = LONG, **more: Any) -> list[Draft]:
    return [Draft(ids, limit, seed=seed, **more) for seed, ids in enumerate(prompts)]


def expect_as_alone(model: Any, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        assert draft.error is None
        assert draft.finish == "length"
        assert draft.tokens == alone(model, draft)


@pytest.mark.parametrize(
    ("kind", "config", "together"),
    [
        ("llama", ROTARY, True),
        ("qwen2", ROTARY, True),
        ("gemma3_text", SLIDING, True),
        ("gpt2", GPT2, True),
        ("mamba", MAMBA, False),
    ],
)
@pytest.mark.parametrize("temperature", [None, 1.2])
def test_together_as_alone(
    kind: str, config: dict[str, Any], together: bool, temperature: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "ROWS", 5)
    model = a_model(kind, **config)
    assert (tree_limit(model) > 0) == together
    drafts = [
        Draft(ids, 3 + 4 * (seed % 4), temperature, (None, 0.7, 0.99)[seed % 3], seed)
        for seed, ids in enumerate(PROMPTS[:9])
    ]
    a_writer(model).write(drafts)
    expect_as_alone(model, drafts)


def test_whoever_keeps_an_answer_holds_no_turn() -> None:
    model, turns = a_model("llama", **ROTARY), Turns()
    free: list[bool] = []

    def take() -> None:
        with turns.turn():
            free.append(True)

    def keep(draft: Draft) -> None:
        other = threading.Thread(target=take, daemon=True)
        other.start()
        other.join(5)
        assert not other.is_alive(), "an answer is kept while the turn is held"

    drafts = [Draft(ids, limit, seed=limit) for ids, limit in zip(PROMPTS, (2, 2, 5, 8), strict=False)]
    Writer(model, tree_limit(model), frozenset(), turns, Trail()).write(drafts, ended=keep)
    assert free == [True] * len(drafts)
    expect_as_alone(model, drafts)


def test_of_the_same_prompt_each_text_has_its_own_draws() -> None:
    model = a_model("llama", **ROTARY)
    drafts = drafts_of([STEM] * 6, temperature=1.0)
    again = drafts_of([STEM] * 6, temperature=1.0)
    for some in (drafts, again[::-1]):
        a_writer(model).write(some)
    assert [draft.tokens for draft in drafts] == [draft.tokens for draft in again]
    assert len({tuple(draft.tokens) for draft in drafts}) > 3


def counted(model: Any) -> list[int]:
    """Tokens of each pass of ``model`` from now on."""
    seen: list[int] = []
    model.register_forward_pre_hook(
        lambda module, args, named: seen.append(named["input_ids"].numel()), with_kwargs=True
    )
    return seen


def test_what_prompts_share_is_computed_once_and_a_step_takes_all() -> None:
    model = a_model("llama", **ROTARY)
    one = a_writer(model)
    one.write(drafts_of([(9,)], 1))
    seen = counted(model)
    prompts = PROMPTS[:2] + PROMPTS[8:20]
    one.write(drafts_of(prompts, 4))
    assert seen == [unique_tokens(prompts), 14, 14, 14]


def test_a_text_joins_where_another_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "ROWS", 2)
    model = a_model("llama", **ROTARY)
    one = a_writer(model)
    one.write(drafts_of([(9,)], 1))
    seen = counted(model)
    long, *short = drafts = [Draft(STEM, 9), Draft((3, 4), 3), Draft((5, 6), 3), Draft((7, 8), 3)]
    ended: list[Draft] = []
    one.write(drafts, lambda draft: ended.append(draft) if draft.finish else None)
    assert ended == [short[0], short[1], long, short[2]] or ended == [*short, long]
    assert max(seen[1:]) <= 2
    expect_as_alone(model, drafts)


def test_a_text_ends_at_an_end_token_which_is_no_part_of_it() -> None:
    model = a_model("llama", **ROTARY)
    tokens = alone(model, Draft(STEM, LONG))
    end = tokens[4]
    (draft,) = drafts_of([STEM])
    a_writer(model, frozenset({end})).write([draft])
    assert draft.finish == "stop"
    assert draft.tokens == tokens[: tokens.index(end)]


def test_the_first_logits_are_those_after_the_prompt() -> None:
    model = a_model("llama", **ROTARY)
    drafts = drafts_of(PROMPTS[:7], 3)
    a_writer(model).write(drafts)
    for draft in drafts:
        assert draft.first is not None
        wanted = forward_last_logits(model, [draft.ids])[0]
        assert (draft.first - wanted).abs().max() < 1e-4 * wanted.std()


def in_threads(*works: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    return threads


def test_a_short_text_of_another_caller_does_not_wait_for_a_long_one() -> None:
    model = a_model("llama", **ROTARY)
    one = a_writer(model)
    begun = threading.Event()
    stop = threading.Event()
    long, short = Draft(STEM, 100_000, cancel=stop), Draft((3, 4), 3)
    (thread,) = in_threads(lambda: one.write([long], lambda _: begun.set()))
    assert begun.wait(60)
    one.write([short])
    assert short.finish == "length"
    assert long.finish is None
    stop.set()
    thread.join(60)
    assert long.finish == "cancelled"
    assert short.tokens == alone(model, short)
    assert long.tokens == alone(model, Draft(STEM, len(long.tokens)))


def test_each_caller_is_told_of_its_own_texts_in_its_own_thread() -> None:
    model = a_model("llama", **ROTARY)
    one = a_writer(model)
    told: dict[int, set[Draft]] = {}
    asked: dict[int, list[Draft]] = {}

    def work(prompts: Sequence[Ids]) -> None:
        me = threading.get_ident()
        asked[me] = drafts_of(prompts)
        one.write(asked[me], lambda draft: told.setdefault(threading.get_ident(), set()).add(draft))

    for thread in in_threads(*(lambda n=n: work(PROMPTS[3 * n : 3 * n + 3]) for n in range(3))):
        thread.join(60)
    assert told == {me: set(drafts) for me, drafts in asked.items()}
    for drafts in asked.values():
        expect_as_alone(model, drafts)


def test_the_end_of_a_text_is_told_once_and_at_once() -> None:
    model = a_model("llama", **ROTARY)
    short, long = Draft(PROMPTS[0], 3), Draft(PROMPTS[1], 60)
    told: list[tuple[Draft, int]] = []
    a_writer(model).write([long, short], ended=lambda draft: told.append((draft, len(long.tokens))))
    assert [draft for draft, _ in told] == [short, long]
    assert told[0][1] <= 4
    assert told[1][1] == 60


def test_a_page_that_is_left_takes_its_texts_along() -> None:
    model = a_model("llama", **ROTARY)
    one = a_writer(model)

    def leave(_: Draft) -> None:
        raise KeyboardInterrupt

    left = drafts_of(PROMPTS[:3], 1_000)
    with pytest.raises(KeyboardInterrupt):
        one.write(left, leave)
    assert {draft.finish for draft in left} == {"cancelled"}
    stayed = drafts_of(PROMPTS[3:5])
    one.write(stayed)
    expect_as_alone(model, stayed)


def test_what_breaks_is_told_to_whoever_it_broke_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such shape")

    model = a_model("llama", **ROTARY)
    one = a_writer(model)
    monkeypatch.setattr(Table, "advance", broken)
    drafts = drafts_of(PROMPTS[:3])
    one.write(drafts)
    assert [(draft.finish, str(draft.error)) for draft in drafts] == [("failed", "no such shape")] * 3
    monkeypatch.undo()
    drafts = drafts_of(PROMPTS[:3])
    one.write(drafts)
    expect_as_alone(model, drafts)


@pytest.mark.parametrize("failing", ["join", "advance"])
def test_where_memory_runs_out_fewer_are_written_at_once(failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = a_model("llama", **ROTARY)
    one = a_writer(model)
    one.write(drafts_of([(9,)], 1))
    whole = getattr(Table, failing)

    def tight(self: Table, drafts: list[Draft]) -> None:
        if len({*self.rows, *drafts}) > 3:
            raise RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 99 bytes")
        whole(self, drafts)

    monkeypatch.setattr(Table, failing, tight)
    drafts = drafts_of(PROMPTS[:7], temperature=1.0)
    one.write(drafts)
    expect_as_alone(model, drafts)


def test_a_text_that_has_no_memory_alone_ends_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 99 bytes")

    monkeypatch.setattr(Table, "join", none)
    drafts = drafts_of(PROMPTS[:3])
    a_writer(a_model("llama", **ROTARY)).write(drafts)
    assert [draft.finish for draft in drafts] == ["memory"] * 3


def test_keys_and_values_stay_within_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    model = a_model("llama", **ROTARY)
    token_bytes = 2 * 2 * 2 * 8 * 4  # layers, keys and values, heads, size, bytes of a number
    monkeypatch.setattr(table, "STORE_BYTES", token_bytes * 3 * (len(STEM) + 20))
    seen = counted(model)
    drafts = drafts_of([(*STEM[:-1], token) for token in range(50, 60)], 20)
    a_writer(model).write(drafts)
    assert max(count for count in seen[2:] if count < len(STEM)) == 3
    expect_as_alone(model, drafts)


def test_a_closed_writer_takes_nothing_and_does_not_close_while_it_writes() -> None:
    model = a_model("llama", **ROTARY)
    one = a_writer(model)
    begun, stop = threading.Event(), threading.Event()
    (thread,) = in_threads(lambda: one.write([Draft(STEM, 100_000, cancel=stop)], lambda _: begun.set()))
    assert begun.wait(60)
    assert not one.close()
    stop.set()
    thread.join(60)
    assert one.close()
    assert one.close()
    with pytest.raises(WriterClosedError):
        one.write(drafts_of([STEM]))


def test_turns_come_in_the_order_of_asking() -> None:
    turns = Turns()
    order: list[int] = []

    def take(number: int) -> None:
        with turns.turn():
            order.append(number)

    threads: list[threading.Thread] = []
    with turns.turn():
        for number in range(4):
            threads += in_threads(lambda number=number: take(number))
            while len(turns._queue) < number + 2:
                time.sleep(0.001)
        assert turns.wanted
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3]
    assert not turns.wanted


def test_who_waits_for_a_turn_can_stop() -> None:
    turns = Turns()
    stop = threading.Event()
    stop.set()
    with turns.turn():
        with pytest.raises(Cancelled), turns.turn(stop):
            pass
        assert not turns.wanted


def test_reading_gets_its_turn_while_a_long_text_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "_TURN_S", 0.05)
    model = a_model("llama", **ROTARY)
    turns, begun, stop = Turns(), threading.Event(), threading.Event()
    long = Draft(STEM, 100_000, cancel=stop)
    one = Writer(model, tree_limit(model), frozenset(), turns, Trail())
    (thread,) = in_threads(lambda: one.write([long], lambda _: begun.set()))
    assert begun.wait(60)
    with turns.turn():
        written = len(long.tokens)
        assert long.finish is None
    stop.set()
    thread.join(60)
    assert len(long.tokens) >= written
