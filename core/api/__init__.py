"""What ``import core as px`` offers, over the same store, runs and audits as the app."""
