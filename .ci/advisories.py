"""Known vulnerabilities of everything that is installed here for the app and its tests, by pip-audit.

``python .ci/advisories.py PIP_AUDIT``. Where the service of advisories cannot be reached, that is said and nothing
fails: not audited is not the same as sound. Findings that a person has looked at stand in ``advisories.toml``, each
with a reason; any other ends with 1.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from licences import ROOT, needed

IGNORED = Path(__file__).with_name("advisories.toml")
CANARY = {"jinja2": "2.4.1"}
"""A version with advisories since 2014: whoever finds none for it has not reached the service."""
TIMEOUT_S = 300

Report = dict[str, list[dict[str, Any]]]
Auditor = Callable[[Mapping[str, str]], Report | None]


def installed() -> dict[str, str]:
    """Names and versions of what both lists of requirements ask for, and all that it needs."""
    found = {**needed(ROOT / "requirements.txt"), **needed(ROOT / "requirements-dev.txt")}
    # What follows a plus sign is the name of a build, which no advisory knows.
    return {name: package.version.partition("+")[0] for name, package in sorted(found.items())}


def pip_audit(program: str) -> Auditor:
    """Asks ``program`` about packages; ``None`` where it gave no report."""

    def ask(packages: Mapping[str, str]) -> Report | None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write("".join(f"{name}=={version}\n" for name, version in packages.items()))
            file.flush()
            how = ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
            try:
                done = subprocess.run(  # noqa: S603 - the program that CI has just installed
                    [program, "-r", file.name, *how], capture_output=True, text=True, timeout=TIMEOUT_S, check=False
                )
                told = json.loads(done.stdout)
            except (OSError, ValueError, subprocess.TimeoutExpired):
                return None
        return {
            entry["name"]: entry.get("vulns", [])
            for entry in told.get("dependencies", [])
            if "skip_reason" not in entry
        }

    return ask


def judge(report: Report, packages: Mapping[str, str], ignored: Mapping[str, Any]) -> tuple[list[str], bool]:
    """What to print, and whether it fails."""
    lines, bad = [], False
    for name, version in packages.items():
        if name not in report:
            lines.append(f"not audited {name} {version}: the service does not know it")
        for found in report.get(name, []):
            known = {found["id"], *found.get("aliases", [])} & set(ignored)
            bad = bad or not known
            fixed = ", ".join(found.get("fix_versions", [])) or "no version yet"
            why = f"looked at: {ignored[min(known)]['reason']}" if known else f"fixed in {fixed}"
            lines.append(f"{'ignored' if known else 'VULNERABLE'} {name} {version} {found['id']}: {why}")
    met = {name for found in report.values() for entry in found for name in (entry["id"], *entry.get("aliases", []))}
    lines += [f"{name} in {IGNORED.name} is no longer found: remove it" for name in ignored if name not in met]
    return lines, bad


def audit(ask: Auditor, packages: Mapping[str, str], ignored: Mapping[str, Any]) -> tuple[str, int]:
    """The words for the log and the exit code."""
    canary = ask(CANARY)
    if not any((canary or {}).values()):
        return "Advisories: the service could not be reached from here, so NOTHING WAS AUDITED.", 0
    report = ask(packages)
    if report is None:
        return "Advisories: the service stopped answering, so NOTHING WAS AUDITED.", 0
    lines, bad = judge(report, packages, ignored)
    return "\n".join([*lines, f"Advisories: {len(report)} of {len(packages)} packages were audited."]), int(bad)


def main() -> int:
    """Audit what is installed."""
    words, code = audit(pip_audit(sys.argv[1]), installed(), tomllib.loads(IGNORED.read_text("utf-8")))
    print(words)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
