"""Imports every family of parts, so that their registries are full; plugins add to them."""

from __future__ import annotations

import gan_zoo.data
import gan_zoo.losses
import gan_zoo.networks
import gan_zoo.regularizers
import gan_zoo.stabilizers  # noqa: F401
from gan_zoo.data.base import DATASETS
from gan_zoo.losses.base import LOSSES
from gan_zoo.networks.base import DISCRIMINATORS, GENERATORS
from gan_zoo.registry import Registry
from gan_zoo.regularizers.base import REGULARIZERS
from gan_zoo.stabilizers.base import STABILIZERS

REGISTRIES: dict[str, Registry] = {
    "generator": GENERATORS,
    "discriminator": DISCRIMINATORS,
    "loss": LOSSES,
    "regularizer": REGULARIZERS,
    "stabilizer": STABILIZERS,
    "data": DATASETS,
}
