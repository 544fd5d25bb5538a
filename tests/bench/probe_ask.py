"""One ask of the probe page beside the forward passes it needs. Run by hand: ``python -m tests.bench.probe_ask``.

The ask is what the page starts: a question of four options, a person and the twin without one, all rotations and the
written answers, asked by the background job and kept in a store. The forward passes are the same prompts through the
same model, going on from the last prompt like the app, and as many tokens written, with nothing around them. They take
turns, each round with another question.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from core.audits.alignment.audit import Spec, cells_for
from core.providers import get_provider
from core.providers.chat import render_messages
from core.providers.local.builtin import ensure_builtin
from core.providers.local.forward import Trail, next_tokens, read_last_logits
from core.providers.local.loader import Loaded, load
from core.providers.local.prefix_tree import Ids
from core.runs import DayRun
from core.runs.ask import ask_in_background
from core.runs.jobs import Jobs
from core.runs.rows import prepare
from core.store import Store
from core.surveys import SURVEYS
from core.types import Cell, Persona
from tests.bench.builtin import builtin_model
from tests.bench.results import machine, table, versions, write_section

TITLE = "One ask on the probe page"
ROUNDS = 9
LIMIT = 1.3


def ask(jobs: Jobs, keeper: DayRun, cells: list[Cell]) -> tuple[float, list[int]]:
    """Seconds of one ask, and the tokens each written answer took."""
    begin = time.perf_counter()
    job = ask_in_background(jobs, lambda: keeper, get_provider, cells, "bench", fresh=True)
    while not job.finished:
        time.sleep(0.002)
    took = time.perf_counter() - begin
    rows = [result.response for result in job.results()]
    if len(rows) != len(cells) or any(row.outcome == "error" for row in rows):
        raise SystemExit("an ask failed")
    return took, [row.tokens_out or 0 for row in rows if row.kind == "text"]


def passes(loaded: Loaded, cells: list[Cell], tokens: list[int], trail: Trail) -> float:
    """Seconds of the forward passes alone: the prompts' last positions, then so many tokens after each text prompt."""
    prompts: dict[str, list[Ids]] = {"options": [], "text": []}
    for cell in cells:
        prompts[cell.kind].append(render_messages(loaded.tokenizer, prepare(cell, None).request.messages).ids)
    begin = time.perf_counter()
    for _, logits in read_last_logits(loaded.model, prompts["options"], loaded.tree_limit, None, trail):
        assert not isinstance(logits, RuntimeError)
    for ids, most in zip(prompts["text"], tokens, strict=True):
        for place, _ in enumerate(next_tokens(loaded.model, ids), 1):
            if place > most:  # the end token is computed too
                break
    return time.perf_counter() - begin


def main() -> None:
    """Measure, print, write."""
    folder = ensure_builtin()
    model = builtin_model()
    four = [q for q in SURVEYS["wvs7"]().questions().values() if len(q.options) == 4]
    questions = four[:: len(four) // (ROUNDS + 1)][: ROUNDS + 1]
    spec = Spec(models=(model.id,), personas=(Persona(country="CHN"),))
    loaded = load(model, folder)
    jobs, trail = Jobs(), Trail()
    asks, alone, written = [], [], []
    with tempfile.TemporaryDirectory() as runs:
        keeper = DayRun(Store(Path(runs)), title="bench")
        for place, question in enumerate(questions):
            cells = cells_for(spec, [model], [question])
            took, tokens = ask(jobs, keeper, cells)
            bare = passes(loaded, cells, tokens, trail)
            if place:  # the first ask loads the model
                asks.append(took)
                alone.append(bare)
                written += tokens
    ratios = sorted(one / other for one, other in zip(asks, alone, strict=True))
    rows = [
        ("forward passes alone", f"{statistics.median(alone):.2f}", f"{min(alone):.2f} to {max(alone):.2f}", "1.00"),
        (
            "the ask, kept in the store",
            f"{statistics.median(asks):.2f}",
            f"{min(asks):.2f} to {max(asks):.2f}",
            f"{statistics.median(ratios):.2f}",
        ),
    ]
    body = "\n\n".join(
        [
            f"{machine()}. {versions('torch', 'transformers', 'duckdb')}.",
            f"{len(asks)} questions of four options, one a round, each as a person and the twin: 8 prompts in all"
            f" rotations and 2 written answers of {min(written)} to {max(written)} tokens, model loaded, in turns.",
            table(("", "median s", "range", "x the passes"), rows),
            f"Ratio round by round {ratios[0]:.2f} to {ratios[-1]:.2f}; aim: at most {LIMIT}.",
        ]
    )
    sys.stdout.write(body + "\n")
    write_section(TITLE, body)


if __name__ == "__main__":
    main()
