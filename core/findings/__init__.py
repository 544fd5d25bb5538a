"""Findings from stored answers: comparisons, claims, and the lesson."""
