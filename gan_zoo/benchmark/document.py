"""The place of the table in a document: between two markers."""

BEGIN = "<!-- benchmark: written by scripts/collapse_benchmark.py -->"
END = "<!-- benchmark: end -->"


def insert(document: str, table: str) -> str:
    """Return the document with `table` between its markers.

    Raises:
        ValueError: if a marker is missing.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"it lacks the markers '{BEGIN}' and '{END}'")
    return f"{before}{BEGIN}\n\n{table.strip()}\n\n{END}{after}"
