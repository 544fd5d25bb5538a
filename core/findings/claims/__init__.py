"""Tests the claims of the paper: the evidence, and the rule that turns it into a verdict."""
