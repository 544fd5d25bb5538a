"""Addresses that a reader types for an endpoint: taken or refused in words, and never those that tell secrets."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given

from core.errors import InputError
from core.providers.hosted.endpoints import bound_to, check_endpoint
from core.providers.hosted.reserved import reserved
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


@pytest.mark.parametrize(
    "host",
    [
        "168.63.129.16",  # Azure's platform, an address of the public internet
        "100.100.100.200",
        "192.0.0.192",
        "169.254.170.2",
        "[fd00:ec2::23]",
        "[fd00:c1::a9fe:a9fe]",
        "[fd00:42::42]",
        "[::ffff:168.63.129.16]",
        "[64:ff9b::a83f:8110]",
        "metadata.tencentyun.com",
        "METADATA.goog.",
    ],
)
def test_places_of_clouds_are_refused_whatever_the_settings(host: str, configure: Callable[..., None]) -> None:
    configure(private_endpoints=True)
    with pytest.raises(InputError):
        check_endpoint(f"http://{host}/v1")


@pytest.mark.parametrize(
    "host",
    ["64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001:2::1", "2001:db8::1", "3fff::1", "5f00::1", "fd12::1", "fec0::1"],
)
def test_ranges_that_are_not_the_internet_need_the_setting(host: str, configure: Callable[..., None]) -> None:
    with pytest.raises(InputError):
        check_endpoint(f"http://[{host}]/v1")
    configure(private_endpoints=True)
    assert check_endpoint(f"http://[{host}]/v1")


@pytest.mark.parametrize("host", ["93.184.216.34", "[2606:2800:220:1:248:1893:25c8:1946]", "[64:ff9b::5db8:d822]"])
def test_addresses_of_the_internet_are_taken(host: str) -> None:
    assert check_endpoint(f"https://{host}/v1")


def test_each_entry_of_the_table_is_refused_by_itself() -> None:
    table = reserved()
    for address in (*table.addresses, *(network[1] for network in (*table.metadata, *table.ranges))):
        with pytest.raises(InputError):
            check_endpoint(f"http://[{address}]/v1" if address.version == 6 else f"http://{address}/v1")
