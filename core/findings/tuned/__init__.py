"""What tuned models learned: before and after on seen and unseen countries and questions, and planted values."""

from __future__ import annotations

from core.findings.tuned.learned import MEASURES, QUADRANTS, Learned, learned
from core.findings.tuned.planted import planted_ages, planted_countries

__all__ = ["MEASURES", "QUADRANTS", "Learned", "learned", "planted_ages", "planted_countries"]
