"""Alignment: how near a model is to each country, read from the first token of its answers."""
