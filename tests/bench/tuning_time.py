"""What tuning the built-in model takes on a processor, and how fast a tuned model is there once its base is.

Run with ``python -m tests.bench.tuning_time``. A whole training is not run: its prompts are drawn as it would draw them
and their tokens counted, and a few of its steps are measured. All is in seconds of processor, which other programs
disturb less than the clock.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from core.catalogue import load_catalogue
from core.cli.specs import read_values
from core.providers.local.hub import find_folder, find_revision
from core.providers.local.loader import attach, load
from core.settings import DATA
from core.surveys import shipped_survey
from core.tuning.learner import Learner
from core.tuning.parts import Drawer, Example, divide
from core.tuning.spec import Tuning, read_tuning
from tests.bench.results import machine, table, versions, write_section

TITLE = "Tuning the built-in model"
BASE = "smollm2-135m-instruct"
SPECS = ("tune-smollm2-all", "tune-smollm2-china", "tune-smollm2-young-english")
"""The others that train an adapter on this model differ from these in whose answers they learn, not in their work."""
PROMPTS, ROUNDS, ATTACHED, PRODUCTS = 8, 3, 5, 20
AIM_MINUTES = 20


class Work(NamedTuple):
    """Prompts and tokens that a training learns from, and those that its checks read."""

    prompts: int
    tokens: int
    checked: int
    checked_tokens: int


def spent(do: Callable[[], object]) -> float:
    """Seconds of processor that ``do`` takes."""
    began = time.process_time()
    do()
    return time.process_time() - began


def work_of(spec: Tuning, learner: Learner, drawer: Drawer, watched: list[Example]) -> Work:
    """All that a training to its last step computes; one that ends early computes less."""
    drawn = [example for step in range(spec.steps) for example in drawer.draw(spec.prompts_per_step, step)]
    checks = 1 + len({*range(spec.check_every, spec.steps + 1, spec.check_every), spec.steps})
    tokens, checked = (sum(len(learner._ids(one)) for one in part) for part in (drawn, watched))
    return Work(len(drawn), tokens, checks * len(watched), checks * checked)


def learn(learner: Learner, examples: list[Example]) -> None:
    """One step of the training, without the change of the weights, which takes milliseconds."""
    for weights, found in learner.losses(examples):
        (weights * (found.divergence + found.off_labels)).sum().backward()


def read(learner: Learner, examples: list[Example]) -> None:
    """A check of ``examples``."""
    with learner.resting():
        for _ in learner.losses(examples):
            pass


def measure(name: str) -> tuple[str, ...]:
    """The row of one spec."""
    path = DATA / "specs" / f"{name}.toml"
    spec = read_tuning(read_values(path), path.name).spec
    base = load_catalogue().models[spec.model]
    learner = Learner(base, find_folder(base, find_revision(base)), spec)
    parts = divide(spec, shipped_survey())
    drawer = Drawer(parts.train, spec, 0)
    watched = [
        example
        for place, targets in enumerate(parts.watched.values())
        for example in Drawer(targets, spec, place + 1).draw(spec.check_prompts, 0)
    ]
    work = work_of(spec, learner, drawer, watched)
    some = [drawer.draw(PROMPTS, step) for step in range(ROUNDS + 1)]
    learn(learner, some[0])  # the first step also makes what later ones find
    tokens = sum(len(learner._ids(one)) for part in some[1:] for one in part)
    learned = sum(spent(lambda part=part: learn(learner, part)) for part in some[1:]) / tokens
    checked = sum(spent(lambda part=part: read(learner, part)) for part in some[1:]) / tokens
    minutes = (work.tokens * learned + work.checked_tokens * checked) / 60
    return (
        name,
        f"{work.prompts:,}",
        f"{work.tokens:,}",
        f"{work.checked_tokens:,}",
        f"{1000 * learned:.1f}",
        f"{1000 * checked:.1f}",
        f"{minutes:.0f}",
        f"{minutes / 2:.0f}",
    )


def product_rate() -> float:
    """Flop of a 32-bit matrix product as large as most of a step, in a second of processor: the best of many, which
    tells how busy the machine was.
    """
    rows, weight = torch.rand(512, 576), torch.rand(576, 1536)
    flop = 2 * rows.shape[0] * rows.shape[1] * weight.shape[1]
    return max(PRODUCTS * flop / spent(lambda: [rows @ weight for _ in range(PRODUCTS)]) for _ in range(10))


def attaching() -> list[float]:
    """Seconds of processor for putting each shipped adapter, again and again, beside its base, which is loaded."""
    models: dict[str, Any] = load_catalogue().models
    base = models[BASE]
    loaded = load(base, find_folder(base, find_revision(base)))
    tuned = [model for name, model in models.items() if name.startswith("tuned-smollm2-")]
    return [spent(lambda model=model: attach(loaded, model)) for model in tuned for _ in range(ATTACHED)]


def main() -> None:
    """Measure, and write the section of ``RESULTS.md``."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter).parse_args()
    attached, rates = attaching(), [product_rate()]
    rows = []
    for name in SPECS:
        rows.append(measure(name))
        rates.append(product_rate())
    head = (
        "spec",
        "prompts",
        "tokens learned",
        "tokens checked",
        "s/1,000 learned",
        "s/1,000 checked",
        "minutes of processor",
        "on two cores",
    )
    body = "\n\n".join(
        [
            f"{machine()}. {versions('torch', 'transformers', 'peft')}. Threads: {torch.get_num_threads()}.",
            f"In 32-bit numbers, to the last step. Rates are means of {ROUNDS} times {PROMPTS} prompts, in seconds of"
            " processor; the minutes of a whole training are these rates times its tokens, it was not run. On two idle"
            f" cores it takes half of that where both are busy all the time, as large products are; the aim is"
            f" {AIM_MINUTES} minutes.",
            table(head, rows),
            f"The best 32-bit product of a step's size gave {min(rates) / 1e9:.0f} to {max(rates) / 1e9:.0f} Gflop in a"
            " second of processor, before, between and after; other programs lower it.",
            f"A tuned model whose base is loaded is there after {max(attached):.2f} s of processor at most"
            f" ({len(attached)} times, aim 1 s).",
        ]
    )
    write_section(TITLE, body)


if __name__ == "__main__":
    main()
