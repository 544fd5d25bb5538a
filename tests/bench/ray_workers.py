"""Ray beside what it should reach: two workers beside a plain run on two cores, and sixteen that ask an endpoint.

``python -m tests.bench.ray_workers`` takes some minutes. The plain run and the run on Ray take turns; both ask the
built-in model the same prompts anew. The endpoint is a server on loopback, in a process of its own, that waits 100 ms
before each answer; it notes when its first request came and when its last answer went.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import os
import sys
import tempfile
import time
from pathlib import Path

from core.audits.base import Bank
from core.providers import get_provider
from core.providers.local.machine import processor_family
from core.runs import create_run, parse_spec, run_audit
from core.runs.bank import load_bank
from core.scale import run_on_ray
from core.settings import settings
from core.store import Store
from tests.bench.builtin import builtin_model
from tests.bench.results import machine, table, versions, write_section
from tests.chat_server import ChatServer, served_model
from tests.unit.audit_child import bank, spec_of

TITLE = "Ray: rates"
ROUNDS, QUESTIONS = 2, 16
PEOPLE = ({}, {"country": "USA"}, {"country": "CHN", "sex": "female"}, {"country": "DEU", "age": "18-29"})
LATENCY_S, ACTORS, ASKED = 0.1, 16, 400
LEAST, MOST = 0.9, 1.3


def set_workers(cores: int, workers: int) -> None:
    """Tell Ray how many workers there are, of how many cores, and how many requests an endpoint takes at once."""
    os.environ |= {
        "PARALLAX_RAY_CORES": str(cores),
        "PARALLAX_RAY_WORKERS": str(workers),
        "PARALLAX_MAX_IN_FLIGHT": str(ACTORS),
        "PARALLAX_LOOPBACK_ENDPOINTS": "true",
    }
    settings.cache_clear()


def take(kind: str, made: Bank, spec: object) -> tuple[float, float, int]:
    """Seconds of the whole call, seconds of asking (with loading), and answers of a new run, plain or on Ray."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        name = create_run(store, "alignment", spec, made, "Bench", run_id="bench", fresh=True)  # type: ignore[arg-type]
        begun = time.perf_counter()
        path = Path(folder) / name
        info = run_audit(store, name, made, get_provider) if kind == "plain" else run_on_ray(path, made)
        took = time.perf_counter() - begun
    if info.status != "done" or info.counts["errors"]:
        raise SystemExit(f"{kind}: {info.status}, {info.counts}")
    return took, info.seconds, info.counts["answers"]


def computing(rounds: int, questions: int) -> str:
    """The built-in model, plain on both cores and by two workers of one core."""
    set_workers(1, 2)
    made = load_bank()
    chosen = [name for name, one in made.questions.items() if one.kind in ("value", "attitude")]
    chosen = chosen[:: max(1, len(chosen) // questions)][:questions]
    spec = parse_spec(
        "alignment",
        {"models": [builtin_model().id], "questions": chosen, "personas": list(PEOPLE), "text_check": False},
    )
    found: dict[str, list[tuple[float, float, int]]] = {"plain": [], "Ray, two workers": []}
    for place in range(rounds):
        for kind, turns in found.items():
            turns.append(take(kind, made, spec))
            sys.stdout.write(f"{place + 1} {kind}: {turns[-1]}\n")
            get_provider("local").release()
    rates = {
        kind: (sum(turn[2] for turn in turns) / sum(turn[1] for turn in turns), sum(turn[0] for turn in turns) / rounds)
        for kind, turns in found.items()
    }
    plain = rates["plain"][0]
    rows = [(kind, f"{rate:.2f}", f"{rate / plain:.2f}", f"{whole:.1f}") for kind, (rate, whole) in rates.items()]
    cells = found["plain"][0][2]
    return (
        f"The built-in model in float32, {cells:,} prompts asked anew, {rounds} rounds in turns; the rate counts from"
        " the first portion to the last answer, with the time to load the model. The whole call has the start of Ray"
        f" and of its workers too. Aim: at least {LEAST} x the plain run.\n\n"
        + table(("", "prompts/s", "x the plain run", "whole call, s"), rows)
    )


def serve(told: mp.Queue[object]) -> None:
    """The server; tells its address, then first and last moment and how many were open at most."""
    with ChatServer(lambda prompt, body: {"A": 0.7, "B": 0.2, "C": 0.1}, delay_s=LATENCY_S) as server:
        told.put(server.url)
        moments: list[float] = []
        script = server.script

        def noted(prompt: str, body: dict[str, object]) -> object:
            now = time.monotonic()
            moments.append(now)
            return script(prompt, body)

        server.script = noted  # type: ignore[assignment]
        idle = time.monotonic()
        while not moments or time.monotonic() - idle < 10:
            before = len(moments)
            time.sleep(0.2)
            if len(moments) != before:
                idle = time.monotonic()
        told.put((min(moments) - LATENCY_S, max(moments), len(moments), server.most_busy))


def asking(questions: int, workers: int) -> tuple[str, ...]:
    """One run of an endpoint by ``workers`` actors; a row of the table."""
    set_workers(1, workers)
    told: mp.Queue[object] = mp.Queue()
    process = mp.Process(target=serve, args=(told,), daemon=True)
    process.start()
    try:
        model = served_model(str(told.get(timeout=60)), remote_id="served", revision="1")
        made = bank(questions, model)
        took, _, answers = take("ray", made, spec_of(made))
        first, last, requests, open_at_most = told.get(timeout=60)  # type: ignore[misc]
    finally:
        process.terminate()
    ideal = requests / ACTORS * LATENCY_S
    sys.stdout.write(f"{workers} workers: {last - first:.1f} s for {requests} requests, ideal {ideal:.1f}\n")
    return (
        str(workers),
        f"{answers:,}",
        str(open_at_most),
        f"{last - first:.1f}",
        f"{ideal:.1f}",
        f"{(last - first) / ideal:.2f}",
        f"{took:.1f}",
    )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--asked", type=int, default=ASKED, help="questions to the endpoint, six cells each")
    chosen = parser.parse_args()
    local = computing(chosen.rounds, chosen.questions)
    rows = [asking(chosen.asked, workers) for workers in (ACTORS, 4)]
    head = (
        "workers",
        "answers",
        "open at most",
        "asking, s",
        "ideal, s",
        "x ideal",
        "whole call, s",
    )
    body = (
        f"{machine()} ({processor_family()}). {versions('ray', 'torch', 'openai')}.\n\n{local}\n\n"
        f"An endpoint that waits {LATENCY_S * 1000:.0f} ms before each answer and takes {ACTORS} requests at once,"
        " which all workers keep together. Asking is from the first request to the last answer, by the server's clock."
        f" Aim with {ACTORS} workers: within {MOST} x the ideal.\n\n"
        f"{table(head, rows)}"
    )
    sys.stdout.write(body + "\n")
    if chosen.rounds >= ROUNDS:
        write_section(TITLE, body)


if __name__ == "__main__":
    main()
