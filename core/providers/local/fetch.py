"""Fetches one pinned wheel with the user's own pip.

pip knows the user's index, proxy and certificates, so a school's or an office's settings apply. The wheel is only
downloaded: nothing is installed and none of its code runs.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from core.cancel import CancelToken, check_cancel
from core.errors import Said, Unreachable, said
from core.providers.local.command import run_command
from core.providers.local.disk import disk_full, says_full

log = logging.getLogger(__name__)

Report = Callable[[float], None]
_BLOCK = 1 << 20
_NO_CONNECTION = ("connection", "timed out", "timeout", "name resolution", "proxy", "ssl", "retrying", "unreachable")


def fetch_wheel(
    requirement: str,
    size: int,
    folder: Path,
    report: Report,
    cancel: CancelToken | None = None,
    pip: Sequence[str] = (sys.executable, "-m", "pip"),
) -> Path:
    """Download the wheel of ``requirement`` (``name==version``) into ``folder`` and return its path.

    ``size`` is the wheel's size in bytes, from which the progress is computed. Raises :class:`Unreachable` where pip
    cannot get it, and :class:`Cancelled`. A partial download stays in ``folder``, which the caller removes.
    """
    scratch, target = folder / "pip", folder / "wheel"
    scratch.mkdir()
    target.mkdir()
    # pip's temporary files go to our folder: its growth is the progress with any pip, old or new, and a
    # killed download leaves nothing behind elsewhere.
    places = {name: str(scratch) for name in ("TMPDIR", "TEMP", "TMP")}
    environment = {**os.environ, **places, "PIP_REQUIRE_VIRTUALENV": "0", "PYTHONIOENCODING": "utf-8"}
    arguments = (
        *pip,
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--no-cache-dir",  # pip would keep a second copy of 93 MB
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar=off",
        "--retries=2",
        f"--dest={target}",
        requirement,
    )

    def watch(_: str) -> None:
        report(min(_largest(scratch) / size, 1.0))

    try:
        finished = run_command(arguments, environment=environment, watch=watch, cancel=cancel)
    except OSError as error:
        raise Unreachable(said("pip_not_started", reason=error.strerror), _by_hand(requirement)) from error
    wheels = list(target.glob("*.whl"))
    if finished.status or len(wheels) != 1:
        log.info("pip ended with %s: %s", finished.status, finished.output[-2000:])
        raise _explain(finished.output, requirement, size, folder)
    shutil.rmtree(scratch, ignore_errors=True)
    report(1.0)
    return wheels[0]


def _largest(folder: Path) -> int:
    sizes = [0]
    for path in folder.rglob("*.whl"):
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:  # pip has just moved the file
            continue
    return max(sizes)


def _by_hand(requirement: str) -> Said:
    return said("hint_by_hand", requirement=requirement)


def _explain(output: str, requirement: str, size: int, folder: Path) -> Unreachable:
    # The output of pip goes to the log only, because it may name a private index.
    lowered = output.lower()
    if says_full(output, folder):
        return disk_full(folder.parent, size)
    if "no module named pip" in lowered:
        return Unreachable(said("no_pip"))
    if any(words in lowered for words in _NO_CONNECTION):
        return Unreachable(said("no_index"))
    return Unreachable(said("not_in_index", requirement=requirement), _by_hand(requirement))


def sha256(path: Path, cancel: CancelToken | None = None) -> str:
    """The SHA-256 of a file in hex. Raises :class:`Cancelled`."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            check_cancel(cancel)
            found.update(block)
    return found.hexdigest()
