#!/usr/bin/env bash
# torch 2.13.0: several processes that each compute with all processors need far more processor time for the same work.
#
# A small language model is a chain of small matrix products. torch shares each of them out to one thread a processor. The
# threads that are done wait for the last one in a loop, which costs processor time while they do nothing; where another
# process has the processor of the last one, they wait for its whole turn. So three workers beside one another, as a test
# suite, a bulk run or an app with two models has them, need a multiple of the processor time that the same three need
# with one thread each, and are slower by the clock too. With one process alone nothing of this is seen.
#
# Versions: torch 2.13.0 (CPU), numpy 2, Python 3.11, two processors (AMD EPYC).
# Output seen on 2026-11-28: OUTPUT
# Exits with 1 where three processes with a thread each no longer need less processor time than with two.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q torch==2.13.0 'numpy<3' 2>/dev/null
cat > work.py <<'P'
import torch

torch.manual_seed(0)
up, down = torch.randn(576, 1536) / 24, torch.randn(1536, 576) / 39
rows = torch.randn(64, 576)
with torch.inference_mode():
    for _ in range(6_000):
        rows = torch.nn.functional.normalize(rows + torch.relu(rows @ up) @ down)
P
cat > look.py <<'P'
import json
import os
import resource
import subprocess
import sys
import time


def used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


seen = {}
for count in (1, 3):
    for threads in ("2", "1"):
        before, begin = used(), time.perf_counter()
        running = [
            subprocess.Popen([sys.executable, "work.py"], env={**os.environ, "OMP_NUM_THREADS": threads})
            for _ in range(count)
        ]
        for one in running:
            assert one.wait() == 0
        took = time.perf_counter() - begin
        seen[f"{count} processes, {threads} threads"] = [round(used() - before, 1), round(took, 1)]
print(json.dumps(seen))
sys.exit(seen["3 processes, 2 threads"][0] < 1.3 * seen["3 processes, 1 threads"][0])
P
venv/bin/python look.py
