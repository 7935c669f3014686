"""The game equals a hand-written WGAN-GP loop, in float64, after 30 steps with 3 critic steps per round."""

import copy

import torch
from helpers.games import SmallDiscriminator, SmallGenerator, make_game, points
from reference.plain_wgangp import train

from gan_zoo.draws import Draws
from gan_zoo.game.turns import CriticSchedule, Programme

ADAM = {"name": "adam", "lr": 0.01, "betas": [0.5, 0.9]}


def test_game_equals_a_hand_written_loop():
    torch.manual_seed(0)
    networks = {"generator": SmallGenerator().double(), "discriminator": SmallDiscriminator().double()}
    plain = copy.deepcopy(networks)
    batches = [points(8, seed=seed, dtype=torch.float64) for seed in range(30)]
    game = make_game(
        networks["generator"], networks["discriminator"], "wgan",
        regularizers={"gradient_penalty": {"weight": 10.0}},
        optimizer=ADAM, programme=Programme(CriticSchedule(3)),
    )  # fmt: skip
    seen = []
    uniform = Draws.uniform

    def spy(self, shape, purpose, *index, device="cpu"):
        drawn = uniform(self, shape, purpose, *index, device=device)
        seen.append(drawn)
        return drawn

    Draws.uniform = spy  # the reference takes the interpolation shares that the game drew
    try:
        for batch in batches:
            game.play(batch)
    finally:
        Draws.uniform = uniform
    assert len(seen) == 30
    train(
        plain["generator"], plain["discriminator"], [batch["samples"] for batch in batches],
        lambda player, step: Draws(0).normal((8, 3), "latents", player, step),
        lambda step: seen[step].double().reshape(-1, 1), 3,
        lambda parameters: torch.optim.Adam(parameters, lr=0.01, betas=(0.5, 0.9)),
    )  # fmt: skip
    for name, network in networks.items():
        for ours, theirs in zip(network.parameters(), plain[name].parameters(), strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)
