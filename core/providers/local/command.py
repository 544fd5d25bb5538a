"""Runs another program, watches its output, and stops it when the user asks."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from core.cancel import CancelToken, check_cancel

_POLL_S = 0.1
_GRACE_S = 5.0


class Finished(NamedTuple):
    """The exit status of a program and all that it wrote."""

    status: int
    output: str


def run_command(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path | None = None,
    watch: Callable[[str], None] | None = None,
    cancel: CancelToken | None = None,
) -> Finished:
    """Run ``arguments`` to the end. ``watch`` is called with the output so far, about ten times a second.

    Raises :class:`Cancelled` after stopping the program, and ``OSError`` where it cannot be started.
    """
    # The output goes to a file: a program that writes much would block on a full pipe.
    with tempfile.TemporaryDirectory() as scratch, (Path(scratch) / "output").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - a list, no shell; callers pass fixed programs
            list(arguments),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )

        def written() -> str:
            return Path(output.name).read_text("utf-8", errors="replace")

        try:
            while True:
                try:
                    status = process.wait(timeout=_POLL_S)
                    return Finished(status, written())
                except subprocess.TimeoutExpired:
                    check_cancel(cancel)
                    if watch:
                        watch(written())
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
