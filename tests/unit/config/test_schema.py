"""The run configuration: what it refuses, what it says, and that it survives a checkpoint."""

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from gan_zoo.config import GrowthConfig, RunConfig
from gan_zoo.errors import UserError


def plain(**changes: Any) -> dict[str, Any]:
    """Return a small valid configuration."""
    part = {"name": "dcgan"}
    model = {"name": "dcgan", "generator": part, "discriminator": part, "latent_dim": 64}
    return {
        "model": {**model, **changes.pop("model", {})},
        "loss": {"name": "js"},
        "data": {"name": "digits"},
        "optimizer": {"name": "adam", "betas": [0.0, 0.99]},
        "run_dir": "outputs/mine",
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kimg": -1}, ("kimg=-1", "greater than 0", "kimg=20")),
        ({"kimg": math.nan}, ("kimg=nan", "finite")),
        ({"kimg": math.inf}, ("kimg=inf", "finite")),
        ({"kimg": True}, ("kimg=True", "number")),
        ({"kimg": "atuo"}, ("kimg='atuo'", "auto")),
        ({"batch_size": 1.5}, ("batch_size=1.5", "whole number")),
        ({"batch_size": 0}, ("batch_size=0", "at least 1")),
        ({"seed": -1}, ("seed=-1", "from 0 to 4294967295")),
        ({"seed": 2**32}, ("seed=4294967296",)),
        ({"seed": True}, ("seed=True",)),
        ({"guard": "rolback"}, ("guard='rolback'", "Did you mean 'rollback'")),
        ({"guard": True}, ("guard=True", "off, rollback, stop, warn")),
        ({"loss": "hinge"}, ("loss='hinge'", "loss=js")),
        ({"loss": {"weight": 1}}, ("loss.name=None",)),
        ({"stabilizer": {"ema": 3}}, ("stabilizer.ema=3", "mapping")),
        ({"remove": {"stabilizer": [1]}}, ("remove.stabilizer=[1]", "[ema]")),
        ({"remove": {"stabiliser": []}}, ("remove.stabiliser", "Did you mean 'stabilizer'")),
        ({"plugins": 3}, ("plugins=3", "[my_package]")),
        ({"init_from": 3}, ("init_from=3", "null")),
        ({"run_dir": ""}, ("run_dir=''",)),
        ({"modell": {}}, ("'modell'", "Did you mean 'model'")),
        ({"trainer": 3}, ("trainer is 3", "mapping")),
        ({"trainer": {"accelerator": "cup"}}, ("trainer.accelerator='cup'", "Did you mean 'cpu'")),
        ({"trainer": {"threds": 1}}, ("'trainer.threds'", "Did you mean 'threads'")),
        ({"trainer": {"threads": 0}}, ("trainer.threads=0", "or null")),
        ({"trainer": {"devices": 0}}, ("trainer.devices=0", "or auto")),
        ({"trainer": {"precision": "16-mixed"}}, ("trainer.precision='16-mixed'", "bf16-mixed")),
        ({"trainer": {"channels_last": "yes"}}, ("trainer.channels_last='yes'", "true, false or auto")),
        ({"turns": {"critic_steps": 0}}, ("turns.critic_steps=0", "at least 1")),
        ({"turns": {"critic_steps": {"every": 500}}}, ("turns.critic_steps", "otherwise")),
        ({"turns": {"critic_steps": {"otherwise": 5, "evry": 1}}}, ("evry", "Did you mean 'every'")),
        ({"turns": {"critic_steps": {"otherwise": 0}}}, ("turns.critic_steps.otherwise=0",)),
        ({"turns": {"simultaneous": "no"}}, ("turns.simultaneous='no'", "true or false")),
        ({"turns": {"generator_steps": 0}}, ("turns.generator_steps=0",)),
        ({"model": {"latent_dim": 0}}, ("model.latent_dim=0",)),
        ({"model": {"latent_prior": "gauss"}}, ("model.latent_prior='gauss'", "normal, signs_6, uniform")),
        ({"model": {"labels": "btch"}}, ("model.labels='btch'", "Did you mean 'batch'")),
        ({"model": {"generator": {"width": 3}}}, ("model.generator.name=None",)),
        ({"model": {"growth": {"start_resolution": 6}}}, ("start_resolution=6", "power of two")),
        ({"model": {"growth": {"train_kimg": 0}}}, ("model.growth.train_kimg=0",)),
        ({"model": {"growth": {"fade_kimg": -1}}}, ("model.growth.fade_kimg=-1",)),
        ({"model": {"growth": {"batch_size": {4: 0}}}}, ("model.growth.batch_size.4=0",)),
        ({"model": {"growth": {"batch_size": {"four": 1}}}}, ("model.growth.batch_size=",)),
        ({"model": {"generator_batch": 0}}, ("model.generator_batch=0",)),
    ],
)
def test_a_bad_value_is_refused_with_its_key_and_what_is_allowed(
    changes: dict, words: tuple[str, ...]
) -> None:
    with pytest.raises(UserError) as refusal:
        RunConfig.from_plain(plain(**changes))
    for word in words:
        assert word in str(refusal.value)


