"""Written answers: sixteen at once beside an earlier build and beside transformers, on the same prompts.

``python tests/bench/writing.py --old CHECKOUT`` with a checkout of the build to compare with; ``--folder`` names a
model folder, the built-in model without. All ways take turns in each round, each in a process of its own, so that
whatever else the machine does meets all of them. ``--rounds 1`` is a quick look; two rounds or more are written to
RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from core.providers.local.builtin import ensure_builtin  # noqa: E402
from core.providers.local.machine import processor_family  # noqa: E402
from tests.bench.results import machine, table, versions, write_section  # noqa: E402

TITLE = "Written answers, sixteen at once"
TOKENS = 64
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
            env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false"},
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


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--old", type=Path, help="a checkout of the build to compare with")
    parser.add_argument("--folder", default="builtin")
    parser.add_argument("--without", nargs="*", default=[], choices=["batch", "continuous"], help="peers to leave out")
    parser.add_argument("--rounds", type=int, default=2)
    chosen = parser.parse_args()
    plain = str(ensure_builtin()) if chosen.folder == "builtin" else chosen.folder
    ways = [Way("Parallax", "parallax", chosen.folder, ROOT)]
    ways += [Way("earlier build", "parallax", chosen.folder, chosen.old.resolve())] if chosen.old else []
    peers = {"batch": "transformers, one batch", "continuous": "transformers, continuous batching"}
    ways += [Way(name, way, plain, ROOT) for way, name in peers.items() if way not in chosen.without]
    prompts = make_prompts()
    grown: list[int] = []
    for way in ways:
        way.write(prompts[:1], 2)  # loads the model
        if way is ways[0] and (one := way.write(prompts[:1])):
            grown.append(one["peak"])
    for place in range(chosen.rounds):
        for way in ways:
            turn = way.write(prompts)
            if turn:
                way.turns.append(turn)
                told = f"{turn['tokens']} tokens in {turn['seconds']:.1f} s, {turn['busy']:.1f} s of processor"
                print(f"{place + 1} {way.name}: {told}", flush=True)  # noqa: T201
    for way in ways:
        way.close()
    grown.append(max(turn["peak"] for turn in ways[0].turns))
    rows: list[tuple[str, ...]] = []
    for way in ways:
        if not way.turns:
            rows.append((way.name, "stopped", "", "", ""))
            continue
        rate = sum(t["tokens"] for t in way.turns) / sum(t["seconds"] for t in way.turns)
        busy = sum(t["tokens"] for t in way.turns) / sum(t["busy"] for t in way.turns)
        of = ways[1] if chosen.old else ways[0]
        ratio = rate / (sum(t["tokens"] for t in of.turns) / sum(t["seconds"] for t in of.turns))
        same = sum(a == b for a, b in zip(way.turns[0]["texts"], ways[0].turns[0]["texts"], strict=False))
        rows.append((way.name, f"{rate:.1f}", f"{busy:.1f}", f"{ratio:.2f}", f"{same} of {len(prompts)}"))
    name = "built-in model" if chosen.folder == "builtin" else Path(chosen.folder).name
    head = ("", "tokens/s", "per second of processor", "x the earlier build", "same texts")
    body = (
        f"{machine()} ({processor_family()}). {versions('torch', 'transformers')}. {name}, format"
        f" {os.environ.get('PARALLAX_PRECISION', 'auto')}.\n\n{len(prompts)} prompts, up to {TOKENS} tokens each,"
        f" greedy; {chosen.rounds} rounds in turns.\n\n{table(head, rows)}\n\nWriting sixteen takes"
        f" {(grown[1] - grown[0]) / 1e6:.0f} MB more than writing one, at the peak."
    )
    print(body)  # noqa: T201
    if chosen.rounds > 1:
        write_section(f"{TITLE}: {name}", body)


if __name__ == "__main__":
    main()
