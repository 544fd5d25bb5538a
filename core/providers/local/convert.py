"""Turn a GGUF file into a dense safetensors folder, in a process of its own.

A process of its own, because it can be stopped at once, gives its memory back when it ends, and keeps what
transformers writes to the screen away from the app. Run as ``python -m core.providers.local.convert FILE FOLDER``.
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
from core.providers.local.disk import disk_full, says_full
from core.providers.local.fetch import Report

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[3]
_STEP = re.compile(r"^step (\d\.\d+)$", re.MULTILINE)
_DENSE_BYTES_PER_GGUF_BYTE = 5.5  # four-bit weights with their scales, written as 32-bit floats


def convert_gguf(
    gguf: Path, folder: Path, report_convert: Report, report_save: Report, cancel: CancelToken | None = None
) -> None:
    """Write model and tokenizer of ``gguf`` into ``folder`` as 32-bit floats.

    Raises :class:`Unreachable` where disk or memory do not suffice, :class:`DataError` where the file cannot be
    read, and :class:`Cancelled`.
    """
    weights = folder / "model.safetensors"
    expected = max(gguf.stat().st_size * _DENSE_BYTES_PER_GGUF_BYTE, 1)

    def watch(output: str) -> None:
        if weights.exists():
            report_convert(1.0)
            report_save(min(weights.stat().st_size / expected, 1.0))
        elif steps := _STEP.findall(output):
            report_convert(float(steps[-1]))

    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONIOENCODING": "utf-8"}
    arguments = (sys.executable, "-m", "core.providers.local.convert", str(gguf), str(folder))
    finished = run_command(arguments, environment=environment, folder=_ROOT, watch=watch, cancel=cancel)
    if finished.status == 0:
        report_convert(1.0)
        report_save(1.0)
        return
    log.warning("the conversion ended with %s: %s", finished.status, finished.output[-2000:])
    if says_full(finished.output, folder):
        raise disk_full(folder.parent, int(expected))
    if finished.status in (-9, 137) or "memoryerror" in finished.output.lower():
        raise Unreachable(said("convert_memory"))
    last = next((line for line in reversed(finished.output.splitlines()) if line.strip()), "no reason given")
    raise DataError(said("convert_failed", reason=last.strip()))


def main(gguf: Path, folder: Path) -> None:
    """Do the conversion here; lines ``step 0.5`` on the standard output tell how far it is."""

    def step(fraction: float) -> None:
        sys.stdout.write(f"step {fraction}\n")
        sys.stdout.flush()

    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    step(0.2)
    place, name = str(gguf.parent), gguf.name
    tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=name)
    step(0.4)
    loaded = AutoModelForCausalLM.from_pretrained(place, gguf_file=name, dtype=torch.float32)
    step(0.9)
    config = loaded.config
    # These would make the dense folder claim to be quantised.
    for stale in ("quantization_config", "_pre_quantization_dtype"):
        if hasattr(config, stale):
            delattr(config, stale)
    # A model loaded from GGUF refuses to be saved; its weights in a fresh model do not.
    dense = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    dense.load_state_dict(loaded.state_dict())
    dense.generation_config = loaded.generation_config
    dense.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
