"""Stages: the cells that an audit asks at once, given the answers so far."""

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
    """A stage needs an answer that is not there yet, so not all of its cells are known yet.

    A stage that knows some of them gives these as ``ready``, and as ``most`` an upper bound for the others. Without
    ``most`` it knows none.
    """

    def __init__(self, name: str, ready: Sequence[Cell] = (), most: tuple[Load, ...] | None = None) -> None:
        super().__init__(name)
        self.ready = ready
        self.most = most


class Answers(dict[str, Response]):
    """The answers so far by cell id. A cell that could not be asked has its error row.

    ``answers[cell_id(cell)]`` raises :class:`NotAnswered` where there is no row yet; a stage does not catch it.
    """

    def __missing__(self, name: str) -> Response:
        raise NotAnswered(name)


class Load(NamedTuple):
    """An upper bound: ``cells`` cells of one kind for ``model``, which take ``prompts`` prompts.

    A cell takes several prompts where the options of its model are counted from samples.
    """

    model: Model
    kind: Literal["options", "text"]
    cells: int
    prompts: int


def prompts_of(cell: Cell) -> int:
    """The number of prompts of one cell: its samples where options are counted from samples, else one."""
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
    """The versions of the templates with which ``cells`` are rendered, sorted."""
    found: set[str] = set()
    known: set[object] = set()
    for cell in cells:
        way = cell.kind, cell.template, cell.variant.labels, cell.question and cell.question.wording
        if way in known:
            continue
        try:
            found.add(render(cell).version)
        except ParallaxError:
            # This cell cannot be rendered and gives an error row later. Another cell of its kind has the version.
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

    ``cells`` is a function that returns the cells to ask, from the answers to earlier stages of the same ``group``. It
    raises :class:`NotAnswered` where one of these is missing. ``most`` is an upper bound for them that is known
    beforehand. ``templates`` are the versions of the templates that they use. Stages of a group follow one another, and
    the answers of a group are forgotten after its last stage. ``usable`` says which stored answers of other runs may be
    used instead of asking. ``distinct`` promises that the stage has exactly ``most`` cells, no two of them with one id
    and sample, so that nobody has to remember those that were seen.
    """

    cells: Callable[[Answers], Iterable[Cell]]
    most: tuple[Load, ...]
    templates: tuple[str, ...] = ()
    group: str = ""
    usable: Callable[[Response], bool] = _any
    made: Callable[[Answers], Sequence[Row]] = _nothing
    made_ids: tuple[str, ...] = ()
    distinct: bool = False

    @property
    def most_cells(self) -> int:
        """Upper bound for the number of cells."""
        return sum(load.cells for load in self.most)

    @property
    def most_prompts(self) -> int:
        """Upper bound for the number of prompts."""
        return sum(load.prompts for load in self.most)


def fixed(cells: Sequence[Cell]) -> Stage:
    """The one stage of an audit whose cells depend on no answer."""
    return Stage(cells=lambda answers: cells, most=loads(cells), templates=template_versions(cells))


def streamed(cells: Callable[[], Iterable[Cell]], sample: Sequence[Cell], times: int, distinct: bool = False) -> Stage:
    """The one stage of an audit whose cells depend on no answer, and are made anew each time that they are asked for.

    So a plan of any length takes no memory. There are ``times`` as many as in ``sample``, of the same kinds, models and
    templates; ``distinct`` says that they are all different.
    """
    most = tuple(load._replace(cells=load.cells * times, prompts=load.prompts * times) for load in loads(sample))
    return Stage(lambda answers: cells(), most, template_versions(sample), distinct=distinct)
