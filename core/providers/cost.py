"""Estimates what an answer cost, from the tokens that the endpoint counted and the list prices in ``genai-prices``.

Discounts, cached prompts, taxes and prices newer than the list are not included.
"""

from __future__ import annotations

from functools import lru_cache

from core.types import Model


def estimate_cost(model: Model, tokens_in: int | None, tokens_out: int | None) -> float | None:
    """US dollars for so many tokens.

    ``None`` where no price is known, as for models on this computer, or where the tokens were not counted.
    """
    if model.provider in ("local", "mock") or (tokens_in is None and tokens_out is None):
        return None
    prices = _prices(model.remote_id, model.endpoint, model.provider)
    if prices is None:
        return None
    return prices[0] * (tokens_in or 0) + prices[1] * (tokens_out or 0)


@lru_cache(maxsize=512)
def _prices(remote_id: str, endpoint: str | None, provider: str) -> tuple[float, float] | None:
    """US dollars per token read and per token written, for short prompts; ``None`` where the list lacks the model."""
    from genai_prices import Usage, calc_price

    sample = 1_000  # short prompts only: some lists charge more from a certain length on
    usage = Usage(input_tokens=sample, output_tokens=sample)
    address = endpoint or ("https://api.anthropic.com" if provider == "anthropic" else None)
    if address is None:
        return None
    try:
        found = calc_price(usage, remote_id, provider_api_url=address)
    except LookupError:
        return None
    return float(found.input_price) / sample, float(found.output_price) / sample
