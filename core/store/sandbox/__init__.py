"""A reader's own SQL, in a process that sees views over the runs and nothing else."""
