"""How near to ideal are many requests at once? Run by hand: ``python -m tests.bench.concurrency``.

A loopback server waits 100 ms before each answer; 200 cells go out at 16 at a time, in the batches of the runner.
"""

from __future__ import annotations

import math
import multiprocessing as mp
import sys
import time

from core.providers.openai_like import OpenAILikeProvider
from core.settings import settings
from core.types import Capabilities, Message, Model, OptionAnswer, OptionRequest, Origin
from tests.chat_server import ChatServer

CELLS, LATENCY_S = 200, 0.1


def serve(address: mp.Queue[str]) -> None:
    """The server, in a process of its own, so that its work does not count as ours."""
    with ChatServer(lambda prompt, body: {"A": 0.7, "B": 0.3}, delay_s=LATENCY_S) as server:
        address.put(server.url)
        time.sleep(600)


def main() -> None:
    """Print the time taken, the ideal time, and their ratio."""
    limit = settings().max_in_flight
    provider = OpenAILikeProvider()
    address: mp.Queue[str] = mp.Queue()
    process = mp.Process(target=serve, args=(address,), daemon=True)
    process.start()
    try:
        url = address.get(timeout=30)
        model = Model(
            id="bench",
            name="Bench",
            provider="openai_like",
            endpoint=url,
            remote_id="bench",
            origin=Origin(base="none", tuner="none"),
            developer="none",
            family="none",
            capabilities=Capabilities(logprobs="top_k", top_k=20),
            link="https://example.org",
        )
        requests = [
            OptionRequest(
                model=model,
                messages=(Message(role="user", content=f"Question {number}?"),),
                labels=("A", "B"),
                codes=(1, 2),
            )
            for number in range(CELLS)
        ]
        provider.option_distribution(requests[:1])  # imports and the first connection are not what is measured
        size = provider.batch_size(model)
        started = time.perf_counter()
        answers = [
            answer
            for start in range(0, CELLS, size)
            for answer in provider.option_distribution(requests[start : start + size])
        ]
        taken = time.perf_counter() - started
    finally:
        process.terminate()
    good = sum(isinstance(answer, OptionAnswer) for answer in answers)
    ideal = math.ceil(CELLS / limit) * LATENCY_S
    sys.stdout.write(
        f"{good} of {CELLS} cells, {limit} in flight, {size} a batch: {taken:.2f} s; ideal {ideal:.2f} s;"
        f" ratio {taken / ideal:.2f}\n"
    )


if __name__ == "__main__":
    main()
