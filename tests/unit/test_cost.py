"""Estimated cost of an answer."""

from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price

from core.catalogue import load_catalogue
from core.providers.cost import estimate_cost
from core.types import Capabilities, Model, Origin


def model(remote_id: str, endpoint: str | None, provider: str = "openai_like") -> Model:
    return Model(
        id="m",
        name="m",
        provider=provider,
        endpoint=endpoint,
        remote_id=remote_id,
        origin=Origin(base="West", tuner="West"),
        developer="x",
        family="x",
        capabilities=Capabilities(logprobs="top_k"),
        link="https://example.org",
    )


def test_it_is_what_the_price_list_says() -> None:
    subject = model("gpt-4o-mini", "https://api.openai.com/v1")
    known = calc_price(
        Usage(input_tokens=2_000, output_tokens=500), "gpt-4o-mini", provider_api_url="https://api.openai.com/v1"
    ).total_price
    assert estimate_cost(subject, 2_000, 500) == pytest.approx(float(Decimal(known)))


def test_what_is_not_known_is_not_guessed() -> None:
    assert estimate_cost(model("gpt-4o-mini", "https://api.openai.com/v1"), None, None) is None
    assert estimate_cost(model("no-such-model", "https://api.openai.com/v1"), 10, 10) is None
    assert estimate_cost(model("gpt-4o-mini", "http://127.0.0.1:8000/v1"), 10, 10) is None


def test_a_model_on_this_computer_has_no_price() -> None:
    assert estimate_cost(next(iter(load_catalogue().models.values())), 100, 10) is None
