"""Kinds of runs, and the names that they had before version 2 of the schema."""

from __future__ import annotations

from typing import Any

PROBE = "probe"
"""Single questions asked on a page. There is one such run a day and process."""

SINGLE_TRACES = "single_traces"
"""Reasoning traces made one by one on a page. There is one such run a day and process."""

IMPORTED_LOG = "imported_log"
"""Answers that another program asked for: their prompts are its own, so no audit reads them beside ours."""

OPEN_KINDS = (PROBE, SINGLE_TRACES)
"""Kinds without a plan: such a run grows with every ask, and is complete whenever its writer ends."""

READ_KINDS = ("alignment", "representation")
"""Kinds whose answers pages show as readings. A large run of them opens through its aggregate."""

FORMER_KINDS = {
    "first_token": "alignment",
    "dilemmas": "stability",
    "diversity": "citizens",
    "trace": "traces",
    "mark": "traces",
}
"""Former names of kinds, each with its present name."""


def with_present_kind(doc: dict[str, Any]) -> dict[str, Any]:
    """A run.json of version 1 with the kind that it has in version 2.

    Specs of traces also had the audit and the title, which have fields of their own in run.json; they are removed. A
    run of traces without models was made one by one on a page.
    """
    kind = FORMER_KINDS.get(str(doc.get("kind")), doc.get("kind"))
    spec = doc.get("spec")
    if kind == "traces" and isinstance(spec, dict):
        spec = {name: value for name, value in spec.items() if name not in ("audit", "title")}
    if kind == "traces" and not (isinstance(spec, dict) and "models" in spec):
        kind = SINGLE_TRACES
    return {**doc, "kind": kind, **({"spec": spec} if "spec" in doc else {})}
