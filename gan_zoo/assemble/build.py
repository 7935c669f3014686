"""From a resolved configuration to networks and a game. Plain data in, plain torch out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from gan_zoo.assemble import parts  # noqa: F401  (fills the registries)
from gan_zoo.config.plugins import import_plugins
from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.game.clipping import WITH_RATIO, Clipping
from gan_zoo.game.game import Game, Rules
from gan_zoo.game.growth import Growth
from gan_zoo.game.optimizers import OPTIONS, learning_rate_factor
from gan_zoo.game.player import Player, Strategy
from gan_zoo.game.shares import Shares
from gan_zoo.game.strategies import Direct, Unrolled
from gan_zoo.game.sync import average
from gan_zoo.game.terms import loss_terms, regularizer_terms
from gan_zoo.game.turns import Programme, critic_schedule
from gan_zoo.losses.base import LOSSES, AdversarialLoss
from gan_zoo.losses.unrolled import Unrolled as UnrolledLoss
from gan_zoo.networks.base import DISCRIMINATORS, GENERATORS, Discriminator, Generator
from gan_zoo.recipe import Recipe
from gan_zoo.regularizers.base import REGULARIZERS, Regularizer
from gan_zoo.stabilizers.base import STABILIZERS, Stabilizer
from gan_zoo.systems import Adversarial
from gan_zoo.types import DISCRIMINATOR, GENERATOR, DataSpec, PlayerName

RECIPE_KEYS = ("normalization", "activation", "initialization")
Config = Mapping[str, Any]


def build_game(config: Config, spec: DataSpec, rank: int = 0, world: int = 1) -> Game:
    """Build everything that trains, on the CPU; `Game.start` makes optimizers on the device.

    Args:
        config: resolved.
        spec: of the data.
        rank: this process among those that train together.
        world: their number.

    Raises:
        UserError: for parameters that a part refuses, or a stabilizer that finds nothing to change.
    """
    stabilizers = build_stabilizers(config, spec)
    networks = build_networks(config, spec, stabilizers)
    loss = LOSSES.build(**config["loss"])
    regularizers = {
        key: _build(REGULARIZERS, parameters) for key, parameters in config["regularizer"].items()
    }
    players = _players(config, networks, loss, regularizers, stabilizers)
    packs = max([1, *(stabilizer.packs for stabilizer in stabilizers.values())])
    return Game(
        spec=spec,
        system=Adversarial(),
        players=players,
        stabilizers=stabilizers,
        programme=_programme(config),
        rules=_rules(config, regularizers),
        draws=Draws(config["seed"]) if world == 1 else Shares(config["seed"], rank, world, packs),
        growth=build_growth(config, networks),
        sync=None if world == 1 else average,
    )


def build_stabilizers(config: Config, spec: DataSpec) -> dict[str, Stabilizer]:
    """Build the stabilizers by name, and let them look at the data's shape."""
    stabilizers = {key: _build(STABILIZERS, parameters) for key, parameters in config["stabilizer"].items()}
    for stabilizer in stabilizers.values():
        stabilizer.check(spec)
    return stabilizers


def build_networks(
    config: Config, spec: DataSpec, stabilizers: Mapping[str, Stabilizer]
) -> dict[PlayerName, Any]:
    """Build both networks from the run's seed; the same seed gives the same weights."""
    packs = max([1, *(stabilizer.packs for stabilizer in stabilizers.values())])
    shape = (spec.shape[0] * packs, *spec.shape[1:])
    networks: dict[PlayerName, Any] = {
        DISCRIMINATOR: _network(config, spec, DISCRIMINATOR, shape, stabilizers),
        GENERATOR: _network(config, spec, GENERATOR, spec.shape, stabilizers),
    }
    generator, discriminator = (config["model"][role]["name"] for role in (GENERATOR, DISCRIMINATOR))
    for key, stabilizer in stabilizers.items():
        edits = type(stabilizer).edit is not Stabilizer.edit
        if edits and not any(stabilizer.changed(network, role) for role, network in networks.items()):
            raise UserError(
                f"stabilizer '{key}' found nothing to change in generator '{generator}' and discriminator "
                f"'{discriminator}'. Remove it: 'stabilizer=[~{key}]'."
            )
    return networks


def build_generator(config: Config, spec: DataSpec) -> Generator:
    """Build the generator alone, as a checkpoint's reader needs it."""
    import_plugins(config["plugins"])
    return _network(config, spec, GENERATOR, spec.shape, build_stabilizers(config, spec))


