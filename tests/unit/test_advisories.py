"""The audit of dependencies fails on findings, and says so where it could not look."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

CI = Path(__file__).resolve().parents[2] / ".ci"
PACKAGES = {"duckdb": "2.0.0", "rich": "15.0.0"}
FOUND = {"id": "GHSA-1", "aliases": ["CVE-1"], "fix_versions": ["2.0.1"]}
CANARY = {"jinja2": [{"id": "GHSA-0"}]}


@pytest.fixture
def advisories(monkeypatch):
    monkeypatch.syspath_prepend(str(CI))
    spec = importlib.util.spec_from_file_location("advisories", CI / "advisories.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("licences", None)


def answers(*reports):
    left = list(reports)
    return lambda packages: left.pop(0)


@pytest.mark.parametrize("canary", [None, {}, {"jinja2": []}])
def test_a_service_that_is_not_reached_is_said_and_fails_nothing(advisories, canary) -> None:
    words, code = advisories.audit(answers(canary), PACKAGES, {})
    assert code == 0
    assert "NOTHING WAS AUDITED" in words


def test_a_service_that_stops_answering_is_said(advisories) -> None:
    words, code = advisories.audit(answers(CANARY, None), PACKAGES, {})
    assert (code, "NOTHING WAS AUDITED" in words) == (0, True)


def test_a_finding_fails_and_names_the_version_that_mends_it(advisories) -> None:
    words, code = advisories.audit(answers(CANARY, {"duckdb": [FOUND], "rich": []}), PACKAGES, {})
    assert code == 1
    assert "VULNERABLE duckdb 2.0.0 GHSA-1: fixed in 2.0.1" in words
    assert "2 of 2 packages" in words


def test_a_finding_that_was_looked_at_passes_with_its_reason_by_any_of_its_names(advisories) -> None:
    ignored = {"CVE-1": {"reason": "the command is not used"}, "CVE-2": {"reason": "gone"}}
    words, code = advisories.audit(answers(CANARY, {"duckdb": [FOUND]}), PACKAGES, ignored)
    assert code == 0
    assert "ignored duckdb 2.0.0 GHSA-1: looked at: the command is not used" in words
    assert "CVE-2 in advisories.toml is no longer found" in words
    assert "not audited rich 15.0.0" in words


def test_everything_that_is_installed_for_the_app_is_asked_about(advisories) -> None:
    found = advisories.installed()
    assert {"streamlit", "duckdb", "torch", "hypothesis", "jinja2"} <= set(found)
    assert not any("+" in version for version in found.values())


def test_a_program_that_is_not_there_gives_no_report(advisories) -> None:
    assert advisories.pip_audit("/no/such/pip-audit")(PACKAGES) is None


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_version_has_an_upper_bound(name: str) -> None:
    lines = [line.split("#")[0].strip() for line in (CI.parent / name).read_text("utf-8").splitlines()]
    wanted = [Requirement(line) for line in lines if line and not line.startswith("-")]
    assert wanted
    assert not [str(one) for one in wanted if not any(part.operator in ("<", "==") for part in one.specifier)]
