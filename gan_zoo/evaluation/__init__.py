"""Evaluation: metrics on generated samples, between what real data and what collapsed data get."""
