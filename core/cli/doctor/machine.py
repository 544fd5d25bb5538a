"""Checks of the machine: Python, libraries, folders and disk, fonts, clock."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from core.cli.doctor.line import Line
from core.cli.doctor.requirements import PYPROJECT, needs
from core.errors import ProviderError
from core.providers.local.libraries import LOCAL

INSTALL = "pip install -r requirements.txt" if PYPROJECT.is_file() else 'pip install "parallax[local]"'
LEAST_PYTHON = (3, 11)
LITTLE_ROOM = 10**9
"""Free bytes below which a long run may fill the disk."""
NO_ROOM = 50 * 10**6
"""Free bytes below which hardly any run can be stored."""
TUNING = "peft"
"""The library without which models run, and none can be tuned."""
LOCAL_ONLY = (*LOCAL, "accelerate", "gguf", TUNING)
_AHEAD = timedelta(days=1)


def checks() -> Iterator[Line]:
    """All checks of this module."""
    yield Line("system", "ok", f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors")
    yield _python()
    yield from _libraries()
    models = _local_models()
    yield models
    if models.state == "ok":
        yield from _computing()
    yield from _proxies()
    yield from _folders()
    yield _font()
    yield _clock()


def _python() -> Line:
    if sys.version_info < LEAST_PYTHON:
        return Line("python", "broken", f"{platform.python_version()}; Parallax needs 3.11 or newer")
    return Line("python", "ok", platform.python_version())


def _libraries() -> Iterable[Line]:
    """Whether every library that is needed is installed in a version that was asked for."""
    try:
        wanted = needs()
    except metadata.PackageNotFoundError:
        yield Line("libraries", "unknown", "neither a checkout nor an installed package says what is needed")
        return
    for library in wanted.core:
        yield _library(library, Line(library.name, "broken", f"not installed; run: {INSTALL}"))
    for library in wanted.app:
        yield _library(library, Line(library.name, "absent", f"not installed; the pages need it: {INSTALL}"))


def _library(wanted: Requirement, missing: Line) -> Line:
    try:
        version = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        return missing
    if wanted.specifier.contains(version, prereleases=True):
        return Line(wanted.name, "ok", version)
    return Line(wanted.name, "broken", f"{version}, but {wanted.specifier} is needed; run: {INSTALL}")


def _local_models() -> Line:
    """Whether models can compute on this machine. Torch is imported, since it may be installed and fail to load."""
    versions, missing = [], []
    for name in LOCAL_ONLY:
        try:
            versions.append(f"{name} {metadata.version(name)}")
            if name == "torch":
                importlib.import_module(name)
        except ImportError:  # a package that is not found is an ImportError too
            missing.append(name)
        except (OSError, RuntimeError) as error:
            return Line("local models", "broken", f"{name} is installed and does not load: {error}")
    if missing == [TUNING]:
        what = f"{', '.join(versions)}; {TUNING} not installed, so none can be tuned"
        return Line("local models", "ok", f"{what}. {INSTALL}")
    if missing:
        what = f"{', '.join(missing)} not installed, so no model can run on this computer"
        return Line("local models", "absent", f"{what}; hosted models and all pages work. {INSTALL}")
    return Line("local models", "ok", ", ".join(versions))


def _computing() -> Iterable[Line]:
    """Device and number format of models on this computer, and how much faster the other format would be.

    The speed is measured where it was not measured before.
    """
    from core.providers.local.device import choose_device, device_name
    from core.providers.local.machine import processor_family
    from core.providers.local.number_formats import faster_format, gain, measured_rates
    from core.settings import settings

    try:
        device = choose_device()
    except ProviderError as error:
        yield Line("local computing", "broken", error.sentence())
        return
    wanted = settings().precision
    builtin = "float32" if wanted == "auto" else wanted
    others = faster_format(device) if wanted == "auto" else wanted
    place = device_name() if device == "cuda" else processor_family()
    half = gain(measured_rates(device))
    yield Line(
        "local computing",
        "ok",
        f"on {place}; the built-in model in {builtin}, other models in {others}; measured here, bfloat16 is"
        f" {half.reading:.2g} times as fast as float32 at reading and {half.writing:.2g} times at writing",
    )


def _proxies() -> Iterable[Line]:
    """The proxies of requests to hosted models. Endpoints on this computer are reached without them."""
    from core.providers.hosted.transport import problem_of, proxies

    for name, value in proxies().items():
        problem = None if name == "NO_PROXY" else problem_of(value if "://" in value else f"http://{value}")
        if problem is not None:
            yield Line(name, "broken", f"{value}: {problem.message()}. Correct or unset it.")
        else:
            yield Line(name, "ok", f"{value}; endpoints on this computer are reached without it")


def _folders() -> Iterable[Line]:
    from core.settings import settings

    yield _folder("runs folder", settings().runs_dir)
    yield _folder("model cache", settings().cache_dir)


def _folder(name: str, path: Path) -> Line:
    try:
        there = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
        if not there.is_dir():
            return Line(name, "broken", f"{there} is a file, not a folder")
        list(there.iterdir())
        with tempfile.TemporaryFile(dir=there):
            pass
        free = shutil.disk_usage(there).free
    except OSError as error:
        return Line(name, "broken", f"{path} cannot be read and written: {error.strerror or error}")
    detail = f"{path}, {free / 1e9:.1f} GB free"
    if free < NO_ROOM:
        return Line(name, "broken", f"{detail}; the disk is full: make room, or set another folder")
    if free < LITTLE_ROOM:
        return Line(name, "low", f"{detail}; the disk is nearly full: a long run may not fit")
    return Line(name, "ok", detail)


def _font() -> Line:
    """Whether charts can be written as PNG: without a font on the system all their texts are missing."""
    import vl_convert

    def drawn(text: str) -> bytes:
        mark = {"type": "text", "fontSize": 20}
        spec = {"data": {"values": [{"t": text}]}, "mark": mark, "encoding": {"text": {"field": "t"}}}
        return bytes(vl_convert.vegalite_to_png({**spec, "width": 40, "height": 40}))

    empty = drawn(" ")
    lacking = [words for words, text in (("Latin letters", "W"), ("Chinese signs", "\u4e2d")) if drawn(text) == empty]
    if lacking:
        return Line("fonts", "absent", f"no font of this system has {' or '.join(lacking)}; PNG files lack such texts")
    return Line("fonts", "ok", "PNG files get their texts, Chinese ones too")


def _clock() -> Line:
    """Whether the clock is behind times that are stored already, which new runs would contradict."""
    from core.store import open_shipped

    store = open_shipped()
    try:
        latest = max(store.runs()["created"], default=None)
    finally:
        store.close()
    now = datetime.now(UTC)
    if latest is not None and now + _AHEAD < latest.to_pydatetime():
        return Line("clock", "broken", f"says {now:%Y-%m-%d}, which is before this version was made: set the clock")
    return Line("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")
