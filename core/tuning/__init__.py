"""Tunes a local model so that its first-token answers match those of people.

It is the second half of first-token alignment (arXiv 2502.07068).
"""
