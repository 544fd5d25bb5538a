"""Feed-forward parts computed in place give the very same numbers; other kinds of part stay as they are."""

from __future__ import annotations

from typing import Any

import pytest

from core.providers.local.feed_forward import compute_in_place
from core.providers.local.forward import forward_last_logits
from tests.unit.test_forward import PROMPTS, ROTARY, a_model


@pytest.mark.parametrize("kind", ["llama", "qwen2", "qwen3", "mistral"])
def test_the_same_logits_come_out_of_every_part(kind: str) -> None:
    model = a_model(kind, **ROTARY)
    wanted = forward_last_logits(model, PROMPTS)
    assert compute_in_place(model) == model.config.num_hidden_layers
    assert forward_last_logits(model, PROMPTS).equal(wanted)


@pytest.mark.parametrize("changed", [{"hidden_act": "gelu"}, {"hidden_act": "relu"}])
def test_parts_with_another_activation_stay_as_they_are(changed: dict[str, Any]) -> None:
    model = a_model("llama", **{**ROTARY, **changed})
    wanted = forward_last_logits(model, PROMPTS)
    assert compute_in_place(model) == 0
    assert forward_last_logits(model, PROMPTS).equal(wanted)


def test_what_is_read_twice_is_not_overwritten() -> None:
    import torch

    model = a_model("llama", **ROTARY)
    part = model.model.layers[0].mlp
    compute_in_place(model)
    rows = torch.randn(3, model.config.hidden_size)
    before = rows.clone()
    with torch.inference_mode():
        assert part(rows).equal(part(rows))
    assert rows.equal(before)


def test_a_part_that_is_called_in_another_way_stays_as_it_was() -> None:
    import torch

    class Routed(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gate_proj, self.up_proj, self.down_proj = (torch.nn.Linear(4, 4) for _ in range(3))

        def forward(self, rows: torch.Tensor, route: torch.Tensor) -> torch.Tensor:
            gated = torch.nn.functional.silu(self.gate_proj(rows)) * self.up_proj(rows)
            found: torch.Tensor = self.down_proj(gated) * route
            return found

    model = a_model("llama", **ROTARY)
    model.routed = Routed()
    assert compute_in_place(model) == model.config.num_hidden_layers
    assert "forward" not in model.routed.__dict__
