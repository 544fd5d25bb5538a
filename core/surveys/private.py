"""Private references: the user's own survey data, as shares by group, in a folder beside the runs.

:class:`PrivateFirst` stands in front of a survey: where a private reference has the group that is asked for it is used,
and its name stands in ``Reference.survey``; everywhere else the shipped one answers.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pandas as pd

from core.errors import DataError, InputError, said
from core.settings import settings
from core.surveys.base import NotAsked, Survey
from core.surveys.wvs7 import Wvs7, load
from core.types import GroupDimension, Persona, Question, Reference

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


def private_dir() -> Path:
    """Where private references lie: beside the user's runs."""
    return settings().runs_dir.parent / "private"


def slug(text: str) -> str:
    """``text`` as a file name: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or "own-data"


def save_private(name: str, frame: pd.DataFrame) -> Path:
    """Keep ``frame`` under ``name``, in place of what had that name. Raises :class:`InputError`, :class:`DataError`."""
    path = _path(name)
    temp = path.with_suffix(f".{uuid.uuid4().hex[:8]}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_parquet(temp, index=False)
        temp.replace(path)
    except OSError as error:
        raise DataError(said("import_unwritten", reason=error.strerror or error)) from error
    return path


def private_names() -> list[str]:
    """Names of all private references, the latest import first."""
    found = sorted(private_dir().glob("*.parquet"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return [path.stem for path in found]


def private_state() -> tuple[tuple[str, int], ...]:
    """Names of all private references and when each was imported: what was computed with them holds as long as this."""
    return tuple(sorted((path.stem, path.stat().st_mtime_ns) for path in private_dir().glob("*.parquet")))


def forget_private(name: str) -> None:
    """Remove a private reference for good; nothing happens where there is none."""
    _path(name).unlink(missing_ok=True)


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise InputError(said("reference_name", name=name))
    return private_dir() / f"{name}.parquet"


class Private(Wvs7):
    """A private reference with the questions of the shipped bank that it has."""

    def __init__(self, name: str, questions: dict[str, Question], frame: pd.DataFrame) -> None:
        asked = set(frame.loc[frame["group_dim"] == "all", "item_id"]) if "group_dim" in frame else set()
        if not asked:
            raise DataError(said("reference_empty", name=name))
        super().__init__({key: value for key, value in questions.items() if key in asked}, frame)
        self.id = name
        self.title = name


class PrivateFirst:
    """A survey whose references come from private data where these have them; see :class:`core.surveys.base.Survey`.

    ``private`` is read anew after :meth:`reload`. The mean of the other countries, a baseline, stays the shipped one.
    """

    def __init__(self, base: Survey, private: Callable[[Survey], Sequence[Private]]) -> None:
        self._base, self._read = base, private
        self._private = tuple(private(base))
        self.id, self.title, self.licence, self.source = base.id, base.title, base.licence, base.source

    def reload(self) -> None:
        """Take up private references that were added or removed."""
        self._private = tuple(self._read(self._base))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the private references in use."""
        return tuple(private.id for private in self._private)

    @property
    def years(self) -> tuple[int, int]:
        """First and last year of fieldwork, private data included."""
        every = [self._base.years, *(private.years for private in self._private)]
        return min(first for first, _ in every), max(last for _, last in every)

    def countries(self) -> tuple[str, ...]:
        """ISO codes of the shipped and the private countries, sorted."""
        return tuple(sorted({*self._base.countries(), *(c for p in self._private for c in p.countries())}))

    def questions(self) -> dict[str, Question]:
        """All questions by id."""
        return self._base.questions()

    def _holding(self, question_id: str) -> list[Private]:
        return [private for private in self._private if question_id in private.questions()]

    def reference(self, question_id: str, persona: Persona) -> Reference | NotAsked:
        """A private answer where there is one of just this group, else the shipped answer, else a private country."""
        if not self._private:
            return self._base.reference(question_id, persona)
        own = [private.reference(question_id, persona) for private in self._holding(question_id)]
        found = [reference for reference in own if isinstance(reference, Reference)]
        if exact := [reference for reference in found if reference.matched == "exact"]:
            return exact[0]
        shipped = self._base.reference(question_id, persona)
        if isinstance(shipped, Reference) and shipped.matched == "exact":
            return shipped
        return found[0] if found else shipped

    def mean_of_others(self, question_id: str, country: str | None) -> tuple[float, ...] | None:
        """Mean of the other countries in the shipped data."""
        return self._base.mean_of_others(question_id, country)

    def groups(self, question_id: str, country: str, dimension: GroupDimension) -> pd.DataFrame:
        """All groups of one dimension, private ones where they are known."""
        for private in self._holding(question_id):
            frame = private.groups(question_id, country, dimension)
            if len(frame):
                return frame
        return self._base.groups(question_id, country, dimension)


def read_private(base: Survey) -> list[Private]:
    """All private references that can be read, the latest first; damaged files are left out."""
    out = []
    for name in private_names():
        try:
            out.append(Private(name, base.questions(), pd.read_parquet(_path(name))))
        except (DataError, InputError, OSError, ValueError, KeyError):
            continue
    return out


@cache
def _first(folder: Path) -> PrivateFirst:
    return PrivateFirst(load(), read_private)


def load_first() -> PrivateFirst:
    """The shipped World Values Survey behind the user's private references; one for each data folder."""
    return _first(private_dir())
