"""How much one visitor of a public demonstration may ask, and of which models."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.errors import InputError, RefusedByProvider
from core.providers.permitted import check_model, may_ask
from core.public import Bucket, check_ask, new_bucket
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
