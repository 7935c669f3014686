"""Sweeps of Hydra's grammar become distributions, and values become overrides."""

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from gan_zoo.errors import UserError
from gan_zoo.search.space import examples, read_space, typed


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("js,hinge", CategoricalDistribution(["js", "hinge"])),
        ("choice([], [r1], [r1,r2])", CategoricalDistribution(["[]", "[r1]", "[r1,r2]"])),
        ("choice('two words',3)", CategoricalDistribution(["two\\ words", "3"])),
        ("interval(1,5)", FloatDistribution(1.0, 5.0)),
        ("tag(log,interval(1e-4,1e-2))", FloatDistribution(1e-4, 1e-2, log=True)),
        ("int(interval(1,5))", IntDistribution(1, 5)),
        ("tag(log,int(interval(8,64)))", IntDistribution(8, 64, log=True)),
        ("range(32,129,step=32)", IntDistribution(32, 128, step=32)),
        ("range(1,10,2)", IntDistribution(1, 9, step=2)),
        ("range(0,1,0.25)", FloatDistribution(0.0, 0.75, step=0.25)),
    ],
)
def test_every_form_of_a_sweep(value: str, expected: object) -> None:
    fixed, space = read_space(["model=mlp", f"some.key={value}", "betas=[0.0,0.9]"])
    assert fixed == ["model=mlp", "betas=[0.0,0.9]"]
    assert space == {"some.key": expected}


@pytest.mark.parametrize(
    "word",
    ["a=interval(5,1)", "a=range(3,3)", "a=range(5,1,-1)", "a=choice(x)", "a=x,x", "a=[1", "a=glob(*)"],
)
def test_sweeps_that_hold_nothing_are_refused(word: str) -> None:
    with pytest.raises(UserError, match=r"a=|'a="):
        read_space([word])


def test_values_are_typed_as_they_are() -> None:
    values = {"+loss": "hinge", "optimizer.betas": "[0.0,0.9]", "optimizer.lr": 0.1 + 0.2, "batch_size": 64}
    assert typed(values) == [
        "+loss=hinge",
        "optimizer.betas=[0.0,0.9]",
        "optimizer.lr=0.30000000000000004",
        "batch_size=64",
    ]


def test_every_choice_is_tried_before_anything_begins() -> None:
    _, space = read_space(["loss=js,hinge,lsgan", "model=mlp,dcgan", "optimizer.lr=interval(1,2)"])
    pairs = {(each["loss"], each["model"]) for each in examples(space)}
    assert pairs == {("js", "mlp"), ("hinge", "mlp"), ("lsgan", "mlp"), ("js", "dcgan")}
