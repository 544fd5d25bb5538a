"""Weights laid out for the processor give the same numbers, and a model that would not stays as it was."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from core.providers.local import weight_layout
from core.providers.local.forward import forward_last_logits, next_tokens
from core.providers.local.tree_check import tree_limit
from core.providers.local.weight_layout import pack_weights
from tests.unit.test_forward import PROMPTS, ROTARY, a_model, largest_difference

GPT2 = {"vocab_size": 90, "n_embd": 32, "n_layer": 2, "n_head": 4, "initializer_range": 0.5}


@pytest.mark.parametrize(
    ("kind", "config", "layers"),
    [
        ("llama", {**ROTARY, "tie_word_embeddings": True}, 14),
        ("llama", {**ROTARY, "tie_word_embeddings": False}, 15),
        ("qwen2", {**ROTARY, "tie_word_embeddings": False}, 15),
        ("qwen3", {**ROTARY, "tie_word_embeddings": True}, 14),
    ],
)
def test_the_same_logits_and_the_same_tokens_come_out(kind: str, config: dict[str, Any], layers: int) -> None:
    model, plain = a_model(kind, **config), a_model(kind, **config)
    assert pack_weights(model) == layers
    wanted, found = (forward_last_logits(one, PROMPTS) for one in (plain, model))
    assert (found - wanted).abs().max() <= 1e-5 * wanted.std()
    assert largest_difference(model, PROMPTS, tree_limit(model)) < 1e-5
    told = [[token for token, _ in islice(next_tokens(one, PROMPTS[0]), 6)] for one in (plain, model)]
    assert told[0] == told[1]


def test_in_bfloat16_they_are_laid_out_too_where_the_processor_can() -> None:
    import torch

    model, plain = (a_model("llama", **ROTARY).to(torch.bfloat16) for _ in range(2))
    assert pack_weights(model) == (14 if torch.ops.mkldnn._is_mkldnn_bf16_supported() else 0)
    wanted, found = (forward_last_logits(one, PROMPTS).float() for one in (plain, model))
    assert (found - wanted).square().mean().sqrt() <= 1e-2 * wanted.std()
    assert model.dtype == torch.bfloat16


def test_the_layouts_take_the_place_of_the_weights() -> None:
    model = a_model("llama", **ROTARY)
    shared = model.get_input_embeddings().weight.numel()
    pack_weights(model)
    assert sum(p.numel() for p in model.parameters()) <= 2 * shared + 1_000
    assert str(model.dtype) == "torch.float32"


@pytest.mark.parametrize("failing", ["_lay_out", "_logits"])
def test_a_model_that_stumbles_stays_as_it_was(failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = a_model("llama", **ROTARY)
    wanted = forward_last_logits(model, PROMPTS)
    whole, calls = getattr(weight_layout, failing), []

    def second_fails(given: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("no kernel")
        return whole(given)

    monkeypatch.setattr(weight_layout, failing, second_fails)
    assert pack_weights(model) == 0
    assert forward_last_logits(model, PROMPTS).equal(wanted)


def test_other_numbers_are_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    model = a_model("llama", **ROTARY)
    wanted, whole = forward_last_logits(model, PROMPTS), weight_layout._product
    monkeypatch.setattr(weight_layout, "_product", lambda *given: whole(*given) * 1.01)
    assert pack_weights(model) == 0
    assert forward_last_logits(model, PROMPTS).equal(wanted)


def test_large_models_and_those_without_linear_layers_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    gpt2 = a_model("gpt2", **GPT2, tie_word_embeddings=True)
    assert pack_weights(gpt2) == 0
    monkeypatch.setattr(weight_layout, "_MOST_BYTES", 1_000)
    assert pack_weights(a_model("llama", **ROTARY)) == 0
