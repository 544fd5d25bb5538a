"""Simulated citizens: do people that a model plays answer like real ones?"""
