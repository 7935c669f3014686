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
    """Return the table as text, at most 110 columns wide; warnings and failures stand below it."""
    rows = [_cells(record) for record in evaluation.records]
    lines = _aligned([HEADERS, *rows]) if rows else []
    if lines:
        lines.insert(1, "-" * max(map(len, lines)))
    texts = [f"warning: {warning}" for warning in evaluation.warnings]
    texts += [f"not measured: {name}: {message}" for name, message in evaluation.failures.items()]
    for text in (" ".join(text.split()) for text in texts):
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False)
    return "\n".join(lines)


def _cells(record: Record) -> tuple[str, ...]:
    numbers = [digits(value) for value in (record.value, record.floor, record.ceiling)]
    return (short(record.name), *numbers, gauge_of(record), better(record))


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


def gauge_of(record: Record) -> str:
    """Return the gauge of a number; of one that is best near something, by the distance from that.

    So it does not seem better than real data on their other side. There is none where the floor is of another
    number of samples, and the value changes with that, nor where collapsed samples score better than real
    data: there a bad value would seem better than both.

    Example:
        >>> alike = Record("ms_ssim", "ms_ssim", 0.0, 0.4, 0.8, "near", None)
        >>> gauge_of(alike), gauge_of(Record("nn_accuracy", "", 0.1, 0.6, 1.0, "near", 0.5))
        (' |--------o|', ' |------o--|')
        >>> gauge_of(Record("precision", "", 0.4, 0.9, 1.0, "higher", 1.0))
        ''
    """
    value, floor, ceiling = record.value, record.floor, record.ceiling
    if not record.protocol.get("comparable_to_floor", True) or _blind(record):
        return ""
    best = floor if record.ideal is None else record.ideal
    if record.direction != "near" or value is None or floor is None or ceiling is None or best is None:
        return gauge(value, floor, ceiling)
    return gauge(abs(value - best), abs(floor - best), abs(ceiling - best))


def _blind(record: Record) -> bool:
    """Return whether collapsed samples score better than real data: collapse does not show."""
    if record.floor is None or record.ceiling is None or record.direction == "near":
        return False
    sign = 1.0 if record.direction == "higher" else -1.0
    return sign * record.ceiling > sign * record.floor


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
