"""Known-bad combinations, refused or warned about before the first step, from what the built game contains.

Each check is one small function that yields findings; the numbers in brackets are the rows of the evidence
table in `docs/recipes.md`.
"""

from gan_zoo.preflight import batches, penalties, terms, weights  # noqa: F401  (each adds its checks)
from gan_zoo.preflight.base import Finding, Subject, dry_run, preflight

__all__ = ["Finding", "Subject", "dry_run", "preflight"]
