"""Licences of everything that the app needs, from the metadata of the installed packages.

Prints one line a package; ends with 1 where a licence is not on the list below, so that a person looks at it.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = (
    r"mit|apache|bsd|isc|psf|python software foundation|mpl|mozilla public|unlicense|zlib|cnri|hpnd|0bsd|public domain|"
    r"bsl-1\.0|cc0|ofl-1\.1"
)
FORBIDDEN = r"\bagpl|affero|sspl|busl|commons clause|non-?commercial|proprietary|(?<!l)gpl(?!.*(linking|exception))"
KNOWN = {"pycountry": "LGPL-2.1-only: used as a library, unchanged"}
"""Packages that are neither and were looked at by a person, with what was found."""


def licence_of(package: Distribution) -> str:
    """What the package says of itself: the expression, else the classifiers, else the first line of the free text."""
    told = package.metadata
    if told.get("License-Expression"):
        return str(told["License-Expression"])
    kinds = [line.split(" :: ")[-1] for line in told.get_all("Classifier") or [] if line.startswith("License ::")]
    free = str(told.get("License") or "").strip().splitlines()
    return "; ".join(kind for kind in kinds if kind != "OSI Approved") or (free[0][:80] if free else "")


def needed(path: Path) -> dict[str, Distribution]:
    """The installed packages that ``path`` asks for, and all that those need, by name."""
    found: dict[str, Distribution] = {}
    lines = [line.split("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
    waiting = [(Requirement(line), "") for line in lines if line and not line.startswith("-")]
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate({**default_environment(), "extra": extra}):
            continue
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        for part in ("", *wanted.extras):
            if (name, part) in seen:
                continue
            seen.add((name, part))
            try:
                found[name] = distribution(name)
            except PackageNotFoundError:
                continue
            waiting += [(Requirement(text), part) for text in found[name].requires or []]
    return found


def verdict(name: str, licence: str) -> str:
    """``ok``, ``looked at``, ``forbidden`` or ``unknown``."""
    if name in KNOWN:
        return "looked at"
    if re.search(FORBIDDEN, licence, re.IGNORECASE):
        return "forbidden"
    return "ok" if re.search(ALLOWED, licence, re.IGNORECASE) else "unknown"


def main() -> int:
    """Print the list; 1 where a person has to look."""
    rows = [
        (name, package.version, licence_of(package))
        for name, package in sorted(needed(ROOT / "requirements.txt").items())
    ]
    bad = 0
    for name, version, licence in rows:
        found = verdict(name, licence)
        bad += found in ("forbidden", "unknown")
        print(f"{found:10} {name} {version}: {KNOWN.get(name) or licence or 'says nothing'}")  # noqa: T201
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
