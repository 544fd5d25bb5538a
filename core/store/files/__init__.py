"""Run folders: run.json, immutable shards, who writes, and how a run is checked, imported and compacted."""
