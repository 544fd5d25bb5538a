"""A GGUF file read by the local provider, as 32-bit floats, and by llama.cpp, as it is: the same answers?

Run by hand: ``python -m tests.bench.gguf_equality PATH.gguf [CATALOGUE_ID] ...``, with the id of the entry whose manner
of asking (chat or plain) is meant; the built-in one's unless given. llama.cpp comes with the package xllamacpp, which
is installed once into an environment of its own, in the folder of temporary files. Both read the very same token ids;
llama.cpp asked cold, since its prompt cache changes what it tells. The table goes into RESULTS.md.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from gguf import GGUFReader

from core.catalogue import load_catalogue
from core.providers.labels import label_token_ids
from core.providers.local.provider import LocalProvider
from core.providers.local.reading import render
from core.stats.distances import jsd
from core.types import Model, OptionAnswer, OptionRequest
from tests.bench.builtin import builtin_model
from tests.bench.first_token import make_work, peer_python, request_of
from tests.bench.foreign_servers import free_port
from tests.bench.results import machine, table, versions, write_section

TITLE = "GGUF files: the local provider beside llama.cpp"
PEER = "xllamacpp==2026.10.11549"
CELLS, QUESTIONS, TOLD, AIM = 100, 20, 2_000, 0.002
START_S = 180
SERVER = """
import sys, time, xllamacpp
asked = xllamacpp.CommonParams()
asked.model.path, asked.port = sys.argv[1], int(sys.argv[2])
asked.n_ctx, asked.n_parallel, asked.cache_prompt, asked.warmup = 4096, 1, False, False
asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(asked)
time.sleep(86_400)
"""


@contextmanager
def serving(python: Path, gguf: Path) -> Iterator[str]:
    """llama.cpp's server with ``gguf``, one thread; its address."""
    port = free_port()
    command = [str(python), "-c", SERVER, str(gguf), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + START_S
        while not _healthy(address):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("llama.cpp's server did not start")
            time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def _healthy(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/health", timeout=2, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False


def _post(address: str, what: dict[str, Any]) -> dict[str, Any]:
    found = httpx2.post(address, json=what, timeout=600, trust_env=False)
    found.raise_for_status()
    answer: dict[str, Any] = found.json()
    return answer


def told(address: str, ids: Sequence[int]) -> dict[int, float]:
    """Probabilities of the likeliest next tokens after ``ids``, before any cut."""
    asked = {"prompt": list(ids), "n_predict": 1, "n_probs": TOLD, "cache_prompt": False, "temperature": 0}
    first = _post(f"{address}/completion", asked)["completion_probabilities"][0]
    return {entry["id"]: math.exp(entry["logprob"]) for entry in first["top_logprobs"]}


def requests(model: Model) -> list[OptionRequest]:
    """Prompts of the question bank in English, spread over questions, persons and orders."""
    every = [request_of(cell) for question in make_work(QUESTIONS) for cell in question]
    chosen = [every[place * len(every) // CELLS] for place in range(CELLS)]
    return [request.model_copy(update={"model": model}) for request in chosen]


def compare(python: Path, gguf: Path, like: Model) -> tuple[str, ...]:
    """One row of the table."""
    model = like.model_copy(update={"remote_id": str(gguf), "weights": None, "revision": None})
    local, asked = LocalProvider(), requests(model)
    # The tokenizer and the labels of the loaded model are needed beside its answers.
    with local._using(model, None) as loaded:
        prompts = [render(loaded, request) for request in asked]
        labels = [label_token_ids(loaded.tokenizer, request.labels) for request in asked]
    mine = local.option_distribution(asked)
    local.release()
    apart, mass, same_ids, same_first = [], [], 0, 0
    with serving(python, gguf) as address:
        for prompt, sets, answer in zip(prompts, labels, mine, strict=True):
            if not isinstance(answer, OptionAnswer) or isinstance(prompt, Exception):
                raise SystemExit(f"{gguf.name}: {answer}")
            as_text = {"content": prompt.text, "add_special": not like.chat, "parse_special": True}
            same_ids += _post(f"{address}/tokenize", as_text)["tokens"] == list(prompt.ids)
            theirs = told(address, prompt.ids)
            sums = np.array([sum(theirs.get(token, 0.0) for token in ids) for ids in sets])
            ours = np.array(answer.distribution.mass)
            mass.append((sums.sum(), ours.sum()))
            apart.append(jsd(sums / sums.sum(), ours / ours.sum()))
            same_first += int(sums.argmax() == ours.argmax())
    kinds = sorted({tensor.tensor_type.name for tensor in GGUFReader(str(gguf)).tensors} - {"F32"})
    masses = np.mean(mass, axis=0)
    return (
        f"{model.name} ({', '.join(kinds)})",
        str(CELLS),
        f"{np.mean(apart):.5f}",
        f"{np.quantile(apart, 0.95):.5f}",
        f"{np.max(apart):.5f}",
        f"{same_first}",
        f"{same_ids}",
        f"{masses[0]:.3f}",
        f"{masses[1]:.3f}",
    )


def main() -> None:
    """Compare, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="+", help="a GGUF file, or the catalogue's id of the file before it")
    parser.add_argument("--env", type=Path, default=Path(tempfile.gettempdir()) / "parallax-bench-xllamacpp")
    parser.add_argument("--look", action="store_true", help="print only")
    chosen = parser.parse_args()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    python, catalogue = peer_python(chosen.env, PEER, torch=False), load_catalogue().models
    work: list[tuple[Path, Model]] = []
    for name in chosen.files:
        if name in catalogue:
            work[-1] = (work[-1][0], catalogue[name])
        else:
            work.append((Path(name).absolute(), builtin_model()))
    rows = [compare(python, gguf, like) for gguf, like in work]
    head = ("", "cells", "JSD, mean", "95 %", "largest", "same first", "same tokens", "mass, llama.cpp", "mass, local")
    about = (
        f"The same file read by the local provider, its weights made 32-bit, and by llama.cpp ({PEER}, one thread, no"
        " prompt cache), which computes products of quantised weights with numbers rounded to eight bits. Both got the"
        " same token ids, at temperature 1; the divergence (bits) is between the options' probabilities, each"
        f" renormalised. Aim: under {AIM}. “Same first” counts the cells with the same likeliest option, “same tokens”"
        " those whose text llama.cpp reads as the very tokens that we do."
    )
    body = f"{machine()}. {versions('torch', 'transformers', 'gguf')}.\n\n{about}\n\n{table(head, rows)}"
    sys.stdout.write(body + "\n")
    if not chosen.look:
        write_section(TITLE, body)


if __name__ == "__main__":
    main()
