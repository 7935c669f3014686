"""The table of an evaluation: each number between what real data give and what collapse gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gan_zoo.report.embed import embedded
from gan_zoo.run_files import RunFiles

MOST_CLASSES = 60


@dataclass(frozen=True)
class Row:
    """One measured number.

    Attributes:
        name: of the number, without the extractor.
        extractor: of the features, or empty.
        value, std, floor, ceiling: None where there is none.
        direction: of what is better: `lower`, `higher` or `near`.
        ideal: the best possible value, None where there is none.
        share: where the value lies between the floor, 0, and the ceiling, 1; None where that means nothing.
        estimator: how it was computed.
    """

    name: str
    extractor: str
    value: float | None
    std: float | None
    floor: float | None
    ceiling: float | None
    direction: str
    ideal: float | None
    share: float | None
    estimator: str


def evaluation_of(run: RunFiles) -> dict[str, Any] | None:
    """Return what the page says about the run's evaluation, or None without one."""
    found = run.evaluation
    if not found or not isinstance(found.get("numbers"), dict):
        return None
    files, subject = _mapping(found.get("files")), _mapping(found.get("subject"))
    bins = files.get("bins")
    return {
        "rows": list(rows(found)),
        "picture": embedded(run.path / bins) if isinstance(bins, str) else None,
        "classes": list(_by_class(found)),
        "failures": {
            name: _mapping(each).get("error") for name, each in _mapping(found.get("failures")).items()
        },
        "kimg": subject.get("kimg"),
        "sets": _mapping(found.get("sets")),
        "extractor": _mapping(found.get("extractor")).get("id"),
        "command": found.get("command"),
        "seed": found.get("seed"),
    }


def rows(evaluation: dict[str, Any]) -> Iterator[Row]:
    """Yield the rows of an `evaluation.json`."""
    for full, number in _mapping(evaluation.get("numbers")).items():
        if not isinstance(number, dict):
            continue
        name, extractor = _split_name(full)
        direction = str(number.get("direction"))
        value, floor, ceiling = (_float(number.get(key)) for key in ("value", "floor", "ceiling"))
        ideal, protocol = _float(number.get("ideal")), _mapping(number.get("protocol"))
        placed = protocol.get("comparable_to_floor", True)  # else the floor is of another number of samples
        yield Row(
            name,
            extractor,
            value,
            _float(number.get("std")),
            floor,
            ceiling,
            direction,
            ideal,
            share_of_collapse(value, floor, ceiling, direction, ideal) if placed else None,
            str(protocol.get("estimator") or ""),
        )


def share_of_collapse(
    value: float | None,
    floor: float | None,
    ceiling: float | None,
    direction: str,
    ideal: float | None = None,
) -> float | None:
    """Return where a value lies between real data, 0, and collapsed data, 1.

    Of a number that is best near an ideal the distance from that counts.

    Example:
        >>> share_of_collapse(3.0, 1.0, 5.0, "lower"), share_of_collapse(0.9, 0.8, 1.0, "higher")
        (0.5, None)
        >>> share_of_collapse(0.3, 0.5, 1.0, "near", 0.5)
        0.4
    """
    if value is None or floor is None or ceiling is None:
        return None
    if direction == "near" and ideal is not None:
        value, floor, ceiling = abs(value - ideal), abs(floor - ideal), abs(ceiling - ideal)
        direction = "lower"
    if floor == ceiling:
        return None
    if (direction == "lower" and ceiling < floor) or (direction == "higher" and ceiling > floor):
        return None  # this number does not notice collapse
    share = (value - floor) / (ceiling - floor)
    if direction == "near" and share < -0.1:
        return None  # away from real data, but not towards collapse
    return min(max(share, 0.0), 1.0)


def _by_class(evaluation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a table of bars for each number that is known by class or mode."""
    names = _mapping(evaluation.get("data")).get("class_names") or []
    for title, sets in _mapping(evaluation.get("by_class")).items():
        fake, floor = (_mapping(sets).get(key) or [] for key in ("fake", "floor"))
        if not 0 < len(fake) <= MOST_CLASSES:
            continue
        totals = [sum(filter(None, values)) or 1.0 for values in (fake, floor)]
        is_count = title.endswith("count")
        bars = []
        for place, value in enumerate(fake):
            real = floor[place] if place < len(floor) else None
            shares = [
                (each or 0.0) / total if is_count else each
                for each, total in ((value, totals[0]), (real, totals[1]))
            ]
            bars.append({
                "name": names[place] if place < len(names) else str(place),
                "fake": shares[0],
                "real": shares[1],
                "missing": is_count and not value and bool(real),
            })  # fmt: skip
        most = max([each or 0.0 for bar in bars for each in (bar["fake"], bar["real"])] or [1.0]) or 1.0
        yield {"title": title.replace("_", " "), "bars": bars, "most": most, "is_share": is_count}


def _split_name(full: str) -> tuple[str, str]:
    """Return a number's name and its extractor.

    Example:
        >>> _split_name("fd/cls-mnist@33"), _split_name("swd/32"), _split_name("ndb")
        (('fd', 'cls-mnist@33'), ('swd/32', ''), ('ndb', ''))
    """
    name, _, last = full.rpartition("/")
    return (name, last) if "@" in last else (full, "")


def _float(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
