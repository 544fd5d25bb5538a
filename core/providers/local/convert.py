"""Converts a GGUF file to a folder of dense safetensors, in a process of its own.

Such a process can be stopped at once, returns its memory when it ends, and keeps the output of transformers away from
the app. It is started as ``python -m core.providers.local.convert FILE FOLDER``.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path

from core.cancel import CancelToken
from core.errors import DataError, Unreachable, said
from core.providers.local.command import run_command
from core.providers.local.dense import NotUnderstood, dense_bytes
from core.providers.local.disk import disk_full, require_room, says_full
from core.providers.local.fetch import Report

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[3]
_STEP = re.compile(r"^step (\d\.\d+)$", re.MULTILINE)


def convert_gguf(
    gguf: Path, folder: Path, report_convert: Report, report_save: Report, cancel: CancelToken | None = None
) -> None:
    """Write the model and tokenizer of ``gguf`` into ``folder`` as 32-bit floats.

    Raises :class:`Unreachable` where disk or memory are too small, :class:`DataError` where the file cannot be read,
    and :class:`Cancelled`.
    """
    try:
        expected = dense_bytes(gguf)
    except NotUnderstood as error:
        raise DataError(said("convert_failed", reason=error)) from error
    require_room(folder, expected)

    def watch(output: str) -> None:
        if steps := _STEP.findall(output):
            report_convert(min(float(steps[-1]), 1.0))

    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONIOENCODING": "utf-8"}
    arguments = (sys.executable, "-m", "core.providers.local.convert", str(gguf), str(folder))
    finished = run_command(arguments, environment=environment, folder=_ROOT, watch=watch, cancel=cancel)
    if finished.status == 0:
        report_convert(1.0)
        report_save(1.0)
        return
    log.warning("the conversion ended with %s: %s", finished.status, finished.output[-2000:])
    if says_full(finished.output, folder):
        raise disk_full(folder.parent, expected)
    if finished.status in (-9, 137) or "memoryerror" in finished.output.lower():
        raise Unreachable(said("convert_memory"))
    last = next((line for line in reversed(finished.output.splitlines()) if line.strip()), "no reason given")
    raise DataError(said("convert_failed", reason=last.strip()))


def main(gguf: Path, folder: Path) -> int:
    """Convert in this process. Lines such as ``step 0.5`` on standard output report the progress."""

    def step(fraction: float) -> None:
        sys.stdout.write(f"step {fraction:.3f}\n")
        sys.stdout.flush()

    from core.providers.local.dense import NotUnderstood, write_dense

    try:
        write_dense(gguf, folder, step)
    except NotUnderstood as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
