"""Where each value of a run comes from, and what `auto` becomes."""

import copy
from functools import reduce

import pytest
from hydra import compose, initialize_config_dir

from gan_zoo.assemble import parts  # noqa: F401  (fills the registries)
from gan_zoo.assemble.resolve import LEARNING_RATES, resolve
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.config import RunConfig
from gan_zoo.errors import UserError
from gan_zoo.losses.base import LOSSES
from gan_zoo.types import DataSpec

IMAGES = DataSpec("images", (1, 32, 32), 10)
POINTS = DataSpec("points", (2,))


def asked(*overrides):
    """Compose what a command line asks for, as plain data."""
    with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        composed = compose("train", [*overrides, "run_dir=unused"])
    return RunConfig.from_hydra(composed, overrides, run_dir="unused").to_plain()


def resolved(*overrides, spec=IMAGES):
    return resolve(asked(*overrides), spec)


def get(tree, key):
    return reduce(lambda branch, step: branch[step], key.split("."), tree)


def nested(key, value):
    return reduce(lambda inner, step: {step: inner}, reversed(key.split(".")), value)


@pytest.fixture(scope="module")
def plain():
    return asked("model=dcgan", "loss=hinge")


# Precedence ----------------------------------------------------------------------------------------------

LEVELS = (None, "model dcgan", "loss hinge", "default")  # what is asked for needs no source
VALUES = {
    "optimizer.lr": (3e-4, 4e-4, 5e-4, 2e-4),
    "optimizer.betas": ([0.1, 0.9], [0.2, 0.9], [0.3, 0.9], [0.5, 0.999]),
    "turns.critic_steps": (2, 3, 4, 1),
    "kimg": (1.0, 2.0, 3.0, 60.0),
    "batch_size": (8, 16, 32, 64),
}


@pytest.mark.parametrize("level", range(4), ids=["asked", "model", "loss", "default"])
@pytest.mark.parametrize("key", VALUES)
def test_the_request_then_the_model_then_the_loss_then_the_default_decides(plain, key, level, monkeypatch):
    config, values = copy.deepcopy(plain), VALUES[key]
    if level == 0:
        *path, last = key.split(".")
        (get(config, path[0]) if path else config)[last] = values[0]
    config["model"]["preferences"] = nested(key, values[1]) if level <= 1 else {}
    monkeypatch.setattr(LOSSES["hinge"], "preferences", nested(key, values[2]) if level <= 2 else {})
    found = resolve(config, IMAGES)
    assert get(found.config, key) == values[level]
    assert found.sources.get(key) == LEVELS[level]


OF_THE_EXPERIMENT = {
    "optimizer.lr": 2e-4,
    "optimizer.betas": [0.0, 0.9],
    "turns.critic_steps": 5,
    "kimg": 16000.0,
    "batch_size": 64,
}


def test_an_experiment_stands_above_its_model_and_below_the_command_line():
    experiment = resolved("experiment=sngan_cifar10")
    typed = {key: str(values[0]).replace(" ", "") for key, values in VALUES.items()}
    command_line = resolved("experiment=sngan_cifar10", *(f"{key}={text}" for key, text in typed.items()))
    for key, value in OF_THE_EXPERIMENT.items():
        assert get(experiment.config, key) == value
        assert get(command_line.config, key) == VALUES[key][0]
        assert key not in {**experiment.sources, **command_line.sources}


@pytest.mark.parametrize(
    ("overrides", "key", "value", "source"),
    [
        (["model=dcgan", "loss=wgangp"], "turns.critic_steps", 5, "loss wgangp"),
        (["model=dcgan", "loss=wgangp"], "optimizer.betas", [0.0, 0.9], "loss wgangp"),
        (["model=dcgan", "loss=unrolled", "loss.objective=wgan"], "turns.critic_steps", 5, "loss unrolled"),
        (["model=pggan", "loss=wgangp"], "turns.critic_steps", 1, "model pggan"),
        (["model=pggan", "loss=wgangp"], "optimizer.betas", [0.0, 0.99], "model pggan"),
        (["model=dcgan", "loss=js"], "optimizer.betas", [0.5, 0.999], "default"),
    ],
)
def test_the_zoos_own_preferences(overrides, key, value, source):
    found = resolved(*overrides)
    assert get(found.config, key) == value
    assert found.sources[key] == source


