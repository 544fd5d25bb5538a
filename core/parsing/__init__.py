"""Reads a written answer as an option, a refusal, or neither."""
