"""First-token audits on the built-in model: prompts a second beside lm-evaluation-harness, and beside the limit.

Run from anywhere: ``python tests/bench/first_token.py``. The work is 40 questions as 8 persons in all cyclic
rotations; the peer reads the very same rendered prompts (``hf``, multiple choice, 32-bit, batch 16, logits cache
on). It is installed once into an environment of its own, in the folder of temporary files. Peer, ours and the limit
take turns on parts of the work, so that whatever else the machine does meets all three. ``--questions 4 --rounds 1``
is a quick look; only the whole work is written to RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from core.audits.alignment.audit import Spec, cells_for  # noqa: E402
from core.providers.chat import render_messages  # noqa: E402
from core.providers.local.builtin import ensure_builtin  # noqa: E402
from core.providers.local.prefix_tree import Ids, unique_tokens  # noqa: E402
from core.providers.local.provider import LocalProvider  # noqa: E402
from core.runs.batches import batches, persona_by_persona  # noqa: E402
from core.runs.rows import prepare  # noqa: E402
from core.surveys import SURVEYS  # noqa: E402
from core.types import (  # noqa: E402
    Cell,
    OptionAnswer,
    OptionRequest,
    Persona,
    cell_id,
)
from tests.bench.builtin import builtin_model  # noqa: E402
from tests.bench.results import machine, table, versions, write_section  # noqa: E402

TITLE = "First-token audits on the built-in model"
PEER = "lm_eval[hf]==0.4.13"
TORCH = "torch==2.13.0"
QUESTIONS = 40
PERSONAS = (
    Persona(),
    Persona(country="USA"),
    Persona(country="CHN", sex="female"),
    Persona(country="DEU", age="18-29"),
    Persona(country="NGA", sex="male", age="50+"),
    Persona(country="IND", sex="female", age="30-49", education="higher"),
    Persona(country="BRA", education="lower"),
    Persona(country="JPN", age="50+"),
)


class Turn(NamedTuple):
    """One part of the work done: wall seconds, seconds of processor, log-probability of each label."""

    seconds: float
    busy: float
    logs: list[float]


def make_work(questions: int) -> list[list[Cell]]:
    """Cells by question, questions spread evenly over the bank, in the order in which an audit plans them."""
    model = builtin_model()
    bank = list(SURVEYS["wvs7"]().questions().values())
    chosen = [bank[place * len(bank) // questions] for place in range(questions)]
    spec = Spec(models=(model.id,), personas=PERSONAS, text_check=False)
    return [cells_for(spec, [model], [question]) for question in chosen]


def peer_python(place: Path, peer: str = PEER, torch: bool = True) -> Path:
    """The Python of an environment with ``peer``, and ``torch``, in it, made and filled where it is not there yet."""
    python = place / "bin" / "python"
    done = place / "installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        for package in (TORCH, peer) if torch else (peer,):
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", package], check=True)
        done.touch()
    return python


class Peer:
    """The peer's process, its model loaded."""

    def __init__(self, python: Path, folder: Path) -> None:
        script = Path(__file__).with_name("first_token_peer.py")
        env = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [str(python), str(script), str(folder)],
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            text=True,
            env=env,
        )
        self.about = self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise SystemExit(f"The peer stopped with code {self._process.wait()}.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def read(self, prompts: list[tuple[str, tuple[str, ...]]], tokens: int) -> Turn:
        """Log-probability of each label after each prompt; the prompts must have ``tokens`` tokens for the peer too."""
        if self._process.stdin:
            self._process.stdin.write(json.dumps(prompts) + "\n")
            self._process.stdin.flush()
        answer = self._answer()
        if answer["tokens"] != tokens:
            raise SystemExit(f"The peer reads {answer['tokens']} tokens where we read {tokens}.")
        return Turn(answer["seconds"], answer["busy"], answer["logs"])

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(30)


def read_ours(provider: LocalProvider, cells: list[Cell]) -> tuple[Turn, dict[str, OptionAnswer]]:
    """The same by our provider, in batches as the runner hands them over; answers by id of the cell."""
    size = provider.batch_size(cells[0].model)
    answers: dict[str, OptionAnswer] = {}
    requests = {cell_id(cell): request_of(cell) for cell in cells}
    begin, busy = time.perf_counter(), time.process_time()
    for batch in batches(persona_by_persona(cells, size), size):
        names = [cell_id(cell) for cell in batch]
        for name, answer in zip(names, provider.option_distribution([requests[name] for name in names]), strict=True):
            if not isinstance(answer, OptionAnswer):
                raise SystemExit(str(answer))
            answers[name] = answer
    took, busy = time.perf_counter() - begin, time.process_time() - busy
    logs = [math.log(mass) for cell in cells for mass in answers[cell_id(cell)].distribution.mass]
    return Turn(took, busy, logs), answers


def request_of(cell: Cell) -> OptionRequest:
    """What a provider is asked for ``cell``."""
    request = prepare(cell, None).request
    if not isinstance(request, OptionRequest):
        raise SystemExit("not a question with options")
    return request


def matmul_rates(seconds: float = 3.0) -> tuple[float, float]:
    """The best 32-bit rate over several shapes, in flop a second of the clock and a second of one processor.

    By both libraries that come with torch: as a linear layer has it, and with its weights laid out beforehand.
    """
    import torch

    def laid_out(rows: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = torch.ops.mkldnn._linear_pointwise(rows, weight, None, "none", [], "")
        return made

    shapes = [(512, 576, 1536), (1024, 576, 1536), (1024, 1536, 576), (2048, 2048, 2048)]
    by_clock = by_processor = 0.0
    for rows, inner, columns in shapes:
        left, right = torch.randn(rows, inner), torch.randn(columns, inner)
        ways = ((torch.nn.functional.linear, right), (laid_out, torch.ops.mkldnn._reorder_linear_weight(right, rows)))
        for product, weight in ways:
            until = time.perf_counter() + seconds / len(shapes) / len(ways)
            with torch.inference_mode():
                while time.perf_counter() < until:
                    begin, busy = time.perf_counter(), time.process_time()
                    for _ in range(10):
                        product(left, weight)
                    flop = 20 * rows * inner * columns
                    by_clock = max(by_clock, flop / (time.perf_counter() - begin))
                    by_processor = max(by_processor, flop / (time.process_time() - busy))
    return by_clock, by_processor


def least_flop(folder: Path, prompts: list[Ids]) -> float:
    """Flop of the weights' products over the unique tokens, and of the vocabulary's over the prompts; no attention."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder)
    head = model.get_output_embeddings().weight
    inner = sum(p.numel() for p in model.parameters() if p.ndim == 2 and p.shape != head.shape)
    return 2.0 * (inner * unique_tokens(prompts) + head.numel() * len(set(prompts)))


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--peer-env", type=Path, default=Path(tempfile.gettempdir()) / "parallax-bench-lm-eval-0.4.13")
    chosen = parser.parse_args()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    folder = ensure_builtin()
    peer = Peer(peer_python(chosen.peer_env), folder)
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    provider = LocalProvider()
    work = make_work(chosen.questions)
    provider.option_distribution([request_of(cell) for cell in work[0][:2]])  # loads the model
    theirs, ours, rates = [], [], []
    prompts: list[Ids] = []
    apart = 0.0
    for place in range(chosen.rounds):
        cells = [cell for question in work[place :: chosen.rounds] for cell in question]
        requests = [request_of(cell) for cell in cells]
        rendered = [render_messages(tokenizer, request.messages) for request in requests]
        prompts += [prompt.ids for prompt in rendered]
        rates.append(matmul_rates())
        turn, _ = read_ours(provider, cells)
        ours.append(turn)
        pairs = [(prompt.text, request.labels) for prompt, request in zip(rendered, requests, strict=True)]
        theirs.append(peer.read(pairs, sum(len(prompt.ids) for prompt in rendered)))
        # Ours adds " A" and the like to "A", so it can only be above the peer's.
        apart = max(apart, *(math.exp(t) - math.exp(o) for t, o in zip(theirs[-1].logs, turn.logs, strict=True)))
        print(f"round {place + 1}: peer {theirs[-1].seconds:.1f} s, ours {turn.seconds:.1f} s", flush=True)  # noqa: T201
    peer.close()

    n = len(prompts)
    clock, processor = (max(rate) for rate in zip(*rates, strict=True))
    flop = least_flop(folder, prompts)
    their_time, our_time = sum(t.seconds for t in theirs), sum(t.seconds for t in ours)
    limit = flop / clock
    rows = [
        (
            "lm-evaluation-harness 0.4.13",
            f"{n / their_time:.2f}",
            f"{their_time:.1f}",
            "1.00",
            f"{limit / their_time:.0%}",
        ),
        (
            "Parallax",
            f"{n / our_time:.2f}",
            f"{our_time:.1f}",
            f"{their_time / our_time:.2f}",
            f"{limit / our_time:.0%}",
        ),
        ("limit", f"{n / limit:.2f}", f"{limit:.1f}", f"{their_time / limit:.2f}", "100%"),
    ]
    figures = table(("", "prompts/s", "seconds", "x the peer", "of the limit"), rows)
    unique, total = unique_tokens(prompts), sum(map(len, prompts))
    busy = sum(t.busy for t in ours)
    peer_versions = ", ".join(f"{name} {number}" for name, number in peer.about["versions"].items())
    ratios = ", ".join(f"{t.seconds / o.seconds:.2f}" for t, o in zip(theirs, ours, strict=True))
    least = flop / processor
    sentences = (
        f"{machine()}. {versions('torch', 'transformers')}; peer: {peer_versions}.",
        f" {peer.about['threads']} threads.\n\n",
        f"{chosen.questions} questions x {len(PERSONAS)} persons x all cyclic rotations: {n:,} prompts of {total:,}",
        f" tokens, {unique:,} of them unique as beginnings ({unique / n:.1f} a prompt). 32-bit, models loaded; peer",
        f" and ours took turns in {chosen.rounds} rounds.\n\n{figures}\n\n",
        f"The limit is the best 32-bit matrix product of the same run, {clock / 1e9:.0f} Gflop/s, over the products",
        " with the weights for the unique tokens of the whole work and with the vocabulary once a prompt; attention",
        " and everything else count as nothing. In seconds of processor, which other programs disturb less, ours takes",
        f" {busy:.0f} and the limit {least:.0f}: {least / busy:.0%}. Round by round ours is {ratios} x the peer.",
        f" No label is less probable here than there by more than {max(apart, 0.0):.0e}.",
    )
    body = "".join(sentences)
    print(body)  # noqa: T201
    if chosen.questions == QUESTIONS:
        write_section(TITLE, body)


if __name__ == "__main__":
    main()
