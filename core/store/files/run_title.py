"""Title and note of a run, as a reader has changed them: a file beside run.json that needs no right to write the run.

So a run can be renamed while another process writes it. The label is replaced as a whole and comes before what
run.json says; of two who rename at once the later one is heard.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from core.errors import DataError, InputError, said
from core.store.files.run_info import RUN_FILE, RunInfo, read_info
from core.store.files.whole_files import write_atomically
from core.types import Frozen

LABEL_FILE = "label.json"
LONGEST_LABEL = 2**20


class Label(Frozen):
    """What a run is called."""

    title: str
    note: str


def write_label(folder: Path, **changes: str) -> RunInfo:
    """Change ``title`` or ``note`` of the run in ``folder``; returns it as it then reads. Raises :class:`DataError`."""
    if not (folder / RUN_FILE).is_file():
        raise InputError(said("no_run", run=folder.name))
    info, _ = read_labelled(folder)
    label = Label.model_validate({"title": info.title, "note": info.note, **changes})
    write_atomically(folder / LABEL_FILE, label.model_dump_json(indent=1).encode())
    return info.model_copy(update=label.model_dump())


def read_labelled(folder: Path) -> tuple[RunInfo, DataError | None]:
    """The run.json of ``folder`` with its label, and what was wrong with the label, which hides no run.

    Raises what :func:`read_info` raises.
    """
    info = read_info(folder)
    path = folder / LABEL_FILE
    try:
        with path.open("rb") as file:
            label = Label.model_validate_json(file.read(LONGEST_LABEL))
    except FileNotFoundError:
        return info, None
    except (OSError, ValidationError):
        return info, DataError(said("run_label", file=LABEL_FILE))
    return info.model_copy(update=label.model_dump()), None
