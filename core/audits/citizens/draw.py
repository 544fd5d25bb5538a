"""One answer of one simulated citizen: drawn from the option distribution, or the option that a text names.

The tag of a cell records its arm, respondent and settings, so that a run can be scored from its rows alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from pydantic import ValidationError

from core.stats.distances import Array
from core.types import Frozen, Response, digest

MARK = "citizen"
_FIELDS = 7


class Tag(Frozen):
    """The content of a row's tag: arm of the ablation, respondent, region, sampling settings, seed of the spec.

    ``temperature`` and ``top_p`` are those of the respondent, 1 where the arm does not change them.
    """

    arm: str
    number: int
    region: str = ""
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int = 0

    @property
    def text(self) -> str:
        """The tag as it is stored."""
        parts = (self.arm, self.number, self.region, f"{self.temperature:g}", f"{self.top_p:g}", self.seed)
        return "|".join([MARK, *(str(part) for part in parts)])

    @classmethod
    @lru_cache(maxsize=4096)  # the tags of a run repeat its few hundred respondents
    def read(cls, text: str) -> Tag | None:
        """Inverse of :attr:`text`; ``None`` for the tag of another audit."""
        parts = text.split("|")
        if len(parts) != _FIELDS or parts[0] != MARK:
            return None
        try:
            return cls.model_validate(dict(zip(cls.model_fields, parts[1:], strict=True)))
        except ValidationError:
            return None


def lot(*what: object) -> float:
    """A number from 0 up to 1 that is the same whenever ``what`` is the same."""
    return int(digest([str(part) for part in what], 13), 16) / 16**13


def configured(probabilities: Array, temperature: float, top_p: float) -> Array:
    """``probabilities`` (K,) at ``temperature`` (> 0), then cut to the likeliest options that together hold ``top_p``.

    A temperature above 1 makes them more even, below 1 sharper; ``top_p`` 1 cuts nothing.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    p = p / p.sum()
    if temperature == 1 and top_p == 1:
        return np.asarray(p)
    with np.errstate(divide="ignore"):
        logs = np.log(p) / temperature
    p = np.exp(logs - logs.max())
    p = p / p.sum()
    order = np.argsort(-p, kind="stable")
    before = np.cumsum(p[order]) - p[order]
    kept = np.zeros(len(p), dtype=bool)
    kept[order] = before < top_p - 1e-12
    p = np.where(kept, p, 0.0)
    return np.asarray(p / p.sum())


READ = ("full", "top_k")
"""Methods that give probabilities: the answer is known as shares, so no draw has to represent it."""


def shares_of(row: Response) -> tuple[float, ...] | None:
    """Probability of each option of ``row`` by ascending code, as this respondent is configured (sum 1).

    ``None`` where the probabilities were not read directly: then the answer is :func:`code_of`.
    """
    tag = Tag.read(row.tag)
    if row.outcome != "option" or row.kind != "options" or row.method not in READ or tag is None:
        return None
    if not sum(row.mass) > 0:
        return None
    return tuple(_shares(row, tag).tolist())


def _shares(row: Response, tag: Tag) -> Array:
    """Probabilities of the options of ``row`` by ascending code, as the respondent of ``tag`` is configured."""
    # By code, not by printed place, so that the same random number means the same option in every printed order.
    _, mass = zip(*sorted(zip(row.codes, row.mass, strict=True)), strict=True)
    return configured(np.array(mass), tag.temperature, tag.top_p)


def code_of(row: Response, shares: Sequence[float] | None = None) -> int | None:
    """The option that this respondent chose; ``None`` where none could be read.

    ``shares`` are those of :func:`shares_of`, where they are known already.

    The answer from a distribution is one draw from it, which is the same whenever it is read again. The random number
    depends on the respondent and the question, so that the arms of an ablation differ by what was changed, not by luck.
    """
    if row.outcome != "option":
        return None
    if row.kind == "text":
        return row.parsed_code
    tag = Tag.read(row.tag)
    if tag is None or not sum(row.mass) > 0:
        return None
    summed = np.cumsum(_shares(row, tag) if shares is None else shares)
    place = int(np.searchsorted(summed, lot("answer", tag.seed, row.country, tag.number, row.question_id), "right"))
    return int(sorted(row.codes)[min(place, len(row.codes) - 1)])
