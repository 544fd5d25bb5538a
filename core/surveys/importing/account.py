"""The account of an import: what was read, what was left out and why. Each omission has a line in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from core.errors import Said, said
from core.types import Frozen

MOST_NOT_UNDERSTOOD = 0.02
"""A question is refused if more than this share of its answers in any country is not understood."""

EXAMPLES = 3
"""The number of examples of values not understood that are kept."""

Reason = Literal["no_country", "unknown_country", "no_year", "no_weight", "no_answer_rows"]
Note = Literal["unweighted", "no_sex", "no_age", "no_education", "year_given", "rescaled"]


class Strange(Frozen):
    """A value that is not understood, and how often it occurs in the file."""

    value: str
    n: int


class LeftOut(Frozen):
    """People (or rows of a table) that were left out for one reason, with an example of their value."""

    reason: Reason
    n: int
    example: str = ""


class Item(Frozen):
    """The account of one column: answers that are options, declared missing, left out on purpose, not understood.

    ``worst`` is the largest share that is not understood in any country; ``where`` names it. ``refused`` is true
    where that is more than :data:`MOST_NOT_UNDERSTOOD` or where the codes cannot mean what they should. ``by_label`` is
    true where the file's labels, and not its codes, say which option is which.
    """

    name: str
    column: str
    valid: int
    missing: int
    not_offered: int = 0
    strange: int = 0
    examples: tuple[Strange, ...] = ()
    worst: float = 0.0
    where: str = ""
    refused: bool = False
    by_label: bool = False


class Account(Frozen):
    """The account. ``read`` counts people of the file (rows of a plain table), ``used`` those whose answers count."""

    file: str
    form: str
    layout: str
    read: int
    used: int
    left_out: tuple[LeftOut, ...] = ()
    items: tuple[Item, ...] = ()
    traits: tuple[Item, ...] = ()
    places: tuple[str, ...] = ()
    lost_places: tuple[str, ...] = ()
    several_years: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    other_columns: int = 0
    unconfirmed: tuple[str, ...] = ()
    turned: tuple[str, ...] = ()
    small_groups: int = 0
    table: bool = False

    @property
    def refused(self) -> tuple[str, ...]:
        """Names of the questions that are refused."""
        return tuple(item.name for item in self.items if item.refused)

    @property
    def whole(self) -> bool:
        """True where the user has nothing to decide: no question is refused and every country is known."""
        return not self.refused and not any(out.reason == "unknown_country" for out in self.left_out)

    def lines(self) -> Iterator[Said]:
        """The account in words, one line per fact."""
        if self.table:
            yield said("account_table", file=self.file, form=self.form, read=self.read)
        else:
            yield said(
                "account_read", file=self.file, form=self.form, layout=self.layout, read=self.read, used=self.used
            )
        for out in self.left_out:
            yield _left_out(out)
        if self.lost_places:
            yield said("account_lost_places", names=", ".join(self.lost_places))
        if self.several_years:
            yield said("account_several_years", names=", ".join(self.several_years))
        for note in self.notes:
            yield _NOTES[note]
        for trait in self.traits:
            if trait.strange:
                yield said("account_trait", column=trait.column, n=trait.strange, examples=examples(trait))
        for item in self.items:
            if item.refused and self.table:
                yield said("account_off", item=item.name, examples=", ".join(s.value for s in item.examples))
            elif item.refused:
                yield said(
                    "account_refused",
                    item=item.name,
                    column=item.column,
                    n=item.strange,
                    all=item.valid + item.strange,
                    part=round(100 * item.worst, 1),
                    where=item.where,
                    examples=examples(item),
                )
            elif item.strange:
                yield said(
                    "account_strange", item=item.name, column=item.column, n=item.strange, examples=examples(item)
                )
            if item.by_label:
                yield said("account_by_label", item=item.name)
            if item.not_offered:
                yield said("account_not_offered", item=item.name, n=item.not_offered)
        if self.turned:
            yield said("account_turned", columns=", ".join(self.turned))
        if self.unconfirmed:
            yield said("account_unconfirmed", pairs=", ".join(self.unconfirmed))
        if self.other_columns:
            yield said("account_other_columns", n=self.other_columns)
        if self.small_groups:
            yield said("account_small_groups", n=self.small_groups)


_NOTES: dict[Note, Said] = {
    "unweighted": said("account_unweighted"),
    "no_sex": said("account_no_sex"),
    "no_age": said("account_no_age"),
    "no_education": said("account_no_education"),
    "year_given": said("account_year_given"),
    "rescaled": said("account_rescaled"),
}


def _left_out(out: LeftOut) -> Said:
    match out.reason:
        case "no_country":
            return said("account_no_country", n=out.n)
        case "unknown_country":
            return said("account_unknown_country", n=out.n, example=out.example)
        case "no_year":
            return said("account_no_year", n=out.n)
        case "no_weight":
            return said("account_no_weight", n=out.n)
        case "no_answer_rows":
            return said("account_no_answer_rows", n=out.n)


def examples(item: Item) -> str:
    """Values that are not understood, as in ``“0.333” (15), “0.667” (14)``."""
    return ", ".join(f"“{strange.value}” ({strange.n})" for strange in item.examples) or "–"
