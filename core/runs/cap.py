"""The cap on what a run may use. The run stops when it reaches the cap, and can go on when the cap is raised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.errors import CapReached, InputError, said
from core.providers.cost import estimate_cost
from core.runs.runner import Result
from core.store import Cap, Store
from core.types import Frozen, Model

LOCAL = ("local", "mock")


class Spent(Frozen):
    """What answers have used: ``tokens`` read and written, and US ``dollars`` (an estimate from list prices).

    Answers copied from other runs and answers of a model on this computer cost nothing. ``lacking`` is true where an
    endpoint did not report its tokens.
    """

    tokens: int = 0
    dollars: float = 0.0
    lacking: bool = False

    def __add__(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(
            tokens=self.tokens + other.tokens,
            dollars=self.dollars + other.dollars,
            lacking=self.lacking or other.lacking,
        )

    def reaches(self, cap: Cap) -> bool:
        """Whether ``cap`` allows no further question."""
        over_tokens = cap.tokens is not None and self.tokens >= cap.tokens
        return over_tokens or (cap.dollars is not None and self.dollars >= cap.dollars)


USAGE = ("copied_from", "provider", "outcome", "tokens_in", "tokens_out", "cost_usd")
"""The columns of an answer that tell what it has used."""


def usage_of(row: Mapping[str, Any]) -> Spent:
    """What one answer has used, by the columns :data:`USAGE`.

    An error and a refusal that report no tokens have used none; any other answer of an endpoint is ``lacking`` then.
    """
    if row["copied_from"] is not None or row["provider"] in LOCAL:
        return Spent()
    return Spent(
        tokens=(row["tokens_in"] or 0) + (row["tokens_out"] or 0),
        dollars=row["cost_usd"] or 0.0,
        lacking=row["tokens_in"] is None and row["outcome"] not in ("error", "refusal"),
    )


def spent(store: Store, run_id: str) -> Spent:
    """What the run has used until now: the sum of :func:`usage_of` over its stored rows."""
    row = store.frame(
        """
        SELECT coalesce(sum(coalesce(tokens_in, 0) + coalesce(tokens_out, 0)), 0) AS tokens,
            coalesce(sum(cost_usd), 0) AS dollars
        FROM responses WHERE run_id = ? AND copied_from IS NULL AND provider NOT IN (SELECT unnest(?::VARCHAR[]))
        """,
        [run_id, list(LOCAL)],
    ).iloc[0]
    return Spent(tokens=int(row.tokens), dollars=float(row.dollars))


def check_cap(models: Iterable[Model], cap: Cap) -> None:
    """Raise :class:`InputError` where ``cap`` is in dollars and the price of a model is unknown."""
    if cap.dollars is None:
        return
    for model in models:
        if model.provider not in LOCAL and estimate_cost(model, 1, 1) is None:
            raise InputError(said("cap_no_price", model=model.name))


class Budget:
    """Counts what the answers use and stops the run when it reaches its cap."""

    def __init__(self, cap: Cap, before: Spent) -> None:
        self._cap, self._spent = cap, before

    def check(self) -> None:
        """Raise :class:`CapReached` where the cap is reached."""
        if self._spent.reaches(self._cap):
            raise CapReached(said("cap_reached", tokens=self._spent.tokens, dollars=f"{self._spent.dollars:.2f}"))

    def count(self, results: Sequence[Result]) -> None:
        """Count answers that are stored already. Raises :class:`CapReached` where the cap is reached.

        It is raised also where an endpoint does not report its tokens, because the cap could not be kept.
        """
        paid = [r.response for r in results if not r.cached and r.response.provider not in LOCAL]
        if paid:
            self.use(sum((usage_of({name: getattr(row, name) for name in USAGE}) for row in paid), Spent()))

    def use(self, more: Spent) -> None:
        """Count what answers that are stored already have used. Raises :class:`CapReached` as :meth:`count` does."""
        if self._cap == Cap():
            return
        if more.lacking:
            raise CapReached(said("cap_unknown"))
        self._spent += more
        self.check()
