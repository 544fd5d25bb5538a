"""Title and note of a run as a reader changed them: a file beside run.json.

The file needs no lock, so a run can be renamed while another process writes it. It is replaced as a whole and comes
before the title and note in run.json. Where two readers rename a run at once, the later change stands.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from core.errors import DataError, InputError, said
from core.store.files.run_info import RUN_FILE, RunInfo, read_info
from core.store.files.whole_files import write_atomically
from core.types import Frozen

TITLE_FILE = "label.json"
"""Its name is that of run folders of all earlier versions."""
LONGEST_TITLE_FILE = 2**20
"""Bytes of the file that are read at most."""


class RunTitle(Frozen):
    """What a run is called, and what a reader noted on it."""

    title: str
    note: str


def write_title(folder: Path, **changes: str) -> RunInfo:
    """Change the ``title`` or the ``note`` of the run in ``folder``; returns the run.json with both as they are then.

    Raises :class:`InputError` where there is no run and :class:`DataError` where the file cannot be written.
    """
    if not (folder / RUN_FILE).is_file():
        raise InputError(said("no_run", run=folder.name))
    info, _ = read_titled(folder)
    named = RunTitle.model_validate({"title": info.title, "note": info.note, **changes})
    write_atomically(folder / TITLE_FILE, named.model_dump_json(indent=1).encode())
    return info.model_copy(update=named.model_dump())


def read_titled(folder: Path) -> tuple[RunInfo, DataError | None]:
    """The run.json of ``folder`` with the title and note of the file beside it.

    The second value says why that file could not be read, if it could not; the run then keeps the title and note of
    its run.json. Raises what :func:`read_info` raises.
    """
    info = read_info(folder)
    path = folder / TITLE_FILE
    try:
        with path.open("rb") as file:
            named = RunTitle.model_validate_json(file.read(LONGEST_TITLE_FILE))
    except FileNotFoundError:
        return info, None
    except (OSError, ValidationError):
        return info, DataError(said("run_title_damaged", file=TITLE_FILE))
    return info.model_copy(update=named.model_dump()), None
