"""A typed list of parts replaces a recipe's list together with what the recipe sets in it."""

from hydra import compose, initialize_config_dir

from gan_zoo.cli.arguments import translate
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.config import RunConfig


def asked(*typed: str) -> RunConfig:
    """Compose a command line."""
    words = translate(list(typed))
    with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        return RunConfig.from_hydra(compose("train", words), words, run_dir="unused")


RING = ("benchmark=ring", "method=best_ring")


def test_a_recipe_s_own_list_keeps_its_settings() -> None:
    assert asked(*RING).stabilizer["instance_noise"]["std"]["start"] == 0.5


def test_an_empty_list_leaves_nothing_of_the_recipe_s() -> None:
    assert asked(*RING, "stabilizer=[]").stabilizer == {}


def test_another_list_has_its_own_parts_alone() -> None:
    assert list(asked(*RING, "stabilizer=[packing]").stabilizer) == ["packing"]


def test_a_longer_list_keeps_the_settings_of_what_it_shares() -> None:
    parts = asked(*RING, "stabilizer=[packing,instance_noise]").stabilizer
    assert set(parts) == {"packing", "instance_noise"}
    assert parts["instance_noise"]["std"]["start"] == 0.5


def test_what_is_typed_stays_beside_an_empty_list() -> None:
    parts = asked(*RING, "stabilizer=[]", "stabilizer.instance_noise.std=0.25").stabilizer
    assert parts == {"instance_noise": {"name": "instance_noise", "std": 0.25}}


def test_a_list_of_regularizers_leaves_stabilizers_alone() -> None:
    config = asked(*RING, "regularizer=[mode_seeking]")
    assert "instance_noise" in config.stabilizer
    assert "mode_seeking" in config.regularizer


def test_regularizers_are_replaced_too() -> None:
    words = ("benchmark=stacked_mnist", "method=best_stacked_mnist", "regularizer=[drift]")
    assert list(asked(*words).regularizer) == ["drift"]


def test_a_removal_beside_a_list_finds_what_it_removes() -> None:
    config = asked(*RING, "stabilizer=[packing,~instance_noise]")
    assert config.remove.stabilizer == ("instance_noise",)
    assert set(config.stabilizer) == {"packing", "instance_noise"}  # the second until the removal is applied
