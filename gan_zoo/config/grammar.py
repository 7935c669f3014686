"""Texts as Hydra's grammar of overrides takes them."""

from __future__ import annotations

import re

LISTS = ("regularizer", "stabilizer")  # groups of which a run may have several parts


def quoted(value: object) -> str:
    r"""Return a text in single quotes, whatever it contains.

    A backslash stands for itself unless quotes follow it, so no other is doubled.

    Example:
        >>> print(quoted("it's in C:\\runs"))
        'it\'s in C:\runs'
    """
    escaped = re.sub(r"(\\*)'", lambda found: f"{found[1] * 2}\\'", str(value))
    end = re.search(r"\\*$", escaped)
    return f"'{escaped}{end[0] if end else ''}'"
