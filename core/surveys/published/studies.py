"""The published studies: the description, the terms and the original file of each."""

from __future__ import annotations

import hashlib
import io
import tomllib
from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import ValidationError

from core.errors import DataError, said
from core.once import once
from core.settings import DATA
from core.types import Frozen

FOLDER = DATA / "published"
Terms = Literal["MIT", "Apache-2.0", "CC-BY-4.0", "quoted"]
"""Licence of the figures; ``quoted``: none is given, and figures are quoted with their citation."""
QUOTED = ("justifiable", "def_figures")
"""Studies whose files have a form of their own: see :mod:`.justifiable`, and the figures that were read off a chart."""
STUDIES = ("moral_machine", "criticism", "mfq2", "mfq2_2026", "segments", "lean", "value_scores", "people")


class Study(Frozen):
    """One table of ``data/published/studies.toml``; ``read`` is the day of the version, where it has one."""

    file: str
    sha256: str
    title: str
    link: str
    read: date | None = None
    terms: Terms


@once
def _studies(folder: Path) -> dict[str, Study]:
    try:
        tables = tomllib.loads((folder / "studies.toml").read_text("utf-8"))
        return {name: Study.model_validate(table) for name, table in tables.items()}
    except (OSError, ValueError, ValidationError) as error:
        raise DataError(said("studies_unreadable", reason=error)) from error


def study(name: str, folder: Path = FOLDER) -> Study:
    """The study ``name``, one of :data:`STUDIES` or :data:`QUOTED`.

    Raises :class:`DataError` where the list of studies is damaged.
    """
    found = _studies(folder).get(name)
    if found is None:
        raise DataError(said("studies_unreadable", reason=name))
    return found


@once
def read_file(name: str, folder: Path = FOLDER) -> pd.DataFrame:
    """The original file of the study ``name``; all columns are text except ``value``, ``n`` and ``size_b``.

    Raises :class:`DataError` where it cannot be read or its hash is not the stated one. Do not change the frame.
    """
    known = study(name, folder)
    try:
        raw = (folder / known.file).read_bytes()
    except OSError as error:
        raise DataError(said("published_unreadable", reason=error)) from error
    if hashlib.sha256(raw).hexdigest() != known.sha256:
        raise DataError(said("published_changed", file=known.file))
    frame = pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False)
    numbers = [column for column in ("value", "n", "size_b") if column in frame]
    return frame.assign(**{column: pd.to_numeric(frame[column]) for column in numbers})
