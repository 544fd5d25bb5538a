"""Write the golden files anew: ``python -m tests.unit.golden.make [NAME ...]``; without names, all of them.

A name is one of the pages in ``figures.py`` (``alignment``, ``stability``, ...) or ``identities``. Write figures anew
only where a change of statistics is meant to change them, and say so in the commit. Ids, keys and versions must not
move: write ``identities`` anew only where a shipped run was added or removed.
"""

from __future__ import annotations

import sys

from tests.unit.golden import pins
from tests.unit.golden.figures import FIGURES, open_world
from tests.unit.golden.identities import identities


def main(names: list[str]) -> None:
    """Write the files of ``names`` and tell what has changed in each."""
    world = open_world()
    for name in names or ["identities", *FIGURES]:
        found = identities(world.store, world.bank) if name == "identities" else FIGURES[name](world)
        frames = pins.pinned(found)
        before = pins.read(name) if (pins.PINNED / f"{name}.json").exists() else {}
        changed = pins.changes(name, before, frames)
        if changed:
            pins.write(name, frames)
        sys.stdout.write("\n".join([f"{name}: {len(changed)} changes", *changed, ""]))


if __name__ == "__main__":
    main(sys.argv[1:])
