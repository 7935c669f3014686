"""Sweeps: many runs from one command, each in a folder of its own, until all have ended."""
