"""Cells with memory: the order in which they can be asked, and the earlier answers that each of them is shown.

The plan names for each cell the earlier cells of the same respondent. Their answers are known only during the run. So
the cells of one respondent are asked in waves, each wave for all respondents at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from core.audits.base import Answers, NotAnswered, Stage, fixed
from core.audits.citizens.draw import code_of
from core.parsing.answers import ROLE_DROPPED
from core.prompts.render import labels_for, printed_order, render
from core.types import Cell, Message, Response, cell_id


def wave_stages(cells: Sequence[Cell]) -> Iterator[Stage]:
    """``cells`` in the order of the plan, split where answers of the part before are needed; else in one part."""
    if not any(cell.memory for cell in cells):
        yield fixed(cells)
        return
    for (model, language), mine in groupby(cells, key=lambda cell: (cell.model.id, cell.variant.language)):
        same = list(mine)
        planned = {cell_id(cell): cell for cell in same}
        for _, wave in groupby(same, key=lambda cell: len(cell.memory)):
            asked = list(wave)
            stage = fixed(asked)
            yield replace(stage, cells=partial(_reminded, asked, planned), group=f"{model}|{language}")


def _reminded(cells: Sequence[Cell], planned: Mapping[str, Cell], answers: Answers) -> list[Cell]:
    return [with_memory(cell, planned, answers) for cell in cells]


def reply_of(cell: Cell, row: Response) -> str | None:
    """The respondent's answer as it is replayed; ``None`` for an answer that cannot serve as a memory.

    Such an answer names no option that could be read, or drops the role (“as an AI”).
    """
    code = code_of(row)
    if code is None or cell.question is None:
        return None
    if row.kind == "text":
        text = (row.text or "").strip()
        return None if ROLE_DROPPED.search(text) else text
    order = printed_order(cell.question, cell.variant)
    place = [cell.question.codes[i] for i in order].index(code)
    words = cell.question.options[order[place]].text.get(cell.variant.language)
    return f"{labels_for(cell.question, cell.variant)[place]}. {words}"


def with_memory(cell: Cell, planned: Mapping[str, Cell], rows: Mapping[str, Response]) -> Cell:
    """``cell`` with earlier questions and answers as turns before its prompt; unchanged where it recalls nothing.

    ``planned`` and ``rows`` map cell ids to cells and to their answers. Of the usable answers the first ``recall`` in
    the cell's order of preference are replayed, in the order in which they were given. Raises :class:`NotAnswered`
    where an earlier cell has no row yet.
    """
    if not cell.memory:
        return cell
    usable: list[tuple[Cell, str]] = []
    for name in cell.memory:
        if len(usable) == cell.recall:
            break
        if name not in rows:
            raise NotAnswered(name)
        reply = reply_of(planned[name], rows[name])
        if reply:
            usable.append((planned[name], reply))
    turns: list[Message] = []
    for earlier, reply in sorted(usable, key=lambda pair: len(pair[0].memory)):
        turns += [*render(earlier).messages, Message(role="assistant", content=reply)]
    return cell.model_copy(update={"history": tuple(turns)})
