"""Survey files of one's own: read, checked, and turned into shares by group."""
