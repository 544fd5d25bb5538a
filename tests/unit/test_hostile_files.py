"""Files of a user's own: models, dilemmas, specs of runs; and settings of the environment."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import catalogue
from core.audits import AUDITS
from core.catalogue import load_catalogue
from core.cli.specs import persona, read_order
from core.errors import InputError
from core.runs import parse_spec
from core.settings import PREFIX, Settings, wrong_values
from core.surveys.dilemmas import read_dilemmas
from core.types import Model
from tests.unit.hostile import ANY, CLEAN, MANY, VALUES, in_words

FILE = settings(MANY, suppress_health_check=[HealthCheck.function_scoped_fixture])


def toml(value: object) -> str:
    """A value in TOML, as near as it comes; what cannot be said stays as it is, which is hostile too."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(k))} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


TABLES = st.dictionaries(CLEAN | st.sampled_from(sorted(Model.model_fields)), VALUES, max_size=4).map(
    lambda table: "\n".join(f"{json.dumps(k)} = {toml(v)}" for k, v in table.items())
)
ANY_FILE = st.binary(max_size=80) | ANY.map(lambda text: text.encode("utf-8", "surrogatepass")) | TABLES.map(str.encode)


@pytest.fixture
def small(tmp_path: Path, monkeypatch) -> None:
    """One shipped model is enough to be left alone, and is read a thousand times sooner than all."""
    name = "smollm2-135m-instruct"
    table = tomllib.loads(catalogue.SHIPPED.read_text("utf-8"))[name]
    (tmp_path / "shipped.toml").write_text(f"[{name}]\n" + "\n".join(f"{k} = {toml(v)}" for k, v in table.items()))
    monkeypatch.setattr(catalogue, "SHIPPED", tmp_path / "shipped.toml")


@FILE
@given(ANY_FILE | st.tuples(CLEAN, TABLES).map(lambda p: f"[{json.dumps(p[0])}]\n{p[1]}".encode()))
def test_a_models_file_of_anything_costs_only_its_own_tables(
    tmp_path: Path, configure, small: None, content: bytes
) -> None:
    (tmp_path / "models.toml").write_bytes(content)
    configure(models=tmp_path / "models.toml")
    found = load_catalogue()
    assert "smollm2-135m-instruct" in found.models
    assert all(problem.sentence("zh") for problem in found.problems)


@FILE
@given(ANY_FILE | TABLES.map(lambda text: f"[[dilemma]]\n{text}".encode()))
def test_a_dilemmas_file_of_anything_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "own.toml").write_bytes(content)
    assert in_words(lambda: read_dilemmas(tmp_path / "own.toml")) is None


@FILE
@given(st.sampled_from(["own.toml", "own.json"]), ANY_FILE | VALUES.map(json.dumps).map(str.encode))
def test_a_spec_file_of_anything_is_read_or_refused_in_words(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    order = in_words(lambda: read_order(tmp_path / name))
    assert order is None or order.audit is not None


@MANY
@given(st.sampled_from(list(AUDITS)), VALUES, st.data())
def test_a_spec_of_anything_is_refused_in_words_or_used(audit: str, values: object, data) -> None:
    field = data.draw(st.sampled_from(sorted(AUDITS[audit]().Spec.model_fields)))
    for given_ in (values, {field: values}, {"models": ["mock"], field: values}):
        in_words(lambda given_=given_: parse_spec(audit, given_), InputError)


@MANY
@given(ANY)
def test_a_persona_of_a_command_is_read_or_refused_in_words(text: str) -> None:
    in_words(lambda: persona(text), InputError)


@MANY
@given(st.sampled_from(sorted(Settings.model_fields)), CLEAN.filter(lambda text: "\x00" not in text))
def test_a_setting_of_anything_is_used_or_named(field: str, value: str) -> None:
    name, before = f"{PREFIX}{field.upper()}", os.environ.get(f"{PREFIX}{field.upper()}")
    os.environ[name] = value
    try:
        wrong = wrong_values()
        assert set(wrong) <= {name}
        assert all(0 < len(what.message()) < 500 for what in wrong.values())
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before
