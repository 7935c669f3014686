"""What each player's optimizer inherits from the common one, and that it can be built."""

import pytest
import torch
from helpers.runs import prepared
from torch.optim import SGD, Adam, RMSprop

from gan_zoo.assemble.build import _optimizer_config
from gan_zoo.errors import UserError
from gan_zoo.game.clipping import Clipping
from gan_zoo.game.optimizers import build_optimizer

ADAM = {
    "name": "adam", "lr": 2e-4, "betas": [0.5, 0.999], "eps": 1e-8, "weight_decay": 0.1, "clip_norm": None,
    "clip_ratio": 3.0,
    "schedule": "linear", "final_factor": 0.0, "warmup_kimg": 1.0, "accumulation": 2,
    "generator": {"name": None, "lr": None}, "discriminator": {"name": None, "lr": None},
}  # fmt: skip


def test_a_player_without_settings_gets_the_common_ones():
    known = ("name", "lr", "betas", "eps", "weight_decay", "clip_norm", "clip_ratio")
    expected = {key: ADAM[key] for key in known}
    assert _optimizer_config(ADAM, "generator") == expected
    without = {key: value for key, value in ADAM.items() if key != "generator"}
    assert _optimizer_config(without, "generator") == expected


@pytest.mark.parametrize(
    ("name", "kind", "inherited", "ratio"),
    [
        ("sgd", SGD, {"weight_decay": 0.1}, None),
        ("rmsprop", RMSprop, {"weight_decay": 0.1, "eps": 1e-8}, 3.0),
    ],
)
def test_a_player_with_another_optimizer_inherits_what_that_one_knows(name, kind, inherited, ratio):
    config = _optimizer_config({**ADAM, "generator": {"name": name, "lr": None}}, "generator")
    assert config.pop("clip_norm") is None
    assert config.pop("clip_ratio", None) == ratio
    assert config == {"name": name, "lr": 2e-4, **inherited}
    assert type(build_optimizer(config, [torch.ones(1, requires_grad=True)])) is kind


def test_naming_the_common_optimizer_again_changes_nothing():
    again = _optimizer_config({**ADAM, "generator": {"name": "adam"}}, "generator")
    assert again == _optimizer_config(ADAM, "discriminator")


def test_a_mistake_in_a_players_settings_is_not_swallowed():
    config = _optimizer_config({**ADAM, "generator": {"name": "sgd", "betas": [0.0, 0.9]}}, "generator")
    config.pop("clip_norm")
    with pytest.raises(UserError, match="no parameter 'betas'"):
        build_optimizer(config, [torch.ones(1, requires_grad=True)])
    with pytest.raises(UserError, match="Did you mean 'sgd'"):
        build_optimizer(_optimizer_config({**ADAM, "generator": {"name": "sgdd"}}, "generator"), [])


def test_each_player_steps_with_its_own_settings():
    module, _, _ = prepared(
        "mlp", "optimizer.lr=1e-3", "optimizer.generator.name=sgd", "optimizer.generator.clip_norm=0.5",
        "optimizer.discriminator.lr=4e-3", "optimizer.discriminator.betas=[0.1,0.9]",
        "optimizer.clip_ratio=3",
    )  # fmt: skip
    generator, discriminator = (module.game.players[name] for name in ("generator", "discriminator"))
    assert type(generator.optimizer) is SGD
    assert generator.optimizer.param_groups[0]["lr"] == 1e-3
    assert generator.clipping == Clipping(0.5)
    assert type(discriminator.optimizer) is Adam
    assert discriminator.optimizer.param_groups[0]["lr"] == 4e-3
    assert discriminator.optimizer.param_groups[0]["betas"] == (0.1, 0.9)
    assert discriminator.clipping == Clipping(None, 3.0)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["optimizer.clip_norm=0"], r"clip_norm: expected a number in \(0, inf\), got 0"),
        (["optimizer.clip_ratio=1"], r"clip_ratio: expected a number in \(1, inf\), got 1"),
        (["optimizer.generator.clip_ratio=many"], "clip_ratio: expected a number"),
        (["optimizer.generator.name=sgd", "optimizer.generator.clip_ratio=3"], "no parameter 'clip_ratio'"),
    ],
)
def test_bounds_that_cannot_be_meant_are_refused(typed, said):
    with pytest.raises(UserError, match=said):
        prepared("mlp", *typed)
