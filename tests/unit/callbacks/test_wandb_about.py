from pathlib import Path

import pytest
from helpers.wandb_stand_in import alone

from gan_zoo.callbacks.wandb_about import LONGEST_NAME, configuration, method, names, tags


@pytest.fixture(autouse=True)
def nobody(monkeypatch, tmp_path):
    alone(monkeypatch, tmp_path)


def test_a_single_run_has_the_name_of_its_folder(module):
    assert names(module, Path("outputs/mine")) == {"name": "mine", "group": None}


def test_a_job_of_a_sweep_has_the_name_of_what_its_seeds_share(module, monkeypatch):
    monkeypatch.setenv("GAN_ZOO_SWEEP", "losses")
    monkeypatch.setenv("GAN_ZOO_METHOD", "loss=js")
    assert names(module, Path("seed=7")) == {"name": "loss=js seed=7", "group": "losses"}
    assert configuration(module)["method"] == "loss=js"
    monkeypatch.setenv("GAN_ZOO_METHOD", "x" * 500)
    assert len(names(module, Path("seed=7"))["name"]) == LONGEST_NAME


def test_a_sweep_of_wandb_is_a_group(module, monkeypatch):
    monkeypatch.delenv("GAN_ZOO_SWEEP", raising=False)
    monkeypatch.setenv("WANDB_SWEEP_ID", "abcd")
    assert names(module, Path("mine"))["group"] == "abcd"


@pytest.mark.parametrize("word", ["experiment=sngan_cifar10", "+experiment=sngan_cifar10"])
def test_an_experiment_is_a_group(module, word):
    module.command = f"python train.py 'data.path=a folder' {word} seed=1"
    assert names(module, Path("mine"))["group"] == "sngan_cifar10"


def test_tags_are_short_and_come_once():
    config = {"model": {"name": "mlp"}, "loss": {"name": "js"}, "data": {"name": "ring"}}
    assert tags({**config, "stabilizer": {"ema": {}}}, ["ring", "x" * 100]) == [
        "mlp",
        "js",
        "ema",
        "ring",
        "x" * 64,
    ]


def test_seeds_share_a_method():
    config = {"model": {"name": "mlp"}, "loss": {"name": "js"}, "regularizer": {"r1": {}}}
    assert method({**config, "seed": 1}) == method({**config, "seed": 2}) == "mlp js + r1"