@pytest.mark.parametrize("name", ["rmsprop", "sgd"])
def test_preferences_for_adam_mean_nothing_to_another_optimizer(name):
    found = resolved("model=dcgan", f"optimizer={name}")
    assert found.config["optimizer"]["lr"] == LEARNING_RATES[name]
    assert found.sources["optimizer.lr"] == "default"
    assert found.config["kimg"] == resolved("model=dcgan").config["kimg"]  # no matter of the optimizer


@pytest.mark.parametrize(("name", "rate"), [("rmsprop", 1e-4), ("adam", 2e-4)])
def test_a_preference_may_name_its_optimizer(name, rate):
    config = asked("model=dcgan", f"optimizer={name}")
    config["model"]["preferences"] = {"optimizer": {"name": "rmsprop", "lr": 1e-4}}
    assert resolve(config, IMAGES).config["optimizer"]["lr"] == rate


@pytest.mark.parametrize(
    ("overrides", "common", "own"),
    [
        ([], 1e-4, 4e-4),
        (["optimizer.lr=1e-3"], 1e-3, None),
        (["optimizer.discriminator.lr=1e-5"], 1e-4, 1e-5),
    ],
)
def test_a_models_rate_for_one_player_holds_where_no_rate_is_asked_for(overrides, common, own):
    config = asked("model=dcgan", *overrides)
    config["model"]["preferences"] = {"optimizer": {"lr": 1e-4, "discriminator": {"lr": 4e-4}}}
    found = resolve(config, IMAGES)
    optimizer = found.config["optimizer"]
    assert (optimizer["lr"], optimizer["discriminator"]["lr"]) == (common, own)
    assert optimizer["generator"]["lr"] is None
    assert found.sources.get("optimizer.discriminator.lr") == ("model dcgan" if own == 4e-4 else None)


# Parts ---------------------------------------------------------------------------------------------------


def test_parts_merge_by_name_and_the_request_wins():
    config = asked("model=dcgan", "loss=wgangp")
    config["model"]["regularizer"] = {"gradient_penalty": {"weight": 2.0, "target": 3.0}, "drift": {}}
    config["regularizer"] = {"gradient_penalty": {"name": "gradient_penalty", "weight": 5.0}, "r2": {}}
    found = resolve(config, IMAGES)
    assert found.config["regularizer"] == {
        "gradient_penalty": {"name": "gradient_penalty", "weight": 5.0, "target": 3.0, "at": "interpolates"},
        "drift": {"name": "drift"},
        "r2": {"name": "r2"},
    }
    sources = {name: found.sources[f"regularizer.{name}"] for name in found.config["regularizer"]}
    assert sources == {"gradient_penalty": "asked for", "drift": "model dcgan", "r2": "asked for"}


def test_stabilizers_add_up_over_loss_model_and_request():
    found = resolved("model=dcgan", "loss=wgan", "stabilizer=[packing]")
    sources = {name: found.sources[f"stabilizer.{name}"] for name in found.config["stabilizer"]}
    assert sources == {"weight_clipping": "loss wgan", "ema": "model dcgan", "packing": "asked for"}


@pytest.mark.parametrize(
    ("loss", "kind", "name"),
    [
        ("js", "stabilizer", "ema"),
        ("wgan", "stabilizer", "weight_clipping"),
        ("wgangp", "regularizer", "gradient_penalty"),
    ],
)
def test_a_part_of_model_or_loss_can_be_left_out(loss, kind, name):
    before = resolved("model=dcgan", f"loss={loss}")
    after = resolved("model=dcgan", f"loss={loss}", f"remove.{kind}=[{name}]")
    assert set(before.config[kind]) - set(after.config[kind]) == {name}
    assert f"{kind}.{name}" in before.sources
    assert f"{kind}.{name}" not in after.sources


def test_leaving_out_what_is_not_there_is_refused():
    with pytest.raises(UserError, match=r"stabilizer=\[~emma\] removes nothing.*Did you mean 'ema'"):
        resolved("model=dcgan", "remove.stabilizer=[emma]")


