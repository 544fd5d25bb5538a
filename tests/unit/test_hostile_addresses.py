"""Addresses that a reader types for an endpoint: taken or refused in words, and never those that tell secrets."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given

from core.errors import InputError
from core.providers.hosted.endpoints import bound_to, check_endpoint
from tests.unit.hostile import ANY, MANY


@MANY
@given(ANY | ANY.map(lambda text: f"http://{text}") | ANY.map(lambda text: f"https://h.example/{text}"))
def test_any_address_is_taken_or_refused_in_words(text: str) -> None:
    with suppress(InputError):
        assert check_endpoint(text).lower().startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "2852039166",
        "0xA9FEA9FE",
        "0251.0376.0251.0376",
        "[fd00:ec2::254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "metadata.google.internal.",
        "１６９.254.169.254",
        "169。254。169。254",
    ],
)
def test_no_spelling_of_a_metadata_address_is_called(host: str, configure: Callable[..., None]) -> None:
    configure(private_endpoints=True)
    with pytest.raises(InputError):
        check_endpoint(f"http://{host}/v1")


@pytest.mark.parametrize("host", ["localhost", "127.1", "[::1]", "x.localhost", "2130706433"])
def test_this_computer_is_called_only_while_nobody_else_can_open_the_app(
    host: str, configure: Callable[..., None]
) -> None:
    url = f"http://{host}:8000/v1"
    try:
        bound_to("localhost")
        assert check_endpoint(url)
        bound_to("0.0.0.0")
        with pytest.raises(InputError, match="others can open"):
            check_endpoint(url)
        bound_to(None)  # nothing said: Streamlit then listens on every address
        with pytest.raises(InputError, match="others can open"):
            check_endpoint(url)
        configure(loopback_endpoints=True)
        assert check_endpoint(url)
    finally:
        bound_to("localhost")


def test_a_host_that_the_settings_name_is_called_wherever_it_is(configure: Callable[..., None]) -> None:
    configure(allowed_hosts="10.0.0.5, vllm.lan:8000", public=True)
    assert check_endpoint("http://10.0.0.5/v1")
    assert check_endpoint("http://vllm.lan:8000/v1")
    with pytest.raises(InputError):
        check_endpoint("http://10.0.0.6/v1")
