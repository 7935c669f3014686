"""The table that an evaluation prints: each number between what real and what collapsed samples get."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from gan_zoo.evaluation.evaluate import Evaluation
from gan_zoo.evaluation.record import Record

WIDTH = 110
NAME_WIDTH = 50
GAUGE = 9  # characters between floor and ceiling
HEADERS = ("metric", "value", "floor", "ceiling", "floor..ceiling", "better")


def table(evaluation: Evaluation) -> str:
    """Return the table as text, at most 110 columns wide; failures stand below it."""
    rows = [_cells(record) for record in evaluation.records]
    lines = _aligned([HEADERS, *rows]) if rows else []
    if lines:
        lines.insert(1, "-" * max(map(len, lines)))
    for name, message in evaluation.failures.items():
        text = f"not measured: {name}: {' '.join(message.split())}"
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False)
    return "\n".join(lines)


def _cells(record: Record) -> tuple[str, ...]:
    numbers = [digits(value) for value in (record.value, record.floor, record.ceiling)]
    return (short(record.name), *numbers, gauge(record.value, record.floor, record.ceiling), better(record))


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Join cells to lines: names to the left, numbers to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in (1, 2, 3) else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def digits(value: float | None) -> str:
    """Return a number with four significant digits.

    Example:
        >>> [digits(value) for value in (0.0, 12345.6, 0.98765, 0.00001234, -3.0, None)]
        ['0', '12346', '0.9877', '1.23e-05', '-3', '-']
    """
    if value is None:
        return "-"
    if value == round(value) and abs(value) < 1e6:
        return f"{value:.0f}"
    if abs(value) < 1e-3 or abs(value) >= 1e6:
        return f"{value:.2e}"
    return f"{value:.0f}" if abs(value) >= 1e4 else f"{value:.4g}"


def gauge(value: float | None, floor: float | None, ceiling: float | None) -> str:
    """Return a line from floor to ceiling with a mark where the value lies; outside it, at its end.

    Example:
        >>> [gauge(value, 0.0, 1.0) for value in (0.0, 0.5, 7.0)]
        [' |o--------|', ' |----o----|', ' |---------|o']
    """
    if value is None or floor is None or ceiling is None or floor == ceiling:
        return ""
    share = (value - floor) / (ceiling - floor)
    line = ["-"] * GAUGE
    if 0.0 <= share <= 1.0:
        line[round(share * (len(line) - 1))] = "o"
    return f"{'o' if share < 0.0 else ' '}|{''.join(line)}|{'o' if share > 1.0 else ''}"


def better(record: Record) -> str:
    """Return which direction is better, in a word or two."""
    if record.direction != "near":
        return record.direction
    return "as floor" if record.ideal is None else f"near {record.ideal:g}"


def short(name: str) -> str:
    """Return a name that fits its column."""
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 10]}…{name[-9:]}"
