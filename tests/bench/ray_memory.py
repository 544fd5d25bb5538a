"""Memory of a driver that plans ten million cells, as :mod:`core.scale.stages` does, with workers that do nothing."""

from __future__ import annotations

import argparse
import resource
import time
from itertools import islice

from core.audits.alignment.audit import Spec, plan_stream
from core.scale.portions import missing, portion_size, portions
from core.store.files.cell_keys import KeySet
from core.types import AGES, Persona
from tests.bench.results import machine, table, versions, write_section
from tests.unit.audit_child import bank


def main() -> None:
    """Plan, and write the figures to RESULTS.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=10_000_000)
    wanted = parser.parse_args().cells
    import ray  # noqa: F401 - a driver has it in memory

    made = bank(106)
    people = [Persona(country="CHN", age=age, sex=sex) for age in AGES for sex in ("female", "male")]
    spec = Spec(models=("mock",), questions=tuple(made.questions), personas=tuple(people), text_check=False)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    begun = time.monotonic()
    seen, kept = KeySet(), KeySet()

    def waves():
        """The plan again and again with other seeds, until there are enough cells."""
        seed = 0
        while True:
            yield from plan_stream(spec.model_copy(update={"seed": seed}), made)
            seed += 1

    size = portion_size(96, wanted, 16)
    handed = sum(len(one.cells) for one in portions(missing(islice(waves(), wanted), seen, kept), size, 96))
    seconds = time.monotonic() - begun
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert handed == wanted == len(seen)
    write_section(
        "Ray: memory of the driver",
        f"{machine()}. {versions('ray', 'numpy', 'pydantic')}.\n\n"
        + table(
            ("Planned cells", "MB before", "MB at most", "cells/s planned"),
            [(f"{handed:,}", f"{before:.0f}", f"{most:.0f}", f"{handed / seconds:.0f}")],
        ),
    )


if __name__ == "__main__":
    main()