# Auto ----------------------------------------------------------------------------------------------------

FREE = "no penalty and no spectral norm forbids it"
APART = "gradient_penalty needs samples apart"
NORMALIZATIONS = [
    (["model=dcgan", "loss=js"], "batch", FREE),
    (["model=dcgan", "loss=wgan"], "batch", FREE),
    (["model=dcgan", "loss=wgangp"], "group", APART),
    (["model=dcgan", "loss=dragan"], "group", APART),
    (["model=dcgan", "loss=relativistic"], "group", "r1 needs samples apart"),
    (["model=dcgan", "regularizer=[r2]"], "group", "r2 needs samples apart"),
    (["model=dcgan", "regularizer=[feature_matching]"], "batch", FREE),
    (["model=dcgan", "loss=wgangp", "remove.regularizer=[gradient_penalty]"], "batch", FREE),
    (["model=dcgan", "stabilizer=[spectral_norm]"], "none", "spectral norm is active"),
    (["model=dcgan", "loss=wgangp", "stabilizer=[spectral_norm]"], "none", "spectral norm is active"),
    (["model=acgan", "loss=hinge"], "batch", FREE),
    (["model=pggan", "loss=wgangp"], "none", "discriminator pggan has none"),
    (["model=mlp", "loss=js"], "none", "discriminator mlp has none"),
    (["model=resnet", "loss=hinge"], "none", "spectral norm instead"),
    (["model=resnet", "loss=wgan"], "none", "weight_clipping takes the place of spectral norm"),
    (["model=resnet", "loss=wgangp"], "group", APART),
    (["model=dcgan", "loss=wgangp", "model.discriminator.normalization=batch"], "batch", None),
    (["model=resnet", "loss=hinge", "model.discriminator.normalization=batch"], "batch", None),
]


@pytest.mark.parametrize(("overrides", "value", "reason"), NORMALIZATIONS, ids=lambda p: str(p)[:60])
def test_normalization_of_the_discriminator(overrides, value, reason):
    found = resolved(*overrides)
    assert found.config["model"]["discriminator"]["normalization"] == value
    assert found.sources.get("model.discriminator.normalization") == reason
    added = "spectral_norm" in found.config["stabilizer"] and "stabilizer=[spectral_norm]" not in overrides
    assert added == (reason == "spectral norm instead")
    if added:
        assert found.sources["stabilizer.spectral_norm"] == "discriminator resnet under hinge"


def test_an_architecture_fixes_its_recipe_except_for_what_is_asked_for():
    model = resolved("model=dcgan", "model.generator.activation=tanh").config["model"]
    assert model["generator"]["normalization"] == "batch"
    assert model["generator"]["activation"] == "tanh"
    assert model["generator"]["initialization"] == "normal_0.02"
    assert model["discriminator"]["activation"] == "leaky_relu"


@pytest.mark.parametrize(
    ("overrides", "spec", "expected"),
    [([], IMAGES, True), ([], POINTS, False), (["trainer.channels_last=false"], IMAGES, False)],
)
def test_images_are_laid_out_channels_last(overrides, spec, expected):
    assert resolved("model=mlp", *overrides, spec=spec).config["trainer"]["channels_last"] is expected


@pytest.mark.parametrize("model", ["acgan", "cgan", "dcgan", "mlp", "pggan", "resnet"])
@pytest.mark.parametrize("loss", ["hinge", "wgan", "wgangp"])
def test_no_auto_is_left_but_what_parts_decide_and_resolving_again_changes_nothing(model, loss):
    config = asked(f"model={model}", f"loss={loss}")
    before = copy.deepcopy(config)
    once = resolve(config, IMAGES)
    assert config == before
    kinds = ("loss", "regularizer", "stabilizer")  # a part's own `auto` is resolved in its constructor
    device = {key: value for key, value in once.config["trainer"].items() if key == "channels_last"}
    rest = {key: value for key, value in once.config.items() if key not in (*kinds, "trainer", "data")}
    assert "auto" not in str({**rest, **device})
    assert resolve(once.config, IMAGES).config == once.config
