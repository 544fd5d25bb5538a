"""Representation: to whose answers within a country a model is near, and who is left out."""
