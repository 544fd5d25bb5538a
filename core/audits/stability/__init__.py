"""Stability: does a model choose the same action when a dilemma is asked in another way?"""
