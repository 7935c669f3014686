"""From the mapping under `data` to a data set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gan_zoo.data.base import DATASETS, Dataset
from gan_zoo.data.check_dataset import check_dataset
from gan_zoo.data.loader import LOADER_KEYS
from gan_zoo.errors import UserError, did_you_mean


def load_dataset(config: Mapping[str, Any]) -> Dataset:
    """Load the data set that `config` names; the loader's own keys are left to the loader.

    Args:
        config: `name` and the arguments of the source, as in conf/data/*.yaml.

    Raises:
        UserError: for an unknown name or argument, or data that cannot be read.
    """
    arguments = {key: value for key, value in config.items() if key not in LOADER_KEYS}
    name = arguments.pop("name", None)
    if not isinstance(name, str):
        raise UserError(f"The data set needs a name, got {name!r}. {did_you_mean(str(name), DATASETS)}")
    dataset = DATASETS.build(name, **arguments).load()
    check_dataset(dataset)
    return dataset
