"""Plain containers."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from gan_zoo.config.plain import from_plain, to_plain
from gan_zoo.errors import UserError


@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0


def test_nested_dataclasses_become_dictionaries() -> None:
    assert to_plain({"at": Point(1), "all": (Point(2), None)}) == {
        "at": {"x": 1, "y": 0},
        "all": [{"x": 2, "y": 0}, None],
    }


@pytest.mark.parametrize("value", [Path("here"), {1, 2}, Point, b"bytes"])
def test_what_a_safe_checkpoint_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="not plain data"):
        to_plain({"key": value})


def test_unknown_and_missing_keys_are_named_with_their_section() -> None:
    assert from_plain(Point, {"x": 1}) == Point(1)
    with pytest.raises(UserError, match=r"'places\.z'"):
        from_plain(Point, {"x": 1, "z": 2}, "places")
    with pytest.raises(UserError, match="places lacks"):
        from_plain(Point, {"y": 1}, "places")
