"""The table of `gan-zoo runs`: a line for each run where the terminal is wide enough, else two or three."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Sequence
from pathlib import Path

TITLES = ("RUN", "STATE", "KIMG", "CHANGED", "NUMBERS", "FINDINGS")
FIRST = 4  # cells of the first line where a run has several
NONE = "-"
GAP = "  "
SHORTEST = 24  # characters of a run's name, before its numbers go below it
SHORTEST_ALONE = 8  # the same, where they stand there already
MOST_LINES = 3  # of numbers and findings


def table(rows: Sequence[tuple[str, ...]], width: int | None) -> tuple[list[str], list[list[str]]]:
    """Return the lines above the runs, and those of each run.

    Args:
        rows: the cells of each run in the order of the titles, its path first.
        width: of the terminal in characters. What runs have in common stands above them then, and paths are
            shortened in their middle. None for one whole line each.
    """
    if width is None:
        title, *lines = _aligned([TITLES, *rows])
        return [title], [[line] for line in lines]
    common, names = below([row[0] for row in rows])
    rows = [(name, *row[1:]) for name, row in zip(names, rows, strict=True)]
    above = [f"Below {shortened(common, width - 7)}:"] if common else []
    sizes = [max(map(len, column)) for column in zip(TITLES, *rows, strict=True)]
    room = width - sum(sizes[1:]) - len(GAP) * (len(sizes) - 1)
    if room >= min(sizes[0], SHORTEST):
        title, *lines = _aligned([TITLES, *_with_names(rows, room)])
        return [*above, title], [[line] for line in lines]
    room = max(width - sum(sizes[1:FIRST]) - len(GAP) * (FIRST - 1), SHORTEST_ALONE)
    title, *lines = _aligned([each[:FIRST] for each in (TITLES, *_with_names(rows, room))])
    blocks = [[line, *_details(row[FIRST:], width)] for line, row in zip(lines, rows, strict=True)]
    return [*above, title, *_details(TITLES[FIRST:], width)], blocks


def fitting(blocks: Sequence[Sequence[str]], order: Sequence[int], height: int) -> tuple[list[int], int]:
    """Return which blocks of lines are shown, at least one, and how many are not.

    Args:
        blocks: the lines of each.
        order: which are shown first where not all of them fit.
        height: lines that there are.
    """
    if sum(map(len, blocks)) <= height:
        return list(range(len(blocks))), 0
    kept: list[int] = []
    for number in order:
        height -= len(blocks[number])
        if height < 0 and kept:
            break
        kept.append(number)
    return kept, len(blocks) - len(kept)


def below(paths: Sequence[str]) -> tuple[str, list[str]]:
    """Return the folder that all paths are in, empty if there is none but this one, and the rest of each.

    Example:
        >>> below(["outputs/a/x", "outputs/a/y/z"])
        ('outputs/a', ['x', 'y/z'])
    """
    try:
        common = os.path.commonpath([Path(path).parent for path in paths])
    except ValueError:  # some from the root on, others from here
        return "", list(paths)
    return common, [str(Path(path).relative_to(common)) for path in paths]


def shortened(text: str, longest: int) -> str:
    """Return a text without its middle if it is too long; more is kept of its end, where paths differ.

    Example:
        >>> shortened("loss=js,lsgan,hinge/seed=0", 16)
        'loss=…nge/seed=0'
    """
    if len(text) <= longest:
        return text
    tail = max(longest - 1, 0) * 2 // 3
    return f"{text[: max(longest - 1 - tail, 0)]}…{text[len(text) - tail :]}"


def cut(line: str, width: int | None) -> str:
    """Return a line, its end left out where it is too long."""
    return line if width is None or len(line) <= width else f"{line[: max(width - 1, 0)]}…"


def _with_names(rows: Sequence[tuple[str, ...]], longest: int) -> list[tuple[str, ...]]:
    return [(shortened(row[0], longest), *row[1:]) for row in rows]


def _aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    sizes = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (GAP.join(f"{cell:{size}}" for cell, size in zip(row, sizes, strict=True)) for row in rows)
    return [line.rstrip() for line in lines]


def _details(cells: Sequence[str], width: int) -> list[str]:
    """Return numbers and findings as lines of their own, none if there are none."""
    text = " | ".join(cell for cell in cells if cell != NONE)
    indent = GAP * 2
    return textwrap.wrap(
        text, max(width, 3 * len(indent)), initial_indent=indent, subsequent_indent=indent,
        max_lines=MOST_LINES, placeholder=" …",
    )  # fmt: skip
