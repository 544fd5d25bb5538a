"""Imports the user's survey files: reads, checks and turns them into shares by group, with an account of omissions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.cancel import CancelToken
from core.surveys.importing.people import Confirm, Options, Outcome, Progress, import_people
from core.surveys.importing.sources import open_source
from core.surveys.importing.tidy import import_tidy, is_tidy
from core.types import Question


def import_file(
    path: Path,
    questions: Mapping[str, Question],
    progress: Progress | None = None,
    options: Options | None = None,
    cancel: CancelToken | None = None,
    name: str = "",
    confirm: Confirm | None = None,
) -> Outcome:
    """The file at ``path`` as shares: a plain table where it has a column ``question``, else people's answers.

    See :func:`import_people` and :func:`import_tidy` for the result and the errors.
    """
    with open_source(path, name) as source:
        tidy = is_tidy(source.names)
    if tidy:
        outcome = import_tidy(path, questions, options, name)
        if progress is not None:
            progress(1.0)
        return outcome
    return import_people(path, questions, progress, options, cancel, name, confirm)


__all__ = ["Confirm", "Options", "Outcome", "import_file", "import_people", "import_tidy"]
