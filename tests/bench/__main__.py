"""All benchmarks, one after the other: ``python -m tests.bench``. About an hour on two quiet cores."""

from __future__ import annotations

import subprocess
import sys

SCRIPTS = (
    "first_token",
    "probe_ask",
    "start",
    "pages",
    "audit_pages",
    "store_scale",
    "survey_import",
    "concurrency",
    "thirty",
    "memory",
    "foreign_servers",
    "slow_server",
)


def main() -> int:
    """Run each in a process of its own; the number that failed."""
    failed = [name for name in SCRIPTS if subprocess.run([sys.executable, "-m", f"tests.bench.{name}"]).returncode]
    if failed:
        sys.stdout.write(f"failed: {', '.join(failed)}\n")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
