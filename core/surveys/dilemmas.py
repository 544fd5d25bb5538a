"""The Ethical Dilemma Corpus: the dilemmas in ``data/dilemmas/`` and the user's own dilemmas.

There is one file per domain and one ``[[dilemma]]`` for each. Actions are ``a`` and ``b`` in every wording; the variant
decides which of the two is printed first, never the text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from core.errors import DataError, InputError, Said, said
from core.settings import DATA
from core.surveys.dilemma_table import dilemma_entries
from core.types import Frozen, LocalText

FOLDER = DATA / "dilemmas"
STEPS = 5
"""Steps of an escalation."""

Value = Literal[
    "self_direction",
    "stimulation",
    "hedonism",
    "achievement",
    "power",
    "security",
    "conformity",
    "tradition",
    "benevolence",
    "universalism",
]
"""Schwartz's ten basic values."""

VALUES: tuple[Value, ...] = (
    "self_direction",
    "stimulation",
    "hedonism",
    "achievement",
    "power",
    "security",
    "conformity",
    "tradition",
    "benevolence",
    "universalism",
)
DOMAINS = ("health", "work", "family", "administration", "technology", "environment", "education", "security")
OWN_DOMAIN = "own"


class Wording(Frozen):
    """One way to tell a dilemma: the situation and both actions, in both prompt languages."""

    situation: LocalText
    a: LocalText
    b: LocalText


class Step(Frozen):
    """One step of an escalation, a sentence that makes action b more pressing."""

    text: LocalText


class Dilemma(Frozen):
    """A choice between two actions, each of which serves one of Schwartz's values.

    ``ambiguity`` is ``high`` where thoughtful people differ and ``low`` where one action, ``worse``, is plainly worse.
    ``good`` and ``bad`` are consequences of action a. Paraphrases keep every fact and both roles. A shipped dilemma
    has three paraphrases and both consequences, and an escalation of five steps or none.
    """

    id: str = Field(min_length=1)
    domain: str = OWN_DOMAIN
    ambiguity: Literal["high", "low"]
    worse: Literal["a", "b", ""] = ""
    title: LocalText
    situation: LocalText
    a: LocalText
    b: LocalText
    value_a: Value
    value_b: Value
    good: LocalText | None = None
    bad: LocalText | None = None
    paraphrase: tuple[Wording, ...] = ()
    escalation: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.ambiguity == "low") != bool(self.worse):
            raise ValueError("worse is a or b where ambiguity is low, and empty where it is high")
        if self.value_a == self.value_b:
            raise ValueError("both actions carry the same value")
        if len(self.escalation) > STEPS:
            raise ValueError(f"an escalation has at most {STEPS} steps")
        for wording in self.wordings:
            if wording.a.en == wording.b.en or wording.a.zh == wording.b.zh:
                raise ValueError("both actions have the same words")
        return self

    @property
    def wordings(self) -> tuple[Wording, ...]:
        """The original wording, then its paraphrases."""
        return (Wording(situation=self.situation, a=self.a, b=self.b), *self.paraphrase)


def read_dilemmas(path: Path) -> dict[str, Dilemma]:
    """The dilemmas of one file by id, in file order: TOML as in ``data/dilemmas``, or a table (:mod:`dilemma_table`).

    Raises :class:`DataError`, naming the file and the entry, where it is missing, unreadable or breaks the schema.
    """
    raw = _read(path)
    entries = raw.get("dilemma")
    if not isinstance(entries, list) or not entries:
        raise _damaged(path, said("part_whole_file"), said("part_no_entries", name="dilemma"))
    found: dict[str, Dilemma] = {}
    for place, entry in enumerate(entries, start=1):
        where = f"dilemma {entry.get('id') or place}" if isinstance(entry, dict) else f"dilemma {place}"
        try:
            dilemma = Dilemma.model_validate({"domain": raw.get("domain", OWN_DOMAIN), **entry})
        except (ValidationError, TypeError) as error:
            raise _damaged(path, where, _reason(error)) from error
        if dilemma.id in found:
            raise _damaged(path, where, said("part_id_twice"))
        found[dilemma.id] = dilemma
    return found


def load_dilemmas(own: Path | None = None) -> dict[str, Dilemma]:
    """The shipped dilemmas by id, domain by domain, then those of the file ``own``.

    Reads the files at each call; the caller caches. Raises :class:`DataError`, also where ``own`` uses a shipped id.
    """
    found: dict[str, Dilemma] = {}
    for path in _files(own):
        for name, dilemma in read_dilemmas(path).items():
            if name in found:
                raise _damaged(path, f"dilemma {name}", said("part_id_taken"))
            found[name] = dilemma
    return found


def _files(own: Path | None) -> Iterator[Path]:
    yield from (FOLDER / f"{domain}.toml" for domain in DOMAINS)
    if own is not None:
        yield own


def _read(path: Path) -> Mapping[str, Any]:
    if path.suffix.lower() == ".csv":
        try:
            return {"dilemma": dilemma_entries(path)}
        except InputError as error:
            raise _damaged(path, said("part_whole_file"), error.parts[0]) from error
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _damaged(path, said("part_whole_file"), error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _damaged(path, said("part_whole_file"), str(error)) from error


def _reason(error: ValidationError | TypeError) -> str | Said:
    if isinstance(error, TypeError):
        return said("part_no_table")
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    what = first["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def _damaged(path: Path, where: str | Said, reason: str | Said) -> DataError:
    return DataError(said("data_entry", file=path.name, where=where, what=reason))
