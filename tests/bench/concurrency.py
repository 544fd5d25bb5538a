"""How near to ideal are many requests at once? Run by hand: ``python -m tests.bench.concurrency``.

A loopback server waits 100 ms before each answer; 200 cells go through the runner into a run on the disk, 16 at a time.
Everything counts: prompts, cache, chunks, shards. The median of some rounds goes into RESULTS.md.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing as mp
import statistics
import sys
import tempfile
import time
from pathlib import Path

from core.providers.hosted.openai_like import OpenAILikeProvider
from core.runs.keeper import RunKeeper
from core.runs.runner import Runner
from core.settings import settings
from core.store import Store
from core.types import Cell, Model, Persona
from tests.bench.results import machine, table, versions, write_section
from tests.chat_server import ChatServer, served_model
from tests.unit.audit_child import bank, new_run, question

TITLE = "Many requests at once"
CELLS, LATENCY_S, AIM = 200, 0.1, 1.3
COUNTRIES = ("CHN", "USA", "DEU", "NGA", "IND", "BRA", "JPN", "GBR")


def serve(address: mp.Queue[str]) -> None:
    """The server, in a process of its own, so that its work does not count as ours."""
    with ChatServer(lambda prompt, body: {"A": 0.7, "B": 0.2, "C": 0.1}, delay_s=LATENCY_S) as server:
        address.put(server.url)
        time.sleep(600)


def cells_for(model: Model, count: int) -> list[Cell]:
    """Cells of which no two put the same words."""
    return [
        Cell(
            kind="options",
            model=model,
            question=question(number // len(COUNTRIES)),
            persona=Persona(country=COUNTRIES[number % len(COUNTRIES)]),
        )
        for number in range(count)
    ]


def one_round(model: Model, folder: Path) -> tuple[float, float, int]:
    """Seconds of the clock, seconds of our processor, and answers."""
    provider, store = OpenAILikeProvider(), Store(folder)
    made = bank(1, model)
    with store.open(new_run(store, made)) as run:
        runner = Runner(RunKeeper(store, run), lambda name: provider)
        runner.run(cells_for(model, CELLS + 1)[-1:])  # imports and the first connection are not what is measured
        started, busy = time.perf_counter(), time.process_time()
        results = runner.run(cells_for(model, CELLS))
        taken, busy = time.perf_counter() - started, time.process_time() - busy
    store.close()
    return taken, busy, sum(result.response.outcome == "option" for result in results)


def main() -> None:
    """Print and write the time taken, the ideal time, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    limit = settings().max_in_flight
    address: mp.Queue[str] = mp.Queue()
    process = mp.Process(target=serve, args=(address,), daemon=True)
    process.start()
    try:
        model = served_model(address.get(timeout=30))
        with tempfile.TemporaryDirectory() as folder:
            measured = [one_round(model, Path(folder) / str(number)) for number in range(rounds)]
        size = OpenAILikeProvider().batch_size(model)
    finally:
        process.terminate()
    if any(answers != CELLS for _, _, answers in measured):
        raise SystemExit(f"Not every cell was answered: {measured}")
    ideal = math.ceil(CELLS / limit) * LATENCY_S
    taken = statistics.median(seconds for seconds, _, _ in measured)
    busy = statistics.median(seconds for _, seconds, _ in measured)
    spread = ", ".join(f"{seconds:.2f}" for seconds, _, _ in measured)
    rows = [("this app", f"{taken:.2f}", f"{taken / ideal:.2f}"), ("ideal", f"{ideal:.2f}", "1.00")]
    body = (
        f"{machine()}. {versions('openai', 'httpx2')}.\n\n"
        f"{CELLS} cells of one hosted model through the runner into a run on the disk, {limit} in flight,"
        f" {size} a chunk, a loopback server that waits {LATENCY_S * 1000:.0f} ms before each answer;"
        f" median of {rounds} rounds ({spread} s)."
        f" Aim: under {AIM} x the ideal time.\n\n{table(('', 'seconds', 'x ideal'), rows)}\n\n"
        f"Our own work takes {busy / CELLS * 1000:.1f} ms of processor a cell."
    )
    sys.stdout.write(body + "\n")
    write_section(TITLE, body)


if __name__ == "__main__":
    main()
