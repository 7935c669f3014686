"""Start from another run's weights (`init_from=`): fine-tuning."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from gan_zoo import checkpoint
from gan_zoo.assemble.load import find_checkpoint
from gan_zoo.errors import UserError
from gan_zoo.game.game import Game


def initialize_from(path: str, game: Game) -> None:
    """Copy both networks' weights from a run directory or checkpoint; optimizers start fresh.

    Raises:
        UserError: if there is no checkpoint, or it is of another model.
    """
    saved = checkpoint.load(find_checkpoint(path))
    for name, network in game.networks.items():
        weights = saved["game"]["networks"][name]
        problem = mismatch(network, weights)
        if problem:
            other = saved["config"]["model"]["name"]
            raise UserError(
                f"init_from={path}: its {name} (model {other}, data {saved['spec']['shape']}) does not fit "
                f"this run's: {problem}. Train with the same model, sizes and classes."
            )
    for name, network in game.networks.items():
        network.load_state_dict(saved["game"]["networks"][name])


def mismatch(network: nn.Module, weights: Mapping[str, Tensor]) -> str | None:
    """Say what differs between a network and saved weights, or None."""
    own = network.state_dict()
    for key in own:
        if key not in weights:
            return f"'{key}' is missing"
        if own[key].shape != weights[key].shape:
            return f"'{key}' has shape {list(weights[key].shape)}, this run needs {list(own[key].shape)}"
    extra = [key for key in weights if key not in own]
    return f"'{extra[0]}' is not part of this model" if extra else None
