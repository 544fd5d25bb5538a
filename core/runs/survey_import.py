"""Reads a survey file in the background. The job goes on when its page is closed, and is found again."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from core.errors import InputError, said
from core.runs.jobs import Job, Jobs
from core.surveys.importing import Options, import_file
from core.surveys.importing.account import Account
from core.surveys.private import load_first, save_private, slug
from core.types import Frozen, Question

KEY = "own-data:"
STAGE = "import"
_STEPS = 1000
_MOST_WAITING = 8


class Upload(Frozen):
    """A file that was uploaded: its name, the reading options, and whether an incomplete reading is accepted.

    With ``rest`` the questions that were understood are kept although others are refused; without it nothing is kept
    then.
    """

    name: str
    options: Options = Options()
    rest: bool = False


class Imported(Frozen):
    """The result of an import: name of the private reference, its shares, questions and countries, and the account.

    ``kept`` is false where questions were refused and the user has not accepted the rest.
    """

    name: str
    shares: int
    questions: int
    countries: int
    account: Account
    kept: bool


def name_of(file: str) -> str:
    """The name of the private reference that is made from a file of this name."""
    return slug(Path(file).stem)


def keep(name: str, frame: pd.DataFrame, account: Account, rest: bool) -> Imported:
    """Save ``frame`` as ``name`` where nothing was refused or ``rest`` is true, and return what there is.

    Raises :class:`InputError` where no question was understood, and what :func:`save_private` raises.
    """
    kept = account.whole or rest
    if kept and frame.empty:
        raise InputError(said("import_nothing_left", names=", ".join(account.refused)))
    if kept:
        save_private(name, frame, account)
        load_first().reload()
    counts = {"questions": frame["item_id"].nunique(), "countries": frame["country_iso3"].nunique()}
    return Imported(name=name, shares=len(frame), account=account, kept=kept, **counts)


_waiting: dict[str, pd.DataFrame] = {}
_lock = threading.Lock()


def import_in_background(jobs: Jobs, path: Path, upload: Upload, questions: Mapping[str, Question]) -> Job:
    """Start a job that reads ``path`` and saves its shares. The job deletes the file when it ends.

    Its one result is an :class:`Imported`; where that is not kept, :func:`keep_rest` saves what was understood. Where
    two files have the same name, the import that ends last replaces the other.
    """
    name = name_of(upload.name)
    # The file has answers of respondents, so it is deleted even where the job never runs.
    atexit.register(path.unlink, missing_ok=True)

    def work(job: Job) -> None:
        def tell(part: float) -> None:
            job.advance(round(part * _STEPS), _STEPS, STAGE)

        tell(0.0)
        try:
            outcome = import_file(path, questions, tell, upload.options, job, upload.name)
            tell(1.0)
        finally:
            path.unlink(missing_ok=True)
        found = keep(name, outcome.frame, outcome.account, upload.rest)
        if not found.kept:
            with _lock:
                _waiting[job.id] = outcome.frame
                for old in list(_waiting)[:-_MOST_WAITING]:
                    del _waiting[old]
        job.add([found])

    return jobs.submit(upload.name, work, key=f"{KEY}{path.name}")


def waits(job: Job) -> bool:
    """Whether the shares of ``job`` wait for the user to accept an incomplete reading."""
    return job.id in _waiting


def keep_rest(job: Job) -> Imported:
    """Save what was understood of a file of which questions were refused. Raises as :func:`keep` does."""
    with _lock:
        frame = _waiting.pop(job.id, None)
    first = next((found for found in job.results() if isinstance(found, Imported)), None)
    if frame is None or first is None:
        raise InputError(said("import_gone"))
    found = keep(first.name, frame, first.account, rest=True)
    job.add([found])
    return found


def imports(jobs: Jobs) -> list[Job]:
    """All imports that this process knows of, the latest first."""
    return [job for job in jobs.all() if (job.key or "").startswith(KEY)]
