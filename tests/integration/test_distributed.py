"""Several processes with a share of the batch each end where one process with the whole batch ends."""

import functools

import pytest
import torch
from helpers.runs import SMALL, configuration
from helpers.together import farthest, play, play_together

from gan_zoo.assemble.resolve import resolve
from gan_zoo.data.load import load_dataset

STEPS = 20
RING = ("mlp", "data=ring", "batch_size=16")
IMAGES = ("data.size=16", "data.held_out=0.9", "batch_size=8")
GROWTH = (
    "model.growth.train_kimg=0.048", "model.growth.fade_kimg=0.064",
    "model.growth.batch_size={4: 16, 16: 16, 32: 16}",
)  # fmt: skip
CASES = {
    "js": (*RING, "loss=js", "stabilizer=[ema]"),
    "wgangp": (*RING, "loss=wgangp", "turns.critic_steps=2"),
    "lazy R1": (*RING, "regularizer=[r1]", "regularizer.r1.interval=4"),
    "two terms of two kinds": (*RING, "loss=relativistic", "stabilizer=[instance_noise]"),
    "look-ahead": (*RING, "loss=unrolled", "loss.steps=2", "optimizer.clip_norm=1"),
    "look-ahead with penalties": (*RING, "loss=unrolled", "loss.steps=2", "loss.objective=dragan"),
    "the batch's deviation": (*RING, "loss=dragan"),
    "mode seeking": (*RING, "regularizer=[mode_seeking]"),
    "feature matching": (*RING, "regularizer=[feature_matching]"),
    "groups of the whole batch": (
        *RING, "stabilizer=[minibatch_stddev]", "stabilizer.minibatch_stddev.group_size=0", "loss=wgangp",
    ),
    "groups": (*RING, "stabilizer=[minibatch_stddev]"),
    "nearness": (*RING, "stabilizer=[minibatch_discrimination]"),
    "nearness under penalties": (*RING, "stabilizer=[minibatch_discrimination]", "regularizer=[r1]"),
    "packing": (*RING, "stabilizer=[packing,instance_noise]", "loss=dragan"),
    "packing with labels": ("cgan", *IMAGES, "stabilizer=[packing,diff_augment,ema]"),
    "pieces and both at once": (*RING, "optimizer.accumulation=2", "turns.simultaneous=true"),
    "batch norm and EMA": ("dcgan", *IMAGES, "stabilizer=[ema]"),
    "power iterations": ("resnet", "data.held_out=0.9", "batch_size=8", "loss=hinge", "optimizer=sgd"),
    "acgan": ("acgan", *IMAGES),
    "pggan across a growth boundary": ("pggan", "loss=wgangp", "data.held_out=0.9", *GROWTH),
}  # fmt: skip


@functools.cache
def plain(case):
    model, *overrides = CASES[case]
    asked = configuration(f"model={model}", *SMALL[model], *overrides).to_plain()
    dataset = load_dataset({key: value for key, value in asked["data"].items() if key != "flip"})
    return resolve(asked, dataset.spec).config


def jobs():
    exact = {f"{case}/exact": (plain(case), torch.float64, STEPS) for case in CASES}
    return exact | {f"{case}/first": (plain(case), torch.float32, 4) for case in CASES}


@pytest.fixture(scope="module", params=[2, 4])
def played(request, tmp_path_factory):
    return play_together(jobs(), request.param, tmp_path_factory.mktemp("processes"))


@functools.cache
def alone(name):
    return play(jobs()[name])


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_processes_end_where_one_ends(played, case):
    expected = alone(f"{case}/exact")["state"]
    for state in (result["state"] for result in played[f"{case}/exact"]):
        assert farthest(expected, state) < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_first_gradients_are_those_of_one_process(played, case):
    expected = alone(f"{case}/first")["first"]
    for first in (result["first"] for result in played[f"{case}/first"]):
        for player, gradients in expected.items():
            size = torch.cat([gradient.flatten() for gradient in gradients]).norm()
            difference = [a - b for a, b in zip(gradients, first[player], strict=True)]
            assert torch.cat([each.flatten() for each in difference]).norm() / size < 1e-5
