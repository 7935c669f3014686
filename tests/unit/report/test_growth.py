"""The schedule of growth is that of the configuration, and batch sizes follow it."""

from collections.abc import Callable
from typing import Any

import pytest

from gan_zoo.game.growth import Growth
from gan_zoo.report.growth import Grown, batch_sizes, planned, seen
from gan_zoo.run_files import RunFiles

Make = Callable[..., RunFiles]


def growing(train: float, fade: float, first: int = 4, total: float = 8.0, **more: Any) -> dict[str, Any]:
    """Return what a configuration says of a network that grows to 32 px."""
    growth = {"start_resolution": first, "train_kimg": train, "fade_kimg": fade, **more}
    data = {"name": "digits", "size": 32}
    return {"model": {"name": "pggan", "growth": growth}, "data": data, "batch_size": 16, "kimg": total}


@pytest.mark.parametrize(("train", "fade"), [(0.2, 0.3), (2.0, 1.0), (1.0, 0.0), (20.0, 1.0), (2.5, 3.0)])
@pytest.mark.parametrize("first", [4, 8, 32])
def test_levels_are_those_that_training_goes_through(
    make_run: Make, train: float, fade: float, first: int
) -> None:
    run = make_run(changed=growing(train, fade, first, batch_size={4: 64, 16: 32}))
    levels = (4, 8, 16, 32)
    real = Growth(levels, train, fade, levels.index(first), {4: 64, 16: 32})
    found = planned(run)
    stages = [real.stage(images) for images in range(8000)]
    assert [each.level for each in found] == sorted({stage.level for stage in stages})
    assert found[-1].until_kimg == 8.0
    for each in found:
        places = [images for images, stage in enumerate(stages) if stage.level == each.level]
        assert each.since_kimg == pytest.approx(places[0] / 1000, abs=0.0011)
        assert each.until_kimg == pytest.approx((places[-1] + 1) / 1000, abs=0.0011)
        whole = [images for images in places if stages[images].fade == 1.0]
        if whole:
            assert each.faded_kimg == pytest.approx(whole[0] / 1000, abs=0.0011)
        assert each.resolution == levels[each.level]
        assert each.batch_size == real.batch_at_level(each.level, 16)


def test_a_fade_that_the_run_does_not_end_has_no_end(make_run: Make) -> None:
    found = planned(make_run(changed=growing(7.0, 4.0)))
    assert found[-1] == Grown(1, 7.0, None, 8.0, 8, 16)


def test_rows_tell_it_where_the_configuration_does_not(make_run: Make) -> None:
    run = make_run(growing=True)
    assert planned(run) == []
    assert [each.since_kimg for each in seen(run)] == [0.0, 4.0, 8.0]


@pytest.mark.parametrize(
    "odd", [{"start_resolution": 0}, {"train_kimg": "long"}, {"batch_size": [1, 2]}, {"fade_kimg": None}]
)
def test_odd_settings_are_no_error(make_run: Make, odd: dict[str, Any]) -> None:
    changed = growing(0.0, 0.0)
    changed["model"]["growth"] |= odd
    run = make_run(changed=changed, growing=True)
    assert planned(run) == []
    assert batch_sizes(run) == "16"


def test_batch_sizes_are_told_by_resolution(make_run: Make) -> None:
    run = make_run(changed=growing(1.0, 1.0, batch_size={4: 64, 16: 32, 32: 16}))
    assert batch_sizes(run) == "64 at 4 px, 32 from 16 px, 16 from 32 px"
    assert batch_sizes(make_run("b", changed=growing(1.0, 1.0))) == "16"
    assert batch_sizes(make_run("c", changed={"batch_size": 256})) == "256"
