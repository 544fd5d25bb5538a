"""The card of a model: what was measured of it, and what its figures cannot show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import pandas as pd

from core.store import Store
from core.store.index.scopes import condition
from core.store.index.tallies import counted

Limit = Literal[
    "published_only", "unmeasured", "one_language", "sampled", "top_k", "beside", "form", "format", "base", "revision"
]
LIMITS: tuple[Limit, ...] = (
    "published_only",
    "unmeasured",
    "one_language",
    "sampled",
    "top_k",
    "beside",
    "form",
    "format",
    "base",
    "revision",
)
"""The limits of a model's figures that a card can state, in the order of the card."""

MOSTLY = 0.5
"""The share of readings mostly outside the options from which this is a limit of all figures of the model."""
WIDE = 0.2
"""If the mean answer moves by this fraction of the scale or more between formats, it depends on the format."""


class Facts(NamedTuple):
    """The facts from which the limits of a model follow; shares are 0..1, ``None`` where nothing was measured.

    ``form`` is the share of variance that order, format, language and persona explain, ``content`` that of the
    question; ``spread`` is the mean disagreement of formats as a fraction of the scale.
    """

    audits: frozenset[str]
    languages: frozenset[str]
    methods: frozenset[str]
    revisions: int
    beside: float | None
    content: float | None
    form: float | None
    spread: float | None
    chat: bool


def models_measured(store: Store) -> list[str]:
    """Ids of the models that answered in any run, those with most answers first; the mock model does not count."""
    found = store.frame(
        f"""SELECT model_id, {counted()} AS n FROM tallies WHERE provider <> 'mock' AND outcome <> 'error'
        GROUP BY ALL ORDER BY n DESC, model_id"""  # noqa: S608 - fixed names
    )
    return list(found["model_id"])


def measured(store: Store, model_id: str, scope: str) -> pd.DataFrame:
    """What the runs of ``scope`` contain of a model, one row per run, newest first.

    Columns: run_id, kind (of the run), title, created, shipped, answers, questions, languages (a list), methods (a
    list), revisions (a list), errors, refusals, invalid, readings, beside (readings with less than half of the
    probability on the options).
    """
    where, values = condition(scope)
    return store.frame(
        f"""SELECT run_id, any_value(all_runs.kind) AS kind, any_value(title) AS title,
        any_value(all_runs.created) AS created, any_value(shipped) AS shipped,
        {counted("outcome <> 'error'")} AS answers, count(DISTINCT question_id) AS questions,
        list_sort(list(DISTINCT language)) AS languages,
        list_sort(list(DISTINCT r.method) FILTER (r.kind = 'options' AND outcome = 'option')) AS methods,
        list_sort(list(DISTINCT model_revision) FILTER (model_revision IS NOT NULL)) AS revisions,
        {counted("outcome = 'error'")} AS errors, {counted("outcome = 'refusal'")} AS refusals,
        {counted("outcome = 'invalid'")} AS invalid,
        {counted("r.kind = 'options' AND outcome NOT IN ('error', 'refusal')")} AS readings,
        {counted("beside")} AS beside
        FROM tallies AS r JOIN all_runs USING (run_id) WHERE model_id = ? AND {where}
        GROUP BY run_id ORDER BY created DESC, run_id""",  # noqa: S608 - fixed names; outside values are parameters
        [model_id, *values],
    )


def facts_of(runs: pd.DataFrame, parts: Mapping[str, float], spread: float | None, *, chat: bool) -> Facts:
    """The facts from :func:`measured`, the shares of a variance decomposition (empty: none) and the formats' spread."""
    readings = int(runs["readings"].sum()) if len(runs) else 0

    def every(column: str) -> frozenset[str]:
        return (
            frozenset(str(one) for cell in runs[column] if cell is not None for one in cell)
            if len(runs)
            else frozenset()
        )

    return Facts(
        audits=frozenset(map(str, runs["kind"])) if len(runs) else frozenset(),
        languages=every("languages"),
        methods=every("methods"),
        revisions=len(every("revisions")),
        beside=int(runs["beside"].sum()) / readings if readings else None,
        content=parts.get("content"),
        form=sum(parts.get(name, 0.0) for name in ("order", "format", "language", "persona")) if parts else None,
        spread=spread,
        chat=chat,
    )


def limits_of(facts: Facts, audits: Sequence[str]) -> list[Limit]:
    """What the figures of a model cannot show; ``audits`` are those that could have been run.

    >>> nothing = Facts(frozenset(), frozenset(), frozenset(), 0, None, None, None, None, chat=True)
    >>> limits_of(nothing, ["alignment"])
    ['published_only']
    """
    if not facts.audits & {*audits}:
        return ["published_only"]
    found: dict[Limit, bool] = {
        "unmeasured": bool({*audits} - facts.audits),
        "one_language": len(facts.languages) == 1,
        "sampled": "sampled" in facts.methods,
        "top_k": "top_k" in facts.methods,
        "beside": facts.beside is not None and facts.beside >= MOSTLY,
        "form": facts.form is not None and facts.content is not None and facts.form > facts.content,
        "format": facts.spread is not None and facts.spread >= WIDE,
        "base": not facts.chat,
        "revision": facts.revisions > 1,
    }
    return [name for name in LIMITS if found.get(name)]
