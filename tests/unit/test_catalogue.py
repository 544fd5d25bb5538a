from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from core.catalogue import available, ending, load_catalogue
from core.errors import DataError
from core.providers.local.builtin import BUILTIN

NOVEMBER = date(2026, 11, 27)

ENTRY = """
["my-model"]
name = "Mine"
provider = "local"
remote_id = "./models/mine"
developer = "me"
family = "Mine"
origin = { base = "West", tuner = "China" }
link = "https://example.org/mine"
capabilities = { logprobs = "full" }
"""


@pytest.fixture
def own(tmp_path: Path, configure: Callable[..., None]) -> Callable[[str], None]:
    def write(text: str) -> None:
        path = tmp_path / "models.toml"
        path.write_text(text, "utf-8")
        configure(models=path)

    return write


def test_the_shipped_models() -> None:
    catalogue = load_catalogue()
    assert catalogue.problems == ()
    assert next(iter(catalogue.models.values())).remote_id == BUILTIN  # the first entry is the app's default
    for name, model in catalogue.models.items():
        assert model.id == name
        assert model.link.startswith("https://")
    today = available(catalogue.models, NOVEMBER)
    assert len(today) >= 60
    for side in ("China", "West"):
        built = sum(model.origin.base == side for model in today.values() if model.provider != "mock")
        assert 0.4 <= built / len([model for model in today.values() if model.provider != "mock"]) <= 0.6
    for model in catalogue.models.values():
        told = model.capabilities
        assert (told.top_k is not None) == (told.logprobs == "top_k")
        assert told.top_k is None or told.top_k <= 20
        assert told.logprobs == "none" or not told.reasoning  # a model that thinks first tells none
        if model.provider in ("openai_like", "anthropic"):
            assert model.endpoint
            assert model.endpoint.startswith("https://")
            assert model.key_variable
    wanted = {"Qwen/Qwen2.5-0.5B-Instruct", "Qwen/Qwen3-0.6B", "meta-llama/Llama-3.2-1B-Instruct"}
    assert wanted | {"google/gemma-3-270m-it"} <= {model.remote_id for model in catalogue.models.values()}


def test_the_mock_is_there_only_when_asked_for(configure: Callable[..., None]) -> None:
    configure(mock=False)
    assert all(model.provider != "mock" for model in load_catalogue().models.values())
    configure(mock=True)
    names = [model.name for model in load_catalogue().models.values() if model.provider == "mock"]
    assert "Mock (made-up answers)" in names
    assert all("made-up" in name for name in names)


def test_own_models_are_added(own: Callable[[str], None]) -> None:
    own(ENTRY)
    catalogue = load_catalogue()
    assert catalogue.problems == ()
    assert catalogue.models["my-model"].origin.label == "West/China"
    assert "qwen3-0.6b" in catalogue.models


def test_a_known_model_can_be_changed_in_part(own: Callable[[str], None]) -> None:
    before = load_catalogue().models["qwen3-0.6b"]
    own('["qwen3-0.6b"]\nrevision = "abc"\n')
    assert load_catalogue().models["qwen3-0.6b"] == before.model_copy(update={"revision": "abc"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[bad]\nname = "x"\n' + ENTRY, r"bad\.provider"),
        ('["qwen3-0.6b"]\nparameters = -1\n' + ENTRY, r"qwen3-0\.6b\.parameters"),
        ('["qwen3-0.6b"]\ncolour = "red"\n' + ENTRY, r"qwen3-0\.6b\.colour"),
        ('["qwen3-0.6b"]\nprovider = "lokal"\n' + ENTRY, "lokal.*local"),
        ('loose = "x"\n' + ENTRY, "loose"),
    ],
)
def test_a_bad_table_costs_only_itself(own: Callable[[str], None], text: str, says: str) -> None:
    own(text)
    catalogue = load_catalogue()
    assert any(re.search(says, problem.message) for problem in catalogue.problems)
    assert all(isinstance(problem, DataError) and problem.hint for problem in catalogue.problems)
    assert "my-model" in catalogue.models
    assert catalogue.models["qwen3-0.6b"].provider == "local"


@pytest.mark.parametrize("text", ["[unclosed", "= 3"])
def test_a_bad_file_leaves_the_shipped_models(own: Callable[[str], None], text: str) -> None:
    own(text)
    catalogue = load_catalogue()
    assert "smollm2-135m-instruct" in catalogue.models
    assert len(catalogue.problems) == 1
    assert "TOML" in catalogue.problems[0].message


def test_a_missing_file_is_a_problem_too(tmp_path: Path, configure: Callable[..., None]) -> None:
    configure(models=tmp_path / "absent.toml")
    catalogue = load_catalogue()
    assert catalogue.models
    assert "cannot be read" in catalogue.problems[0].message


