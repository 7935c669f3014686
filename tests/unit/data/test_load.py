"""From a mapping to a data set."""

import pytest

from gan_zoo.data import DATASETS, LOADER_KEYS, load_dataset
from gan_zoo.errors import UserError


def test_arguments_reach_the_source_and_loader_keys_do_not():
    dataset = load_dataset({"name": "ring", "modes": 3, "samples": 9, "held_out_samples": 2, "flip": False})
    assert LOADER_KEYS == ("flip",)
    assert len(dataset.modes) == 3
    assert len(dataset.train) == 9


def test_the_mapping_is_left_alone():
    config = {"name": "ring", "samples": 9, "flip": False}
    load_dataset(config)
    assert config == {"name": "ring", "samples": 9, "flip": False}


def test_a_misspelled_name_gets_a_hint():
    with pytest.raises(UserError, match="Did you mean 'cifar10'"):
        load_dataset({"name": "cifar-10"})


def test_a_misspelled_argument_gets_a_hint():
    with pytest.raises(UserError, match="Did you mean 'radius'"):
        load_dataset({"name": "ring", "raduis": 1.0})


def test_a_missing_name_lists_what_is_known():
    with pytest.raises(UserError, match="digits"):
        load_dataset({"samples": 3})


def test_all_data_sets_are_registered():
    known = "celeba cifar10 digits fashion_mnist folder gaussians_1200d grid lsun mnist npy npz ring"
    assert {*known.split(), "stacked_mnist", "zip"} <= set(DATASETS)
