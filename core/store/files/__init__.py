"""Run folders: run.json, immutable shards, the lock of the writer, and checking, importing and compacting a run."""
