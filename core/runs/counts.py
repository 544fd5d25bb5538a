"""What a run has when it ends, counted from its stored rows, and whether it may be taken up again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from core.errors import Cancelled, CapReached, InputError, Said, said
from core.prompts.render import template_of
from core.providers.hosted.first_word import HARDLY
from core.providers.served import without_settings
from core.store import RunInfo, Status, Store
from core.store.index.tallies import mostly_beside


class Counts(NamedTuple):
    """``counts`` are those of run.json: answers, copied, errors by kind, and readings mostly beside the options.

    ``dollars`` is the estimated cost, ``nothing`` the number of answers that tell nothing about the options.
    """

    counts: dict[str, int]
    dollars: float | None
    nothing: int


def counts_of(store: Store, run_id: str, made: Iterable[str]) -> Counts:
    """The counts of a run, without the rows with the cell ids ``made``, which code computed from answers."""
    found = store.frame(
        f"""
        SELECT outcome <> 'error' AS good, error_kind, count(*) AS rows, count(copied_from) AS copied,
            sum(cost_usd) FILTER (copied_from IS NULL) AS dollars,
            count(*) FILTER (WHERE {mostly_beside()}) AS beside,
            count(*) FILTER (method = 'top_k' AND valid_mass < ? OR outcome = 'invalid' AND trim(text) = '') AS nothing
        FROM responses WHERE run_id = ? AND cell_id NOT IN (SELECT unnest(?::VARCHAR[])) GROUP BY ALL
        """,  # noqa: S608 - fixed names; what comes from outside is a parameter
        [HARDLY, run_id, list(made)],
    )
    good = found.good.astype(bool)
    errors = found[~good]
    counts = {
        "answers": int(found.rows.sum() - errors.rows.sum()),
        "copied": int(found.copied.sum()),
        "errors": int(errors.rows.sum()),
        **({"under_half": beside} if (beside := int(found.beside.sum())) else {}),
        **{f"errors_{kind}": int(rows) for kind, rows in zip(errors.error_kind, errors.rows, strict=True)},
    }
    dollars = found.dollars.dropna()
    return Counts(counts, float(dollars.sum()) if len(dollars) else None, int(found.nothing[good].sum()))


def ending(info: RunInfo, found: Counts, status: Status, stopped: Said | None) -> dict[str, Any]:
    """The fields of run.json with which a run ends. A run without a single answer about the options has ``failed``."""
    counts, dollars, nothing = found
    if status == "done" and counts["answers"] <= nothing and counts["errors"]:
        status = "failed"
    lone = info.counts.get("lone", 0)
    return {
        "status": status,
        "stopped": stopped.message() if stopped else "",
        "stopped_by": {"key": stopped.key, **stopped.values} if stopped else None,
        "finished": datetime.now(UTC),
        "counts": {"planned": info.counts.get("planned", 0), **counts, **({"lone": lone} if lone else {})},
        "cost_usd": dollars,
    }


def stored_revisions(store: Store, run_id: str, made: Iterable[str]) -> list[tuple[str, str | None]]:
    """Model and revision of the answers of a run, without the rows with the cell ids ``made``."""
    rows = store.frame(
        """
        SELECT DISTINCT model_id, model_revision FROM responses
        WHERE run_id = ? AND outcome <> 'error' AND cell_id NOT IN (SELECT unnest(?::VARCHAR[]))
        """,
        [run_id, list(made)],
    )
    # A provider without revisions stores NaN in the frame; there is nothing that could have changed.
    return [
        (str(model), stored if isinstance(stored, str) else None)
        for model, stored in zip(rows.model_id, rows.model_revision, strict=True)
    ]


def reason_of(stop: Cancelled) -> Said | None:
    """Why a run stopped by itself; ``None`` where somebody stopped it."""
    return stop.parts[0] if isinstance(stop, CapReached) and isinstance(stop.parts[0], Said) else None


def check_unchanged(
    info: RunInfo,
    stored: Iterable[tuple[str, str | None]],
    revisions: Mapping[str, str | None],
    prompts: Mapping[str, str],
) -> None:
    """Raise :class:`InputError` where a run was begun with another version of a model or of a prompt than now."""
    for model_id, before in stored:
        # Settings that were found at run time are no other version: each row says with which it was asked.
        now = without_settings(revisions.get(model_id))
        if model_id in revisions and (now or None) != (without_settings(before) or None):
            raise InputError(said("revision_changed", revision=before, model=model_id, now=revisions[model_id]))
    # Early runs of traces noted only the version of their own templates. The wording belongs to the question.
    if not {template_of(one) for one in info.prompts.values()} <= {template_of(one) for one in prompts.values()}:
        raise InputError(said("prompts_changed"))
