"""Compares several models, runs or prompt languages: what differs most, and is it more than noise?

Every audit is first brought into one form, ``items``: one number per side, place (a country, a group, an axis) and
item (a question or a dilemma). Sides are compared on the items that all of them have, so that differences are paired
item by item. The interval and the p-value are by battery, and p is adjusted over all places shown (Benjamini-Hochberg).
"""

from core.findings.compare.differences import FEWEST, LEAST, SAME, VERDICTS, Verdict, differences, left_aside, summaries
from core.findings.compare.items import (
    ALL_COUNTRIES,
    AUDIT_NAMES,
    ITEMS,
    AuditName,
    alignment_items,
    questions_aside,
    reasoning_items,
    representation_items,
    shared_questions,
    stability_items,
)
from core.findings.compare.sides import MOST_SIDES, Side, known_sides, side_of

__all__ = [
    "ALL_COUNTRIES",
    "AUDIT_NAMES",
    "FEWEST",
    "ITEMS",
    "LEAST",
    "MOST_SIDES",
    "SAME",
    "VERDICTS",
    "AuditName",
    "Side",
    "Verdict",
    "alignment_items",
    "differences",
    "known_sides",
    "left_aside",
    "questions_aside",
    "reasoning_items",
    "representation_items",
    "shared_questions",
    "side_of",
    "stability_items",
    "summaries",
]
