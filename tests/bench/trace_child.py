"""A process that makes reasoning traces with one build, on request: ``trace_child.py ROOT``.

One line of JSON in, ``[model_id, question_id, persona_key]``; one out: seconds until the levels of stage 1 are known,
until its profile is written, and until the trace is whole; prompts, texts and tokens written. The provider is watched,
so builds whose traces are made in other ways can be compared.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


class Watched:
    """A provider that notes when its answers came."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider
        self.begun = 0.0
        self.options: list[tuple[float, int]] = []
        self.texts: list[tuple[float, float]] = []
        self.tokens = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    def option_distribution(self, requests: Any, *more: Any, **named: Any) -> Any:
        """As the provider's, noted."""
        answers = self._provider.option_distribution(requests, *more, **named)
        self.options.append((time.perf_counter() - self.begun, len(requests)))
        return answers

    def generate(self, requests: Any, *more: Any, **named: Any) -> Any:
        """As the provider's, noted."""
        began = time.perf_counter() - self.begun
        answers = self._provider.generate(requests, *more, **named)
        self.texts.append((began, time.perf_counter() - self.begun))
        self.tokens += sum(answer.call.tokens_out or 0 for answer in answers)
        return answers


def main() -> None:
    """Answer lines until there are no more."""
    sys.path.insert(0, sys.argv[1])
    from core.audits.traces.audit import Spec
    from core.providers import get_provider
    from core.runs.bank import load_bank
    from core.store import Store
    from core.types import Persona

    try:  # builds before traces were stages of an audit
        from core.audits.traces.runs import run_traces
    except ImportError:
        run_traces = None

    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    bank = load_bank()
    watched: dict[str, Watched] = {}

    def provider_of(name: str) -> Any:
        if name not in watched:
            watched[name] = Watched(get_provider(name))
        return watched[name]

    for line in sys.stdin:
        model, question, persona = json.loads(line)
        spec = Spec(models=(model,), questions=(question,), personas=(Persona.from_key(persona),))
        watched.clear()
        one = provider_of("local")
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder))
            one.begun = time.perf_counter()
            if run_traces is not None:
                run_traces(spec, bank, store, provider_of)
            else:
                from core.runs import create_run, run_audit

                run_audit(store, create_run(store, "traces", spec, bank), bank, provider_of)
            whole = time.perf_counter() - one.begun
        (levels, profile), *_ = one.texts
        found = {
            "levels": levels,
            "profile": profile,
            "whole": whole,
            "texts": len(one.texts),
            "tokens": one.tokens,
            "prompts": sum(count for _, count in one.options),
        }
        out.write(json.dumps(found) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
