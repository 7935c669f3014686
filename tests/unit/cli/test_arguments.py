"""What we understand on the command line beyond Hydra's grammar."""

import pytest

from gan_zoo.cli.arguments import chosen_parts, plugins, translate
from gan_zoo.cli.train import slug
from gan_zoo.errors import UserError


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        (["stabilizer=[a,~b]"], ["stabilizer=[a]", "remove.stabilizer=[b]"]),
        (["stabilizer=[ ~b , a ]"], ["stabilizer=[a]", "remove.stabilizer=[b]"]),
        (["stabilizer=~ema"], ["remove.stabilizer=[ema]"]),
        (["regularizer=[~r1]"], ["remove.regularizer=[r1]"]),  # the list of an experiment stays
        (["stabilizer=[~a]", "remove.stabilizer=[b]"], ["remove.stabilizer=[a,b]"]),
        (["experiment=null", "debug=none"], []),
        (["experiment=x", "seed=1"], ["experiment=x", "seed=1"]),
        (["~callbacks.summary"], ["~callbacks.summary"]),
        (["--cfg", "job", "seed=1"], ["seed=1", "--cfg", "job"]),
        (["-m", "loss=js,hinge"], ["loss=js,hinge", "-m"]),
        (["--config-dir", "a=b", "seed=1"], ["seed=1", "--config-dir", "a=b"]),
        (["data.path=~/pictures"], ["data.path=~/pictures"]),
    ],
)
def test_arguments_are_translated(typed: list[str], understood: list[str]) -> None:
    assert translate(typed) == understood


@pytest.mark.parametrize("typed", ["stabilizer=[a],[~b]", "stabilizer=~a,b"])
def test_leaving_out_in_a_sweep_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match=r"remove\.stabilizer"):
        translate([typed])


def test_an_unknown_list_to_remove_from_is_refused() -> None:
    with pytest.raises(UserError, match=r"remove\.loss"):
        translate(["remove.loss=[js]"])


@pytest.mark.parametrize("typed", ["plugins=[a,b]", "+plugins=[a, b]", "plugins=['a',b]"])
def test_plugins_are_read(typed: str) -> None:
    assert plugins(["seed=1", typed]) == ["a", "b"]


def test_parts_are_found_in_sweeps_of_lists() -> None:
    wanted = chosen_parts(["stabilizer=[a,b],[c]", "model=x", "data=mine"])
    assert wanted == [("stabilizer", "a"), ("stabilizer", "b"), ("stabilizer", "c"), ("data", "mine")]


def test_a_slug_is_one_short_folder_name() -> None:
    assert len(slug("x" * 500)) == 120
    assert "/" not in slug("data.path=../up/'a b'")
