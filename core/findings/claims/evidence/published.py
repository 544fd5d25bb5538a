"""All evidence that others measured, by claim and source, and the same evidence made from real publics."""

from __future__ import annotations

import pandas as pd

from core.findings.claims.evidence.criticism import criticism_changes
from core.findings.claims.evidence.foundations import (
    foundation_language_changes,
    foundation_misses,
    foundation_usa_advantage,
    public_foundation_misses,
    public_foundations,
)
from core.findings.claims.evidence.lean import lean_changes
from core.findings.claims.evidence.moral_machine import moral_size_pairs, moral_size_steps


def published_evidence() -> dict[str, dict[str, pd.DataFrame]]:
    """Frames of :data:`.verdicts.COLUMNS` by claim and source of :mod:`core.findings.claims.sources`."""
    return {
        "unstable": {"lean_months": lean_changes("calendar"), "lean_releases": lean_changes("release")},
        "scale": {"moral_steps": moral_size_steps(), "moral_sizes": moral_size_pairs()},
        "multilingual": {"mfq2": foundation_language_changes(), "criticism": criticism_changes()},
        "us_centric": {
            "mfq2": foundation_usa_advantage(),
            "mfq2_2026": foundation_usa_advantage("mfq2_2026"),
            "mfq2_zh": foundation_usa_advantage(language="zh"),
        },
        "neither": {"mfq2": foundation_misses()},
    }


def published_publics() -> dict[str, dict[str, pd.DataFrame]]:
    """The same evidence from real publics that are treated as models, where that is possible."""
    usa = public_foundations()
    return {
        "us_centric": {"mfq2": usa, "mfq2_2026": usa, "mfq2_zh": usa},
        "neither": {"mfq2": public_foundation_misses()},
    }
