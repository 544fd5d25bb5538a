"""A reasoning trace of one person and question with the built-in model, beside an earlier build, in one run.

``python -m tests.bench.trace_live --old CHECKOUT``, with a checkout of the build before texts were written side by side
(67000ff), without which this build is measured alone. Both take turns, each in a process of its own with the model
loaded; every turn is another question.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from core.providers.local.machine import processor_family
from tests.bench.builtin import builtin_model
from tests.bench.results import machine, table, versions, write_section

ROOT = Path(__file__).resolve().parents[2]
TITLE = "One reasoning trace"
EARLIER = "earlier build"
QUESTIONS = ("Q57", "Q165", "Q6", "Q27")
PERSONA = "CHN|50+|female|higher"
FIRST_S, SHARE = 1.5, 1 / 3


class Build:
    """A process with the build of a checkout."""

    def __init__(self, root: Path) -> None:
        self.turns: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("trace_child.py")), str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=root,
            env={**os.environ, "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": ""},
        )

    def make(self, question: str) -> dict[str, Any]:
        """One trace. Ends the script where the process stopped."""
        if self._process.stdin is None or self._process.stdout is None:
            raise SystemExit("no pipe")
        self._process.stdin.write(json.dumps([builtin_model().id, question, PERSONA]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a build stopped")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(60)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--old", type=Path)
    earlier: Path | None = parser.parse_args().old
    builds = {EARLIER: Build(earlier.resolve())} if earlier else {}
    builds |= {"Parallax": Build(ROOT)}
    for question in QUESTIONS:
        for name, build in builds.items():
            turn = build.make(question)
            if question != QUESTIONS[0]:  # the first loads the model
                build.turns.append(turn)
            sys.stdout.write(f"{question} {name}: {turn}\n")
    for build in builds.values():
        build.close()
    new = builds["Parallax"]

    def middle(build: Build, what: str) -> float:
        return statistics.median(turn[what] for turn in build.turns)

    rows = [
        (
            name,
            *(f"{middle(build, what):.2f}" for what in ("levels", "profile", "whole")),
            f"{sum(t['tokens'] for t in build.turns) / sum(t['texts'] for t in build.turns):.0f}",
        )
        for name, build in builds.items()
    ]
    slowest = max(turn["levels"] for turn in new.turns)
    body = (
        f"{machine()} ({processor_family()}). {versions('torch', 'transformers')}. float32.\n\n"
        f"The built-in model, {len(new.turns)} questions as one person ({PERSONA.replace('|', ', ')}), model loaded, in"
        f" turns; median seconds until the levels of stage 1 are known, its profile is written, and the trace is"
        f" whole. Aims: levels within {FIRST_S} s, the whole in at most {SHARE:.0%} of the earlier build's time.\n\n"
        f"{table(('', 'levels', 'profile', 'whole', 'tokens a text'), rows)}\n\n"
        f"The levels took {slowest:.2f} s at most."
    )
    if EARLIER in builds:
        pairs = zip(builds[EARLIER].turns, new.turns, strict=True)
        ratios = sorted(ours["whole"] / theirs["whole"] for theirs, ours in pairs)
        body += (
            f" The whole takes {statistics.median(ratios):.0%} of the earlier build's time, question by question"
            f" {ratios[0]:.0%} to {ratios[-1]:.0%}."
        )
    sys.stdout.write(body + "\n")
    write_section(TITLE, body)


if __name__ == "__main__":
    main()
