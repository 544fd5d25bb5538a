"""Evidence for the verdicts: one number per model and question, positive where it supports the claim.

Everything is computed from the survey, the published figures and a store; no result is quoted. Each function
returns a frame of :data:`core.findings.claims.verdicts.COLUMNS`.
"""

from core.findings.claims.evidence.dilemmas import counted_waves, dilemma_runs, instability
from core.findings.claims.evidence.figures import FIGURES, published_series
from core.findings.claims.evidence.frame import PAIR, answering, table_sources
from core.findings.claims.evidence.lean import lean_steps, monthly_lean
from core.findings.claims.evidence.means import (
    language_changes,
    persona_misses,
    public_answers,
    usa_advantage,
)
from core.findings.claims.evidence.published import published_evidence, published_publics
from core.findings.claims.evidence.sizes import REVERSED, STEP, size_steps
from core.findings.claims.evidence.told import (
    country_misses,
    country_variation,
    public_misses,
    series_distances,
    told_scores,
    tuning_side,
)
from core.findings.claims.evidence.youth import public_youth_gaps, youth_gaps

__all__ = [
    "FIGURES",
    "PAIR",
    "REVERSED",
    "STEP",
    "answering",
    "counted_waves",
    "country_misses",
    "country_variation",
    "dilemma_runs",
    "instability",
    "language_changes",
    "lean_steps",
    "monthly_lean",
    "persona_misses",
    "public_answers",
    "public_misses",
    "public_youth_gaps",
    "published_evidence",
    "published_publics",
    "published_series",
    "series_distances",
    "size_steps",
    "table_sources",
    "told_scores",
    "tuning_side",
    "usa_advantage",
    "youth_gaps",
]
