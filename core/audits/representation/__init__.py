"""Representation: whose answers a model comes near to within a country, and who is left out."""
