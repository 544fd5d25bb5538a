"""Hostile text and addresses at the borders: shown, exported, called; and how much one visitor may ask."""

from __future__ import annotations

import csv
import io
import string
from collections.abc import Callable
from contextlib import suppress

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.charts.export import to_csv
from core.errors import InputError, RefusedByProvider
from core.providers.endpoints import bound_to, check_endpoint
from core.providers.permitted import check_model, may_ask
from core.public import Bucket, check_ask, new_bucket
from core.safe_text import plain, safe_cell, visible, whole
from tests.unit.audit_child import mock_model

ANY = st.text(st.characters(), max_size=60) | st.text(string.punctuation + " \t\r\nwW1h", max_size=40)
MANY = settings(max_examples=1_000, derandomize=True, deadline=None)


@MANY
@given(ANY)
def test_plain_text_keeps_its_letters_and_leaves_no_sign_unescaped(text: str) -> None:
    made = plain(text)
    bare, place = [], 0
    while place < len(made):
        if made[place] == "\\":
            place += 1
        else:
            assert made[place] not in "`*_[]<>#|~$:&!@^"
        bare.append(made[place])
        place += 1
    assert "".join(bare).replace("\u2060", "") == visible(text).replace("\u2060", "")
    assert "\n" not in made
    made.encode()


@MANY
@given(ANY.map(whole))
def test_no_cell_of_a_csv_starts_a_formula_and_other_text_is_exact(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(to_csv(pd.DataFrame({"a": [text + "."]})).decode("utf-8-sig"), newline=""))
    assert row[0] in (whole(text + "."), f"'{whole(text + '.')}")
    assert row[0][:1] not in tuple("=+-@\t\r")
    assert safe_cell("plain") == "plain"


def test_names_of_columns_are_safe_and_numbers_stay_numbers() -> None:
    told = to_csv(pd.DataFrame({"=cmd()": [-1.5], "b": ["-1"]})).decode("utf-8-sig").splitlines()
    assert told == ["'=cmd(),b", "-1.5,'-1"]


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
