"""Search for good settings with Optuna: each trial is a run, and what collapses is pruned."""
