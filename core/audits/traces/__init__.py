"""Reasoning traces: the four stages of MARK, each closed decision an option distribution."""