def test_catalogue_and_providers_need_no_torch() -> None:
    code = """
import sys
import core.providers, core.providers.local.provider, core.providers.mock, core.catalogue
core.catalogue.load_catalogue()
for name in core.providers.PROVIDERS:
    core.providers.get_provider(name)
print([name for name in ("torch", "transformers", "huggingface_hub") if name in sys.modules])
"""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_retired_names_leave_the_pickers_and_stay_in_the_catalogue() -> None:
    models = load_catalogue().models
    today = available(models, NOVEMBER)
    gone = {"llama-3.3-70b-groq", "qwen3-max", "qwen3-32b", "kimi-k2.5-cn", "doubao-1.5-pro-32k", "hunyuan-turbos"}
    assert gone <= set(models)
    assert not gone & set(today)
    assert "claude-sonnet-4-5" in today
    assert "claude-sonnet-4-5" not in available(models, date(2026, 11, 30))


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("gemini-2.5-flash", {"retires": date(2026, 12, 1), "redirects": True, "successor": "gemini-3.5-flash-lite"}),
        ("claude-sonnet-4-5", {"retires": date(2026, 11, 30), "successor": "claude-sonnet-5-5"}),
        ("gpt-5", {"retires": date(2026, 12, 11)}),
        ("gpt-5-mini", {"retires": date(2026, 12, 11)}),
        ("gpt-4o", {"retires": date(2027, 1, 14)}),
        ("gpt-4.1-mini", {"retires": date(2027, 1, 14)}),
        ("claude-opus-4-5", {"retires": date(2027, 1, 22), "successor": "claude-opus-5-5"}),
        ("claude-opus-5-5", {"always_thinks": True}),
        ("llama-3.3-70b-groq", {"retires": date(2026, 8, 16)}),
        ("deepseek-v4-flash", {"redirects": True, "successor": "deepseek-flash"}),
        ("qwen3-235b-a22b-instruct-2507", {"retires": date(2026, 10, 10)}),
        ("kimi-k2.5-cn", {"retires": date(2026, 8, 31)}),
        ("kimi-k2.6", {"retires": date(2026, 12, 31)}),
        ("kimi-k3.1-pro", {"always_thinks": True}),
        ("doubao-1.5-pro-32k", {"retires": date(2026, 5, 13)}),
        ("doubao-seed-1.6", {"confirmed": False}),
        ("hunyuan-turbos", {"retires": date(2026, 5, 31), "successor": "hy3"}),
        ("hy3", {"endpoint": "https://tokenhub.tencentmaas.com/v1"}),
        ("minimax-m2", {"redirects": True}),
        ("minimax-m3.1-flash", {"always_thinks": True}),
        ("glm-5.3", {"always_thinks": True}),
        ("grok-4.3", {"probabilities_with": "none"}),
        ("grok-4.7", {"always_thinks": True}),
        ("gpt-5.6-sol", {"probabilities_with": "none"}),
        ("gpt-6-astra", {"always_thinks": True}),
        ("muse-wonder-1.0", {"always_thinks": True}),
        *((name, {"confirmed": False}) for name in ("yi-lightning", "baichuan4-turbo", "ernie-5.1", "step-5-preview")),
        *((name, {"confirmed": False}) for name in ("mimo-v2.6-pro", "command-a-03-2025", "dola-seed-2-1-turbo")),
        *((name, {"confirmed": False}) for name in ("longcat-2.5-preview", "deepseek-v3-0324-openrouter")),
        *((name, {"provider": "local"}) for name in ("phi-4", "phi-4-mini-instruct", "gemma-4-31b-it", "qwen3.5-9b")),
        *((name, {}) for name in ("claude-mythos-5-2", "gemini-4-carbon", "gpt-oss-20b-groq", "qwen3.8-27b")),
    ],
)
def test_the_catalogue_is_that_of_november_2026_entry_by_entry(name: str, facts: dict[str, object]) -> None:
    model = load_catalogue().models[name]
    assert {field: getattr(model, field) for field in facts} == facts


def test_every_maker_that_was_missing_has_a_model_that_can_be_asked() -> None:
    makers = {model.developer for model in available(load_catalogue().models, NOVEMBER).values()}
    added = {"xAI", "Meta", "Cohere", "StepFun", "Xiaomi", "Microsoft", "MiniMax", "Tencent", "Meituan"}
    assert added <= makers


def test_what_ends_soon_or_is_answered_by_another_is_named() -> None:
    models = load_catalogue().models
    named = {model.id for model in ending(available(models, NOVEMBER).values(), NOVEMBER)}
    assert {"gemini-2.5-flash", "gpt-5", "gpt-4o", "claude-opus-4-5", "deepseek-v4-flash"} <= named
    assert "gpt-6-luna" not in named


def test_every_successor_is_in_the_catalogue_and_not_itself_gone() -> None:
    models = load_catalogue().models
    named = [model.successor for model in models.values() if model.successor]
    assert named
    assert all(name in available(models, date(2027, 2, 1)) for name in named)


def test_a_hosted_entry_was_verified_or_says_that_it_was_not() -> None:
    for model in load_catalogue().models.values():
        if model.endpoint and not model.verified:
            assert not model.confirmed, model.id
        if model.probabilities_with:
            assert model.capabilities.logprobs == "top_k"
            assert model.request_body
        if model.always_thinks:
            assert model.capabilities.reasoning
