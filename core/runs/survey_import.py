"""A survey file of one's own, read in the background: it goes on when the page is closed, and is found again."""

from __future__ import annotations

import atexit
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from core.runs.jobs import Job, Jobs
from core.surveys.importing.tidy import import_tidy
from core.surveys.importing.wvs import import_wvs
from core.surveys.private import load_first, save_private, slug
from core.types import Frozen, Question

Kind = Literal["wvs", "tidy"]
KINDS: tuple[Kind, ...] = ("wvs", "tidy")
KEY = "own-data:"
STAGE = "import"
_STEPS = 1000


class Upload(Frozen):
    """A file that was handed over: its kind, its own name, and what a plain table may leave out."""

    kind: Kind
    name: str
    country: str | None = None
    year: int | None = None


class Imported(Frozen):
    """What came out: the name of the private reference, its shares, questions and countries."""

    name: str
    shares: int
    questions: int
    countries: int


def import_in_background(jobs: Jobs, path: Path, upload: Upload, questions: Mapping[str, Question]) -> Job:
    """Read ``path``, which belongs to the job from now on and is removed at its end, and keep its shares.

    The one result is an :class:`Imported`. Of two files of one name, the one that is done last stays.
    """
    name = slug(Path(upload.name).stem)
    # It holds respondents: it goes even where the job never runs.
    atexit.register(path.unlink, missing_ok=True)

    def work(job: Job) -> None:
        def tell(part: float) -> None:
            job.advance(round(part * _STEPS), _STEPS, STAGE)

        tell(0.0)
        try:
            if upload.kind == "wvs":
                frame = import_wvs(path, questions, tell, cancel=job)
            else:
                frame = import_tidy(path, questions, upload.country, upload.year)
            save_private(name, frame)
        finally:
            path.unlink(missing_ok=True)
        load_first().reload()
        counts = {"questions": frame["item_id"].nunique(), "countries": frame["country_iso3"].nunique()}
        job.add([Imported(name=name, shares=len(frame), **counts)])

    return jobs.submit(upload.name, work, key=f"{KEY}{path.name}")


def imports(jobs: Jobs) -> list[Job]:
    """All imports that this process knows of, the latest first."""
    return [job for job in jobs.all() if (job.key or "").startswith(KEY)]
