"""Benchmarks one after the other: ``python -m tests.bench``, or some by name, as ``python -m tests.bench start``."""

from __future__ import annotations

import argparse
import subprocess
import sys

SCRIPTS = (
    "first_token",
    "probe_ask",
    "start",
    "pages",
    "audit_pages",
    "store_scale",
    "aggregate",
    "survey_import",
    "concurrency",
    "thirty",
    "memory",
    "foreign_servers",
    "slow_server",
    "ray_memory",
    "ray_workers",
    "ray_kills",
    "ray_s3",
    "scale_plan",
    "model_memory",
    "trace_live",
    "writing",
    "reading_servers",
    "tuning_time",
)


def main(arguments: list[str] | None = None) -> int:
    """Run each benchmark that is named, or all, in a process of its own; the number that failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="All take hours on two quiet cores.")
    parser.add_argument("names", nargs="*", choices=[*SCRIPTS, []], metavar="NAME", help=", ".join(SCRIPTS))
    names = parser.parse_args(arguments).names or SCRIPTS
    failed = [name for name in names if subprocess.run([sys.executable, "-m", f"tests.bench.{name}"]).returncode]
    if failed:
        sys.stdout.write(f"failed: {', '.join(failed)}\n")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