def generator_state(game_state: Mapping[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the averaged generator's weights (the live one's where nothing averages), and its condition."""
    for state in game_state["stabilizers"].values():
        if "generator" in state:
            return state["generator"], game_state["condition"]
    return game_state["networks"][GENERATOR], game_state["condition"]


def build_growth(config: Config, networks: Mapping[PlayerName, Any]) -> Growth | None:
    """Build the growth schedule for a generator that grows."""
    asked = config["model"]["growth"]
    generator: Generator = networks[GENERATOR]
    if asked is None or not generator.grows:
        if asked is not None:
            raise UserError(
                f"model.growth is given, but generator '{config['model']['generator']['name']}' does not "
                f"grow. Type model.growth=null, or model=pggan."
            )
        return None
    start = asked["start_resolution"]
    if start not in generator.levels:
        allowed = ", ".join(map(str, generator.levels))
        raise UserError(f"model.growth.start_resolution={start} is not a level of this generator: {allowed}.")
    sizes = {int(resolution): size for resolution, size in (asked.get("batch_size") or {}).items()}
    return Growth(
        generator.levels, asked["train_kimg"], asked["fade_kimg"], generator.levels.index(start), sizes
    )


def _build(registry: Any, parameters: Config) -> Any:
    return registry.build(**parameters)


def _network(
    config: Config, spec: DataSpec, role: PlayerName, shape: tuple[int, ...],
    stabilizers: Mapping[str, Stabilizer],
) -> Any:  # fmt: skip
    model = config["model"]
    asked = dict(model[role])
    name = asked.pop("name")
    recipe = Recipe(role, **{key: asked.pop(key) for key in RECIPE_KEYS})
    for stabilizer in stabilizers.values():
        recipe = stabilizer.edit(recipe)
    classes = spec.classes if model["labels"] != "none" else 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(Draws(config["seed"]).generator("initialization", role).initial_seed())
        if role == DISCRIMINATOR:
            network: Discriminator | Generator = DISCRIMINATORS.build(name, recipe, shape, classes, **asked)
        else:
            network = GENERATORS.build(name, recipe, shape, model["latent_dim"], classes, **asked)
            network.latent_prior = model["latent_prior"]
    return network


def _players(
    config: Config, networks: Mapping[PlayerName, Any], loss: AdversarialLoss,
    regularizers: Mapping[str, Regularizer], stabilizers: Mapping[str, Stabilizer],
) -> dict[PlayerName, Player]:  # fmt: skip
    adversarial = loss_terms(loss, isinstance(loss, UnrolledLoss))
    further = regularizer_terms(regularizers)
    players: dict[PlayerName, Player] = {}
    for name in (DISCRIMINATOR, GENERATOR):
        strategy: Strategy = Direct()
        if isinstance(loss, UnrolledLoss) and name == GENERATOR:
            strategy = Unrolled(
                players[DISCRIMINATOR], loss.steps, loss.inner, loss.inner_lr, list(stabilizers.values())
            )
        optimizer = _optimizer_config(config["optimizer"], name)
        ratio = optimizer.pop("clip_ratio", None) if optimizer["name"] in WITH_RATIO else None
        players[name] = Player(
            name,
            networks[name],
            [adversarial[name], *further[name]],
            strategy,
            optimizer,
            learning_rate_factor(config["optimizer"], config["optimizer"].get("end_kimg") or config["kimg"]),
            Clipping(optimizer.pop("clip_norm"), ratio),
        )
    return players


def _optimizer_config(config: Config, player: PlayerName) -> dict[str, Any]:
    """Return a player's own optimizer settings; null means the common one.

    A player with another optimizer inherits what that optimizer knows: Adam's `betas` mean nothing to SGD.
    """
    own = {key: value for key, value in (config.get(player) or {}).items() if value is not None}
    shared = (GENERATOR, DISCRIMINATOR, "schedule", "final_factor", "end_kimg", "warmup_kimg", "accumulation")
    common = {key: value for key, value in config.items() if key not in shared}
    if own.get("name", config["name"]) != config["name"]:
        inherited = ("lr", "clip_norm", *OPTIONS.get(own["name"], {}))
        inherited += ("clip_ratio",) if own["name"] in WITH_RATIO else ()
        common = {key: value for key, value in common.items() if key in inherited}
    return {**common, **own}


def _programme(config: Config) -> Programme:
    turns = config["turns"]
    return Programme(
        critic_schedule(turns["critic_steps"]),
        turns["generator_steps"],
        turns["simultaneous"],
        turns["reuse_latents"],
    )


def _rules(config: Config, regularizers: Mapping[str, Regularizer]) -> Rules:
    return Rules(
        total_images=round(config["kimg"] * 1000),
        batch_size=config["batch_size"],
        labels=config["model"]["labels"],
        generator_batch=config["model"]["generator_batch"],
        latent_pairs=any(regularizer.latent_pairs for regularizer in regularizers.values()),
        accumulation=config["optimizer"]["accumulation"],
        mixed_precision=config["trainer"]["precision"] != "32-true",
    )
