"""Private references: the user's own survey data, as shares by group, in a folder beside the runs.

:class:`PrivateFirst` wraps a survey. Where a private reference has the requested group, it is used, and
``Reference.survey`` has its name. Everywhere else the shipped survey answers.
"""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from core.errors import DataError, InputError, Said, said
from core.once import once
from core.settings import settings
from core.surveys.base import NotAsked, Survey
from core.surveys.private_rows import check_rows
from core.surveys.wvs7 import Wvs7, load
from core.types import GroupDimension, Persona, Question, Reference

if TYPE_CHECKING:
    from core.surveys.importing.account import Account

_ACCOUNT = b"parallax.account"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


def private_dir() -> Path:
    """The folder of private references, beside the user's runs."""
    return settings().runs_dir.parent / "private"


def slug(text: str) -> str:
    """``text`` as a file name: lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-") or "own-data"


def save_private(name: str, frame: pd.DataFrame, account: Account | None = None) -> Path:
    """Store ``frame`` and its ``account`` as ``name``; an earlier reference of that name is replaced.

    The written file is first read back by the code that will read it later. Where that fails, nothing is stored.
    Raises :class:`InputError` and :class:`DataError`.
    """
    path = _path(name)
    temp = path.with_suffix(f".{uuid.uuid4().hex[:8]}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(temp, frame, account)
        read_one(name, temp, load().questions())
        temp.replace(path)
    except OSError as error:
        raise DataError(said("import_unwritten", reason=error.strerror or error)) from error
    finally:
        temp.unlink(missing_ok=True)
    return path


def _write(path: Path, frame: pd.DataFrame, account: Account | None) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    if account is not None:
        told = {**(table.schema.metadata or {}), _ACCOUNT: account.model_dump_json().encode()}
        table = table.replace_schema_metadata(told)
    parquet.write_table(table, path)


def account_of(name: str) -> Account | None:
    """The account of the import that made the reference ``name``; ``None`` where it is missing or cannot be read."""
    from core.surveys.importing.account import Account  # the importers are needed by few

    path = _found().get(name)
    try:
        raw = (parquet.read_schema(path).metadata or {}).get(_ACCOUNT) if path else None
        return Account.model_validate_json(raw) if raw else None
    except (OSError, ValueError, pa.ArrowException):
        return None


def private_names() -> list[str]:
    """Names of all private references, the latest import first, whether they can be read or not."""
    found = sorted(_found().items(), key=lambda entry: _changed(entry[1]), reverse=True)
    return [name for name, _ in found]


def private_state() -> tuple[tuple[str, int], ...]:
    """The names of all private references and the times of their imports. Results computed from them are valid while
    this is unchanged.
    """
    return tuple(sorted((name, _changed(path)) for name, path in _found().items()))


def forget_private(name: str) -> None:
    """Delete a private reference, also one that cannot be read. Does nothing where there is none.

    Raises :class:`DataError` where the system denies it.
    """
    path = _found().get(name)
    if path is None:
        return
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(said("reference_kept", name=name, reason=error.strerror or error)) from error


def _found() -> dict[str, Path]:
    return {path.stem: path for path in private_dir().glob("*.parquet")}


def _changed(path: Path) -> int:
    """When ``path`` was changed; 0 where that is unknown, as for a broken link."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise InputError(said("reference_name", name=name))
    return private_dir() / f"{name}.parquet"


class Private(Wvs7):
    """A private reference with the questions of the shipped bank that it has; it may have only groups of people.

    Raises :class:`DataError` where a row is not in the form that an import writes.
    """

    needs_whole = False

    def __init__(self, name: str, questions: dict[str, Question], frame: pd.DataFrame) -> None:
        asked = set(frame["item_id"]) if "item_id" in frame else set()
        known = {key: value for key, value in questions.items() if key in asked}
        if not known:
            raise DataError(said("reference_empty", name=name))
        check_rows(name, known, frame)
        super().__init__(known, frame)
        self.id = name
        self.title = name


class LeftOut(NamedTuple):
    """A private reference that cannot be read, and why."""

    name: str
    why: Said


def read_one(name: str, path: Path, questions: dict[str, Question]) -> Private:
    """The private reference at ``path``. Raises :class:`DataError`, whatever is wrong with the file."""
    try:
        if not path.is_file():
            raise DataError(said("reference_no_file", name=name))
        return Private(name, questions, pd.read_parquet(path))
    except DataError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0][:200].rstrip(".") if str(error) else type(error).__name__
        raise DataError(said("reference_unreadable", name=name, reason=reason)) from error


class PrivateFirst:
    """A survey whose references come from private data where these have them; see :class:`core.surveys.base.Survey`.

    ``private`` is read again after :meth:`reload`. The mean of the other countries, a baseline, stays the shipped one.
    """

    def __init__(self, base: Survey, private: Callable[[Survey], Sequence[Private]]) -> None:
        self._base, self._read = base, private
        self._private, self.state = tuple(private(base)), 0
        self.id, self.title, self.licence, self.source = base.id, base.title, base.licence, base.source

    def reload(self) -> None:
        """Read private references again, after some were added or removed."""
        self._private = tuple(self._read(self._base))
        self.state += 1

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
        """The private answer for exactly this group, else the shipped one for it, else a private country."""
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
    """All private references that can be read, the latest first; :func:`unreadable` names the others."""
    return [found for found in _readings(base) if isinstance(found, Private)]


def unreadable(base: Survey) -> list[LeftOut]:
    """The private references that cannot be read, and why."""
    return [found for found in _readings(base) if isinstance(found, LeftOut)]


def _readings(base: Survey) -> Iterator[Private | LeftOut]:
    paths = _found()
    for name in private_names():
        try:
            yield read_one(name, paths[name], base.questions())
        except DataError as error:
            what = error.parts[0]
            yield LeftOut(
                name, what if isinstance(what, Said) else said("reference_unreadable", name=name, reason=what)
            )


@once
def _first(folder: Path) -> PrivateFirst:
    return PrivateFirst(load(), read_private)


def load_first() -> PrivateFirst:
    """The shipped World Values Survey with the user's private references first; one object per data folder."""
    return _first(private_dir())
