"""Prompts read as a tree: the plan holds every token once, and the numbers are those of one prompt at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Cancelled
from core.providers.local import forward, tree_attention
from core.providers.local.forward import Trail, forward_last_logits, next_tokens, read_last_logits
from core.providers.local.prefix_tree import Ids, group_branches, known, make_pack, split_packs, unique_tokens
from core.providers.local.tree_check import tree_limit
from core.providers.local.weight_layout import pack_weights

# Few different tokens, so that prompts share beginnings, and some are the beginning of others.
prompt_ids = st.lists(st.integers(0, 2), min_size=1, max_size=12).map(tuple)
prompt_lists = st.lists(prompt_ids, min_size=1, max_size=20)


@given(prompt_lists, prompt_ids, st.integers(1, 40))
def test_packs_hold_each_distinct_prompt_once_and_few_new_tokens(prompts: list[Ids], before: Ids, budget: int) -> None:
    packs = split_packs(prompts, before, budget)
    assert sorted(ids for pack in packs for ids in pack) == sorted(set(prompts))
    for pack in packs:
        planned = make_pack(pack, known(before, pack[0]))
        assert len(pack) == 1 or len(planned.ids) <= budget
        before = pack[-1]


@given(prompt_lists, prompt_ids, st.integers(1, 40))
def test_a_walk_over_the_packs_spells_every_prompt_and_computes_each_beginning_once(
    prompts: list[Ids], begun: Ids, budget: int
) -> None:
    computed = 0
    before = begun
    for pack in split_packs(prompts, begun, budget):
        planned = make_pack(pack, known(before, pack[0]))
        tokens = (*before[: planned.carried], *planned.ids)
        for prompt, branch, end in zip(pack, planned.branches, planned.ends, strict=True):
            own = range(branch.start, branch.start + branch.length)
            places = (*branch.path, *(planned.carried + place for place in own))
            assert tuple(tokens[place] for place in places) == prompt
            assert [planned.depths[place] for place in own] == list(range(len(branch.path), len(prompt)))
            assert end == own[-1]
        assert tuple(tokens[place] for place in planned.path) == pack[-1]
        computed += len(planned.ids)
        before = pack[-1]
    beginnings = {prompt[:length] for prompt in prompts for length in range(1, len(prompt) + 1)}
    assert unique_tokens(prompts) == len(beginnings)
    if not any(prompt == begun[: len(prompt)] for prompt in prompts):
        assert computed == len(beginnings - {begun[:length] for length in range(1, len(begun) + 1)})
    else:  # the last token of a prompt is computed even where it is known
        assert computed <= len(beginnings)


@given(prompt_lists, st.integers(0, 100))
def test_groups_hold_each_branch_once(prompts: list[Ids], slack: int) -> None:
    branches = make_pack(sorted(set(prompts))).branches
    groups = group_branches(branches, 1.3, slack)
    assert sorted(branch for group in groups for branch in group) == sorted(branches)
    for group in groups:
        needed = sum(b.length * (b.length + len(b.path)) for b in group)
        block = len(group) * max(b.length for b in group) * max(b.length + len(b.path) for b in group)
        assert len(group) == 1 or block <= 1.3 * needed + slack


SMALL = {
    "vocab_size": 90,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.5,
}
ROTARY = {**SMALL, "intermediate_size": 48, "num_key_value_heads": 2, "head_dim": 8}


def a_model(kind: str, **more: Any) -> Any:
    """A causal model of random weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, **more)
    return AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()


STEM = tuple(range(20, 50))
PROMPTS: list[Ids] = [
    (*STEM, 1, 2, 3),
    (*STEM, 1, 5, 6, 7),
    (*STEM, 8),
    STEM[:7],
    (*STEM[:20], *range(60, 85)),
    (9,),
    tuple(range(80, 3, -1)),
    (*STEM, 1, 2, 3),
    *((*STEM, 1, token, 9, 10, 11) for token in range(50, 70)),
]


