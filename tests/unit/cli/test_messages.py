"""What Hydra's errors become."""

import pytest
from hydra import compose, initialize_config_dir

from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.cli.messages import MISTAKES, describe


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["losss=js"], "Did you mean 'loss'?"),
        (["model=pggan", "model.growth.stable_kimg=1"], "Did you mean 'model.growth.fade_kimg'?"),
        (
            ["model=pggan", "model.growth.batch_size={4: 64, 8: 32}"],
            "knows: 4, 16, 32. To add it type ++model",
        ),
        (["stabilizer.ema.half_life_kimg=3"], "Nothing is chosen in the group 'stabilizer'"),
    ],
)
def test_a_key_that_is_not_there_gets_one_message(typed: list[str], said: str) -> None:
    with (
        initialize_config_dir(str(configuration_folder()), version_base="1.3"),
        pytest.raises(MISTAKES) as error,
    ):
        compose("train", typed)
    assert said in describe(error.value)
    assert "\n" not in describe(error.value)


def test_sizes_of_batches_are_added_with_plus_signs() -> None:
    with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        composed = compose("train", ["model=pggan", "++model.growth.batch_size={4: 64, 8: 32}"])
    assert composed.model.growth.batch_size[8] == 32
