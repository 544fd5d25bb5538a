"""Stability: does a model choose the same action when a dilemma is put to it otherwise?"""
