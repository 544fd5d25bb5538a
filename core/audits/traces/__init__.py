"""Reasoning traces: the four stages of MARK, in which each closed decision is an option distribution."""
