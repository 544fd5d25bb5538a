"""Evidence for :mod:`core.audits.claims`: one number per model and question, positive where it speaks for the claim.

Everything is computed from what the survey, the published figures and a store hold; nothing is quoted. Each function
gives a frame of :data:`core.audits.claims.COLUMNS`.
"""

from core.audits.claims_evidence.dilemmas import dilemma_runs, instability
from core.audits.claims_evidence.figures import FIGURES, published_series
from core.audits.claims_evidence.frame import PAIR, table_sources
from core.audits.claims_evidence.means import language_changes, persona_misses, usa_advantage
from core.audits.claims_evidence.sizes import REVERSED, STEP, size_steps
from core.audits.claims_evidence.told import (
    country_misses,
    country_variation,
    series_distances,
    told_scores,
    tuning_side,
)
from core.audits.claims_evidence.youth import youth_gaps

__all__ = [
    "FIGURES",
    "PAIR",
    "REVERSED",
    "STEP",
    "country_misses",
    "country_variation",
    "dilemma_runs",
    "instability",
    "language_changes",
    "persona_misses",
    "published_series",
    "series_distances",
    "size_steps",
    "table_sources",
    "told_scores",
    "tuning_side",
    "usa_advantage",
    "youth_gaps",
]
