"""Kinds of runs, and what they were called before schema version 2."""

from __future__ import annotations

from typing import Any

PROBE = "probe"
"""Single questions asked on a page: one run a day and process."""

SINGLE_TRACES = "single_traces"
"""Reasoning traces made one by one on a page: one run a day and process."""

IMPORTED_LOG = "imported_log"
"""Answers that another program asked for: their prompts are its own, so no audit reads them beside ours."""

OPEN_KINDS = (PROBE, SINGLE_TRACES)
"""Kinds that have no plan to fulfil: they grow ask by ask, and are whole whenever their writer ends."""

FORMER_KINDS = {
    "first_token": "alignment",
    "dilemmas": "stability",
    "diversity": "citizens",
    "trace": "traces",
    "mark": "traces",
}
"""Former name of a kind -> its name."""


def with_present_kind(doc: dict[str, Any]) -> dict[str, Any]:
    """A run.json of version 1 with the kind that version 2 gives it.

    Specs of traces named their audit and title besides, which run.json has in places of their own. A run of traces
    without models was filled one by one on a page.
    """
    kind = FORMER_KINDS.get(str(doc.get("kind")), doc.get("kind"))
    spec = doc.get("spec")
    if kind == "traces" and isinstance(spec, dict):
        spec = {name: value for name, value in spec.items() if name not in ("audit", "title")}
    if kind == "traces" and not (isinstance(spec, dict) and "models" in spec):
        kind = SINGLE_TRACES
    return {**doc, "kind": kind, **({"spec": spec} if "spec" in doc else {})}
