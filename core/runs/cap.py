"""The cap on what a run may use. The run stops when it reaches the cap, and can go on when the cap is raised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.errors import CapReached, InputError, said
from core.providers.cost import estimate_cost
from core.runs.runner import Result
from core.store import Cap, Store
from core.types import Frozen, Model

LOCAL = ("local", "mock")


class Spent(Frozen):
    """What the answers of a run have used: ``tokens`` read and written, and US ``dollars`` (an estimate from list
    prices).

    Answers copied from other runs and answers of a model on this computer cost nothing.
    """

    tokens: int = 0
    dollars: float = 0.0

    def reaches(self, cap: Cap) -> bool:
        """Whether ``cap`` allows no further question."""
        over_tokens = cap.tokens is not None and self.tokens >= cap.tokens
        return over_tokens or (cap.dollars is not None and self.dollars >= cap.dollars)


def spent(store: Store, run_id: str) -> Spent:
    """What the run has used until now, by its stored rows."""
    row = store.frame(
        """
        SELECT coalesce(sum(coalesce(tokens_in, 0) + coalesce(tokens_out, 0)), 0) AS tokens,
            coalesce(sum(cost_usd), 0) AS dollars
        FROM responses WHERE run_id = ? AND copied_from IS NULL AND provider NOT IN ('local', 'mock')
        """,
        [run_id],
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
        if not paid:
            return
        lacking = any(row.tokens_in is None and row.outcome not in ("error", "refusal") for row in paid)
        tokens = sum((row.tokens_in or 0) + (row.tokens_out or 0) for row in paid)
        self.use(tokens, sum(row.cost_usd or 0.0 for row in paid), lacking)

    def use(self, tokens: int, dollars: float, lacking: bool) -> None:
        """Count what answers that are stored already have used. Raises :class:`CapReached` as :meth:`count` does.

        ``lacking`` is true where an endpoint did not report its tokens.
        """
        if self._cap == Cap():
            return
        if lacking:
            raise CapReached(said("cap_unknown"))
        self._spent = Spent(tokens=self._spent.tokens + tokens, dollars=self._spent.dollars + dollars)
        self.check()
