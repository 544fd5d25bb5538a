"""Runs SQL that a reader typed, in a process that sees views over the runs and nothing else."""