def largest_difference(model: Any, prompts: list[Ids], limit: int) -> float:
    """Between the logits of the batch and those of each prompt alone, over the spread of all."""
    import torch

    found = dict(
        pair for group, rows in read_last_logits(model, prompts, limit) for pair in zip(group, rows, strict=True)
    )
    assert set(found) == set(prompts)
    alone = {ids: forward_last_logits(model, [ids])[0] for ids in found}
    spread = torch.stack(list(alone.values())).std()
    return float(max((found[ids] - alone[ids]).abs().max() for ids in found) / spread)


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("llama", ROTARY),
        ("qwen2", ROTARY),
        ("qwen3", ROTARY),
        ("gpt2", {"vocab_size": 90, "n_embd": 32, "n_layer": 2, "n_head": 4, "initializer_range": 0.5}),
        ("olmo2", ROTARY),
    ],
)
@pytest.mark.parametrize("budget", [16, 60, 512])
def test_a_tree_gives_the_numbers_of_one_prompt_at_a_time(
    kind: str, config: dict[str, Any], budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = a_model(kind, **config)
    assert tree_limit(model) > 1000
    monkeypatch.setattr(forward, "split_packs", lambda prompts, before, _: split_packs(prompts, before, budget))
    assert largest_difference(model, PROMPTS, tree_limit(model)) < 1e-5


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("bloom", {"vocab_size": 90, "hidden_size": 32, "n_layer": 2, "n_head": 4, "initializer_range": 0.5}),
        ("mamba", {"vocab_size": 90, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}),
        ("lfm2", {**ROTARY, "layer_types": ["conv", "full_attention"], "full_attn_idxs": [1]}),
        ("gemma2", {**ROTARY, "query_pre_attn_scalar": 8, "attn_logit_softcapping": 5.0}),
        ("llama", {**ROTARY, "vocab_size": 20}),
    ],
)
def test_a_model_that_cannot_be_read_as_a_tree_is_read_side_by_side(kind: str, config: dict[str, Any]) -> None:
    model = a_model(kind, **config)
    before = model.config._attn_implementation
    assert tree_limit(model) == 0
    assert model.config._attn_implementation == before
    prompts = [tuple(token % model.config.vocab_size for token in ids) for ids in PROMPTS]
    assert largest_difference(model, prompts, 0) < 1e-4


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("mistral", {**ROTARY, "sliding_window": 32}),
        ("gemma3_text", {**ROTARY, "sliding_window": 16, "layer_types": ["sliding_attention", "full_attention"]}),
    ],
)
def test_prompts_beyond_a_sliding_window_are_read_as_a_tree(kind: str, config: dict[str, Any]) -> None:
    model = a_model(kind, **config)
    assert tree_limit(model) > 1000
    assert largest_difference(model, PROMPTS, 1000) < 1e-5


def test_prompts_beyond_a_window_that_no_layer_tells_are_read_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(*given: Any, sliding_window: int | None = None, **wishes: Any) -> Any:
        return attend(*given, **wishes)

    attend = tree_attention.attend
    monkeypatch.setattr(tree_attention, "attend", deaf)
    model = a_model("mistral", **ROTARY, sliding_window=32)
    assert tree_limit(model) == 32
    assert largest_difference(model, PROMPTS, 32) < 1e-5
    assert largest_difference(model, PROMPTS, 1000) > 1e-3


@pytest.mark.parametrize("limit", [0, 1000])
def test_each_distinct_prompt_is_computed_once(limit: int) -> None:
    groups = [group for group, _ in read_last_logits(a_model("llama", **ROTARY), PROMPTS * 3, limit)]
    assert sorted(ids for group in groups for ids in group) == sorted(set(PROMPTS))


def test_a_tree_computes_what_is_shared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = a_model("llama", **ROTARY)
    seen: list[int] = []
    model.register_forward_pre_hook(
        lambda module, args, named: seen.append(named["input_ids"].numel()), with_kwargs=True
    )
    monkeypatch.setattr(forward, "split_packs", lambda prompts, before, _: split_packs(prompts, before, 40))
    list(read_last_logits(model, PROMPTS, 1000))
    assert len(seen) > 1
    assert sum(seen) == unique_tokens(PROMPTS)


def one_call(model: Any, prompts: list[Ids], trail: Trail) -> float:
    """The largest difference of the logits read along ``trail`` from those of each prompt alone, over their spread."""
    import torch

    read = read_last_logits(model, prompts, 1000, None, trail)
    found = dict(pair for group, rows in read for pair in zip(group, rows, strict=True))
    alone = {ids: forward_last_logits(model, [ids])[0] for ids in found}
    spread = torch.stack(list(alone.values())).std()
    return float(max((found[ids] - alone[ids]).abs().max() for ids in found) / spread)


CALLS = [
    PROMPTS,
    PROMPTS[:2],
    PROMPTS,
    [(*STEM, 1, 69, 9), (*STEM, 1, 2, 3), (2, 3)],
    [STEM[:9], (*STEM, 1, 69, 9, 10, 11)],
    [(5,), (6, 7)],
]


@pytest.mark.parametrize("budget", [16, 512])
@pytest.mark.parametrize("remembered", [5, 33, 256])
def test_along_a_trail_each_call_gives_the_numbers_of_one_prompt_at_a_time(
    budget: int, remembered: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "split_packs", lambda prompts, before, _: split_packs(prompts, before, budget))
    monkeypatch.setattr(forward, "TRAIL_TOKENS", remembered)
    model = a_model("llama", **ROTARY)
    trail = Trail()
    for prompts in CALLS:
        assert one_call(model, prompts, trail) < 1e-5
        assert 0 < len(trail.ids) <= remembered
        assert all(len(keys) == len(values) == len(trail.ids) for keys, values in trail.carried.values())


def test_along_a_trail_what_the_last_call_ended_with_is_not_computed_again() -> None:
    model = a_model("llama", **ROTARY)
    trail = Trail()
    seen: list[int] = []
    model.register_forward_pre_hook(
        lambda module, args, named: seen.append(named["input_ids"].numel()), with_kwargs=True
    )
    prompts: list[Ids] = [(*STEM, token, 9, 10) for token in range(50, 60)]
    list(read_last_logits(model, prompts[:5], 1000, None, trail))
    list(read_last_logits(model, prompts[5:], 1000, None, trail))
    list(read_last_logits(model, prompts[5:], 1000, None, trail))
    assert seen == [len(STEM) + 5 * 3, 5 * 3, 4 * 3 + 1]


