"""Schedules over kimg."""

import itertools
import math

import pytest

from gan_zoo.errors import UserError
from gan_zoo.schedule import Schedule, as_schedule


def test_geometric_has_equal_ratios():
    schedule = Schedule(0.5, 0.01, "geometric", 10.0, 20.0)
    values = [schedule(kimg) for kimg in (10.0, 12.5, 15.0, 17.5, 20.0)]
    assert values[0] == 0.5
    assert values[-1] == 0.01
    ratios = [after / before for before, after in itertools.pairwise(values)]
    assert all(math.isclose(ratio, 0.02**0.25) for ratio in ratios)
    assert (schedule(0.0), schedule(99.0)) == (0.5, 0.01)


@pytest.mark.parametrize(("start", "end"), [(1.0, 0.0), (0.0, 1.0), (1.0, -1.0)])
def test_geometric_needs_one_sign(start, end):
    with pytest.raises(UserError, match="one sign"):
        Schedule(start, end, "geometric", 0.0, 1.0)


def test_linear_and_cosine_meet_in_the_middle():
    for kind in ("linear", "cosine"):
        assert math.isclose(Schedule(4.0, 2.0, kind, 0.0, 8.0)(4.0), 3.0)


def test_an_unknown_kind_is_refused():
    with pytest.raises(UserError, match="geometric"):
        as_schedule({"kind": "geometrical", "start": 1, "end": 2, "start_kimg": 0, "end_kimg": 1})
