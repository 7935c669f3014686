"""A run that was cut and goes on ends with the bits of the uninterrupted one."""

import functools

import pytest
from helpers.pairwise import pairwise
from helpers.resuming import CALLBACKS, cut, seen, trained, unequal
from helpers.runs import SMALL, prepared

from gan_zoo.errors import UserError
from gan_zoo.losses.base import LOSSES
from gan_zoo.regularizers.base import REGULARIZERS
from gan_zoo.stabilizers.base import STABILIZERS

CASES = {
    "between critic steps": ("mlp", "data=ring", "loss=wgangp", "kimg=0.24"),
    "in a lazy interval": ("mlp", "data=ring", "regularizer=[r1]", "regularizer.r1.interval=4"),
    "in a fade": ("pggan", "loss=wgangp"),
    "in the middle of an epoch, with labels": ("acgan", "data.size=16"),
    "with batch norm and several epochs": ("dcgan", "data.size=16", "data.held_out=0.95"),
    "with power iterations": ("resnet", "loss=hinge", "kimg=0.1"),
    "with a schedule and look-ahead": (
        "mlp",
        "data=ring",
        "loss=unrolled",
        "loss.steps=2",
        "optimizer.schedule=cosine",
    ),
    "in mixed precision": ("dcgan", "data.size=16", "trainer.precision=bf16-mixed", "kimg=0.1"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_cut_run_ends_with_the_same_bits(tmp_path, case):
    model, *overrides = CASES[case]
    whole = trained(tmp_path / "whole", model, *overrides)
    counts = sorted(map(seen, (whole / "checkpoints").glob("*kimg.ckpt")))
    for place in (len(counts) // 3, 2 * len(counts) // 3 + 1):
        going = cut(whole, tmp_path / f"cut{place}", counts[place])
        trained(going, model, *overrides)
        assert unequal(whole, going) == []


# Every pair of choices --------------------------------------------------------------------------------------

FACTORS = {
    "model": list(SMALL),
    "loss": list(LOSSES),
    "stabilizer": ["none", *STABILIZERS],
    "regularizer": ["none", *REGULARIZERS],
    "optimizer": ["adam", "rmsprop", "sgd"],
    "precision": ["32-true", "bf16-mixed"],
}
CHUNKS = 16
FEW = {name: CALLBACKS[name] for name in ("metrics", "sample_grids", "alarm", "checkpoints", "summary")}


def overrides(choice):
    given = [f"loss={choice['loss']}", f"optimizer={choice['optimizer']}", "kimg=0.072", "data.held_out=0.9"]
    given += [f"{kind}=[{choice[kind]}]" for kind in ("stabilizer", "regularizer") if choice[kind] != "none"]
    given += ["loss.steps=2"] if choice["loss"] == "unrolled" else []
    given += ["data.size=16"] if choice["model"] in ("dcgan", "cgan", "acgan") else []
    given = [each for each in given if not (choice["model"] == "mlp" and each.startswith("data."))]
    return [*given, f"trainer.precision={choice['precision']}"]


@functools.cache
def possible(choice):
    try:
        prepared(dict(choice)["model"], *overrides(dict(choice)))
    except UserError:
        return False
    return True


@functools.cache
def combinations():
    return pairwise(FACTORS, lambda choice: possible(tuple(choice.items())))


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_pair_of_choices_resumes(tmp_path, chunk):
    for number, choice in enumerate(combinations()[0][chunk::CHUNKS]):
        whole = trained(tmp_path / f"{number}", choice["model"], *overrides(choice), callbacks=FEW)
        counts = sorted(map(seen, (whole / "checkpoints").glob("*kimg.ckpt")))
        going = cut(whole, tmp_path / f"{number}-cut", counts[len(counts) // 2])
        trained(going, choice["model"], *overrides(choice), callbacks=FEW)
        assert unequal(whole, going) == [], choice


@pytest.mark.slow
def test_pairs_that_are_left_out_are_refused_by_themselves():
    base = {factor: choices[0] for factor, choices in FACTORS.items()}
    for pair in combinations()[1]:
        assert not possible(tuple({**base, **dict(pair)}.items())), sorted(pair)