def test_a_trail_is_forgotten_where_a_call_was_stopped() -> None:
    model = a_model("llama", **ROTARY)
    trail = Trail()
    list(read_last_logits(model, PROMPTS, 1000, None, trail))
    assert trail.ids
    cancel = threading.Event()
    hook = model.model.layers[0].register_forward_hook(lambda *_: cancel.set())
    with pytest.raises(Cancelled):
        list(read_last_logits(model, PROMPTS, 1000, cancel, trail))
    hook.remove()
    assert trail == Trail()
    assert one_call(model, PROMPTS, trail) < 1e-5


def test_stopping_takes_effect_between_two_layers() -> None:
    model = a_model("llama", **ROTARY)
    cancel = threading.Event()
    model.model.layers[0].register_forward_hook(lambda *_: cancel.set())
    reached: list[int] = []
    model.model.layers[1].mlp.register_forward_hook(lambda *_: reached.append(1))
    with pytest.raises(Cancelled):
        list(read_last_logits(model, PROMPTS, 1000, cancel))
    assert reached == []
    assert largest_difference(model, PROMPTS, 1000) < 1e-5


def test_a_pack_without_memory_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    model = a_model("llama", **ROTARY)
    whole: Callable[..., Any] = forward.forward_pack
    calls: list[int] = []

    def second_fails(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 99 bytes")
        return whole(*args)

    monkeypatch.setattr(forward, "forward_pack", second_fails)
    monkeypatch.setattr(forward, "split_packs", lambda prompts, before, _: split_packs(prompts, before, 40))
    answers = list(read_last_logits(model, PROMPTS, 1000))
    assert [isinstance(rows, RuntimeError) for _, rows in answers].count(True) == 1
    for group, rows in answers:
        for ids, row in zip(group, rows, strict=True) if not isinstance(rows, RuntimeError) else ():
            assert (row - forward_last_logits(model, [ids])[0]).abs().max() < 1e-3


def test_another_failure_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise RuntimeError("the shapes do not fit")

    monkeypatch.setattr(forward, "forward_pack", broken)
    with pytest.raises(RuntimeError, match="shapes"):
        list(read_last_logits(a_model("llama", **ROTARY), PROMPTS, 1000))


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("llama", ROTARY),
        ("gpt2", {"vocab_size": 90, "n_embd": 32, "n_layer": 2, "n_head": 4, "initializer_range": 0.5}),
        ("mamba", {"vocab_size": 90, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}),
        ("lfm2", {**ROTARY, "layer_types": ["conv", "full_attention"], "full_attn_idxs": [1]}),
    ],
)
def test_what_a_model_remembers_while_it_writes_changes_no_token(kind: str, config: dict[str, Any]) -> None:
    model = a_model(kind, **config)
    ids: Ids = STEM
    for token, logits in islice(next_tokens(model, STEM), 8):
        anew = forward_last_logits(model, [ids])[0]
        assert token == int(anew.argmax())
        assert (logits - anew).abs().max() < 1e-3 * anew.std()
        ids = (*ids, token)


def test_nothing_to_read_gives_nothing() -> None:
    assert list(read_last_logits(object(), [], 1000)) == []


@pytest.mark.model
def test_the_built_in_model_gives_the_same_probabilities_as_one_prompt_at_a_time(
    builtin_model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from core.prompts.render import render_question
    from core.providers.chat import render_messages
    from core.surveys import SURVEYS
    from core.types import Persona, Variant, cyclic_orders

    model = AutoModelForCausalLM.from_pretrained(builtin_model_dir, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(builtin_model_dir)
    questions = list(SURVEYS["wvs7"]().questions().values())
    prompts = [
        render_messages(tokenizer, render_question(question, persona, Variant(order=order)).messages).ids
        for question in (questions[0], questions[-1])
        for persona in (Persona(), Persona(country="NGA", age="50+"))
        for order in cyclic_orders(len(question.options))
    ]
    assert tree_limit(model) > 1000
    assert len(split_packs(prompts, (), 512)) > 1
    monkeypatch.setattr(forward, "split_packs", lambda prompts, before, _: split_packs(prompts, before, 512))
    checked = sorted(set(prompts))[::6]
    with torch.inference_mode():
        alone = {ids: model(input_ids=torch.tensor([ids])).logits[0, -1].softmax(-1) for ids in checked}
    for laid_out in (False, True):
        if laid_out and torch.backends.mkldnn.is_available():
            assert pack_weights(model) == 210  # 30 layers of seven
        found = {}
        for group, rows in read_last_logits(model, prompts, tree_limit(model)):
            found.update(zip(group, rows, strict=True))
        for ids, wanted in alone.items():
            assert (found[ids].softmax(-1) - wanted).abs().max() < 1e-4
