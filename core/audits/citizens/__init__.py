"""Simulated citizens: do people that a model simulates answer like real people?"""
