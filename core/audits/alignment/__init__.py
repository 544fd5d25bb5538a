"""Alignment: how near a model comes to each country, read from the first word of its answers."""