def test_a_missing_group_is_named() -> None:
    without = {key: value for key, value in plain().items() if key != "optimizer"}
    with pytest.raises(UserError, match="optimizer"):
        RunConfig.from_plain(without)


FULL = plain(
    model={
        "growth": {"batch_size": {"8": 32, 4: 64}, "fade_kimg": 0},
        "stabilizer": {"ema": {"half_life_kimg": 5.0}},
    },
    kimg=20,
    batch_size=16,
    seed=7,
    regularizer={"r1": {"name": "r1", "weight": {"kind": "linear", "start": 1.0, "end": 0.0}}},
    remove={"stabilizer": ["ema"]},
    turns={"critic_steps": {"otherwise": 5, "critic_steps": 100, "first_steps": 25, "every": 500}},
    trainer={"accelerator": "cpu", "devices": 1, "threads": 2, "channels_last": True},
    plugins=["mine"],
)


def test_plain_containers_carry_the_whole_configuration() -> None:
    config = RunConfig.from_plain(FULL)
    carried = config.to_plain()
    assert RunConfig.from_plain(carried) == config
    assert RunConfig.from_plain(yaml.safe_load(yaml.safe_dump(carried))) == config
    assert RunConfig.from_plain(carried).to_plain() == carried


def test_values_arrive_in_their_types() -> None:
    config = RunConfig.from_plain(FULL)
    assert config.kimg == 20.0
    assert isinstance(config.kimg, float)
    assert config.plugins == ("mine",)
    assert config.remove.stabilizer == ("ema",)
    assert config.model.growth == GrowthConfig(fade_kimg=0, batch_size={4: 64, 8: 32})
    assert config.model.stabilizer["ema"] == {"name": "ema", "half_life_kimg": 5.0}


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())))
def test_whatever_is_given_for_kimg_is_accepted_or_refused_readably(value: Any) -> None:
    numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value == "auto" or (numeric and math.isfinite(value) and value > 0):
        expected = float(value) if numeric else value  # a float has fewer digits than a large whole number
        assert RunConfig.from_plain(plain(kimg=value)).kimg == expected
    else:
        with pytest.raises(UserError, match="kimg="):
            RunConfig.from_plain(plain(kimg=value))


def test_hydra_s_configuration_loses_what_belongs_to_the_trainer() -> None:
    composed = OmegaConf.create(plain(logger={"csv": {}}, callbacks={}, run_dir="outputs/${model.name}"))
    config = RunConfig.from_hydra(composed, [])
    assert config.run_dir == "outputs/dcgan"
    assert config == RunConfig.from_plain(plain(run_dir="outputs/dcgan"))
    assert RunConfig.from_hydra(composed, [], run_dir="elsewhere").run_dir == "elsewhere"


def test_a_value_that_must_be_given_is_asked_for() -> None:
    composed = OmegaConf.create(plain(data={"name": "folder", "path": "???"}))
    with pytest.raises(UserError, match=r"data\.path has no default.*data\.path=\.\.\."):
        RunConfig.from_hydra(composed, [])


def test_an_interpolation_that_leads_nowhere_is_named() -> None:
    composed = OmegaConf.create(plain(init_from="${nowhere}"))
    with pytest.raises(UserError, match="init_from"):
        RunConfig.from_hydra(composed, [])


def test_a_bare_off_of_yaml_turns_the_guard_off():
    given = yaml.safe_load("guard: off")
    assert given == {"guard": False}
    config = RunConfig.from_plain(plain(**given))
    assert config.guard == "off"
    assert RunConfig.from_plain(yaml.safe_load(yaml.safe_dump(config.to_plain()))) == config
