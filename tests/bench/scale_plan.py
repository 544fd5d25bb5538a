"""Fifty million prompts on 8 and 64 GPUs, computed from what shipped runs measured on one."""

from __future__ import annotations

import json

from core.scale.simulation import Work, simulate
from core.settings import DATA
from tests.bench.results import table, write_section

PROMPTS, MODELS, BATCH = 50_000_000, 60, 768
GPU = "H100"
LOADS = (5, 15, 30)
HANDING_S = 0.02
"""Seconds of the driver for one portion: an assumption, on the safe side."""


def measured() -> dict[str, tuple[str, float, float]]:
    """Shipped runs without written answers that one GPU answered: the model, answers a second, bytes an answer."""
    found = {}
    for path in sorted((DATA / "runs").glob("representation-*/run.json")):
        info = json.loads(path.read_text("utf-8"))
        (model,) = info["computed"]
        if any(GPU not in one["device"] for one in info["computed"][model]):
            continue
        fresh = info["counts"]["answers"] - info["counts"]["copied"]
        size = sum((path.parent / name).stat().st_size for name in info["shards"])
        found[path.parent.name] = (model, fresh / info["seconds"], size / info["counts"]["answers"])
    return found


def main() -> None:
    """Measure, simulate, write."""
    runs = measured()
    slowest = min(rate for _, rate, _ in runs.values())
    size = max(bytes_ for _, _, bytes_ in runs.values())
    head = ("Shipped run on one H100", "answers/s", "bytes an answer")
    rates = [(f"{name}", f"{rate:.0f}", f"{bytes_:.0f}") for name, (_, rate, bytes_) in runs.items()]
    each = [Work(prompts=PROMPTS // MODELS, rate=slowest)] * MODELS
    rows = []
    for gpus in (8, 64):
        for parts in (1, 8) if gpus == 64 else (1,):
            for load in LOADS:
                one = simulate(
                    each[: -(-MODELS // parts)],
                    gpus // parts,
                    batch=BATCH,
                    load_s=load,
                    begin_s=60,
                    handing_s=HANDING_S,
                )
                split = "one run" if parts == 1 else f"{parts} runs by models, 8 GPUs each"
                how = f"{gpus} GPUs, {split}, {load} s a load"
                rows.append((how, f"{one.seconds / 3600:.1f}", f"{one.seconds * gpus / 3600:.0f}", f"{one.use:.0%}"))
    write_section(
        "Fifty million prompts: a plan",
        f"Computed by `core.scale.simulation` for {PROMPTS:,} prompts of {MODELS} models, each at the rate of the "
        "slowest of the runs below, which includes the time that loading took there. Assumed and not "
        f"measured: a worker begins in 60 s, and the driver takes {HANDING_S} s for a portion. The time to load a "
        "model is not measured either and therefore varied.\n\n"
        + table(head, rates)
        + "\n\n"
        + table(("Plan", "hours", "GPU hours", "use of the GPUs"), rows)
        + f"\n\nAt {size:.0f} bytes an answer the run folder has {PROMPTS * size / 1e9:.1f} GB.",
    )


if __name__ == "__main__":
    main()
