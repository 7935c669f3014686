import math

import pytest

from gan_zoo.callbacks.best import Best, Listener, read_best
from gan_zoo.errors import UserError


def test_what_was_logged_is_heard_once():
    listener = Listener()
    listener.log_metrics({"a": 1.0, "b": 2.0}, step=1)
    listener.log_metrics({"a": 3.0}, step=1)
    assert listener.take() == {"a": 3.0, "b": 2.0}
    assert listener.take() == {}
    assert listener.names == {"a", "b"}


@pytest.mark.parametrize(("mode", "kept"), [("min", [(1.0, 20), (2.0, 40)]), ("max", [(9.0, 30), (5.0, 10)])])
def test_the_best_two(mode, kept):
    best = Best("fd", mode, 2)
    for images, value in ((10, 5.0), (20, 1.0), (30, 9.0), (40, 2.0), (50, 4.0)):
        best.kept = best.consider({"fd": value}, images) or best.kept
    assert best.kept == kept
    assert best.images == [images for _, images in kept]


def test_what_is_not_better_changes_nothing():
    best = Best("fd")
    best.kept = [(1.0, 10)]
    for values in ({"fd": 1.0}, {"fd": 2.0}, {"fd": math.nan}, {"fd": -math.inf}, {"other": 0.0}, {}):
        assert best.consider(values, 20) is None
    assert best.consider({"fd": 0.5}, 10) is None  # known already
    assert best.kept == [(1.0, 10)]


def test_the_last_part_of_a_name_may_be_left_out_where_one_name_fits():
    best = Best("quality/fd")
    assert best.consider({"quality/fd/pixels-2@1c63": 1.0, "quality_floor/fd/pixels": 0.0}, 10) == [(1.0, 10)]
    assert best.consider({"quality/fd/pixels": 1.0, "quality/fd/other": 2.0}, 10) is None
    assert best.consider({"quality/fd": 3.0, "quality/fd/other": 2.0}, 10) == [(3.0, 10)]
    assert Best("quality").consider({"quality/fd/pixels": 1.0}, 10) is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("fd", "name a logged number"), ({"mode": "min"}, "name a logged number"),
        ({"metric": ""}, "metric=''"),
        ({"metric": "a", "mode": "mni"}, "Did you mean 'min'"), ({"metric": "a", "count": 0}, "count=0"),
        ({"metric": "a", "count": True}, "count=True"), ({"metric": "a", "cuont": 1}, "Did you mean 'count'"),
    ],
)  # fmt: skip
def test_mistakes(given, message):
    with pytest.raises(UserError, match=message):
        read_best(given)


def test_none_is_asked_for():
    assert read_best(None) is None
