"""``models`` on the command line: what lies here, terms before weights, removing them again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.catalogue import load_catalogue
from core.cli import main
from core.providers.local.gguf import find_recipe
from core.providers.local.terms import accepted
from core.providers.local.weights import ensure_weights

ENTRY = """
[mine]
name = "Mine"
provider = "local"
remote_id = "{path}"
developer = "me"
family = "Mine"
origin = {{ base = "West", tuner = "West" }}
link = "https://example.org/mine"
capabilities = {{ logprobs = "full" }}
"""


@pytest.fixture
def say(tmp_path: Path, configure: Callable[..., None], capsys: pytest.CaptureFixture[str], monkeypatch):
    """Run a command, offline and with an empty cache: exit code, JSON, and what was said on the side."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "mine.gguf").write_bytes(b"weights")
    (tmp_path / "models.toml").write_text(ENTRY.format(path=tmp_path / "mine.gguf"), "utf-8")
    configure(
        cache_dir=tmp_path / "cache",
        runs_dir=tmp_path / "data" / "runs",
        offline=True,
        models=tmp_path / "models.toml",
    )

    def call(*arguments: str):
        capsys.readouterr()
        code = main(["models", *arguments, "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out), err

    return call


def make(model_id: str) -> Path:
    """The folder of a model, by a conversion that copies the file."""
    recipe = find_recipe(load_catalogue().models[model_id])
    assert recipe is not None

    def copies(gguf, folder, report_convert, report_save, cancel):
        (folder / "model.safetensors").write_bytes(gguf.read_bytes() * 1_000_000)

    return ensure_weights(replace(recipe, convert=copies, dense=1))


def test_the_local_list_tells_what_lies_here_and_what_fetching_takes(say) -> None:
    make("mine")
    code, rows, _ = say("list", "--local")
    assert code == 0
    by_id = {row["id"]: row for row in rows}
    assert all(load_catalogue().models[name].provider == "local" for name in by_id)
    assert by_id["mine"]["state"] == "ready"
    assert by_id["mine"]["MB here"] == 7
    qwen = by_id["qwen2.5-coder-0.5b-instruct"]
    assert (qwen["state"], qwen["MB here"], qwen["MB to fetch"], qwen["MB then"]) == ("to fetch", 0, 491, 2532)
    assert by_id["qwen3-0.6b"]["MB to fetch"] is None  # only the hub could tell


def test_removing_says_how_much_room_that_gives(say, tmp_path: Path) -> None:
    folder = make("mine")
    code, told, _ = say("remove", "mine")
    assert code == 0
    assert told["freed_bytes"] > 7_000_000
    assert not folder.exists()
    assert (tmp_path / "mine.gguf").exists()
    assert say("remove", "mine")[1]["freed_bytes"] == 0


@pytest.mark.parametrize("what", [("remove", "gpt-4o"), ("remove", "no-such"), ("fetch", "no-such")])
def test_what_has_no_weights_here_is_refused(say, what: tuple[str, str]) -> None:
    code, told, _ = say(*what)
    assert code == 2
    assert told["error"]["kind"] == "input"


def test_terms_are_shown_first_and_remembered(say, tmp_path: Path) -> None:
    terms = load_catalogue().models["gemma-3-270m"].weights.terms
    code, told, _ = say("fetch", "gemma-3-270m", "--accept-terms")
    assert code == 4  # not to be had offline, so they are not accepted unseen
    assert accepted(terms) is None
    assert terms.link in told["error"]["hint"]


def test_a_flag_accepts_what_was_shown(say, tmp_path: Path, monkeypatch) -> None:
    page = b"<article><p>Be good.</p></article>"
    digest = hashlib.sha256(page).hexdigest()
    shipped = load_catalogue().models["gemma-3-270m"]
    text = (tmp_path / "models.toml").read_text()
    weights = shipped.weights.model_dump(mode="json", exclude_none=True)
    weights["terms"]["sha256"] = digest
    lines = [f"{key} = {json.dumps(value)}" for key, value in weights["terms"].items()]
    (tmp_path / "models.toml").write_text(
        text
        + f'[gemma-3-270m.weights]\nbytes = 1\nsha256 = "{"0" * 64}"\ndense_bytes = 1\n'
        + "[gemma-3-270m.weights.terms]\n"
        + "\n".join(lines)
        + "\n"
    )
    kept = tmp_path / "cache" / "terms" / f"{digest}.html"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(page)
    code, told, err = say("fetch", "gemma-3-270m")
    assert code == 2
    assert "Be good." in err
    assert "--accept-terms" in told["error"]["hint"]
    code, told, err = say("fetch", "gemma-3-270m", "--accept-terms")
    assert code == 4  # the weights themselves are not to be had offline
    assert "Be good." in err
    assert digest in (tmp_path / "data" / "accepted_terms.json").read_text()
    code, told, err = say("fetch", "gemma-3-270m")
    assert "Be good." not in err  # not shown twice
