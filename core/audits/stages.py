"""Stages: what an audit asks at once, given what was answered before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from core.errors import ParallaxError
from core.prompts.render import render
from core.store.files.schema import Row
from core.types import Cell, Model, Response


class NotAnswered(KeyError):
    """A stage needs an answer that is not there yet, so its cells cannot be told."""


class Answers(dict[str, Response]):
    """What was answered so far, by cell id; a cell that could not be asked has the row of its error.

    ``answers[cell_id(cell)]`` raises :class:`NotAnswered` where there is no row yet, which a stage lets pass.
    """

    def __missing__(self, name: str) -> Response:
        raise NotAnswered(name)


class Load(NamedTuple):
    """At most so many ``cells`` of one kind go to ``model``, which take at most so many ``prompts``.

    A model whose options are counted from samples takes several prompts a cell.
    """

    model: Model
    kind: Literal["options", "text"]
    cells: int
    prompts: int


def prompts_of(cell: Cell) -> int:
    """Prompts that one cell takes: its samples where the options of its model are counted from samples, else one."""
    return cell.samples if cell.kind == "options" and cell.model.capabilities.method == "sampled" else 1


def loads(cells: Iterable[Cell]) -> tuple[Load, ...]:
    """The load of ``cells``, by model and kind."""
    models: dict[tuple[str, Literal["options", "text"]], Model] = {}
    count: Counter[tuple[str, str]] = Counter()
    prompts: Counter[tuple[str, str]] = Counter()
    for cell in cells:
        key = cell.model.id, cell.kind
        models.setdefault(key, cell.model)
        count[key] += 1
        prompts[key] += prompts_of(cell)
    return tuple(Load(model, key[1], count[key], prompts[key]) for key, model in models.items())


def template_versions(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Versions of the templates that ``cells`` are rendered with, sorted."""
    found: set[str] = set()
    known: set[tuple[str, bool, str]] = set()
    for cell in cells:
        way = cell.kind, cell.question is None, cell.template
        if way in known:
            continue
        try:
            found.add(render(cell).version)
        except ParallaxError:
            # This cell cannot be put at all, and becomes an error when it is asked; another of its kind tells.
            continue
        known.add(way)
    return tuple(sorted(found))


def _nothing(answers: Answers) -> Sequence[Row]:
    return ()


def _any(row: Response) -> bool:
    return True


@dataclass(frozen=True)
class Stage:
    """One step of an audit.

    ``cells`` gives what is asked, from the answers to the stages before it in the same ``group``; it raises
    :class:`NotAnswered` where one of them is missing. ``most`` is a bound that is known ahead and never below what
    ``cells`` gives. ``templates`` are the versions of the prompt templates that it uses. Stages of a group follow one
    another, and what a group was answered is forgotten with its last stage. ``usable`` says which stored answers of
    other runs may stand for asking. ``made`` gives rows that code makes from the answers once the stage is over, such
    as the vote of a reasoning trace; their cell ids are among ``made_ids``.
    """

    cells: Callable[[Answers], Sequence[Cell]]
    most: tuple[Load, ...]
    templates: tuple[str, ...] = ()
    group: str = ""
    usable: Callable[[Response], bool] = _any
    made: Callable[[Answers], Sequence[Row]] = _nothing
    made_ids: tuple[str, ...] = ()

    @property
    def most_cells(self) -> int:
        """At most so many cells."""
        return sum(load.cells for load in self.most)

    @property
    def most_prompts(self) -> int:
        """At most so many prompts."""
        return sum(load.prompts for load in self.most)


def fixed(cells: Sequence[Cell]) -> Stage:
    """The one stage of an audit whose cells rest on no answer."""
    return Stage(cells=lambda answers: cells, most=loads(cells), templates=template_versions(cells))
