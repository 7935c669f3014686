"""The loop: gradients stay with their player, counts are right, draws are functions of the position."""

import copy

import pytest
import torch
from helpers.games import SmallDiscriminator, SmallGenerator, make_game, points, vector

from gan_zoo.game.clipping import Clipping
from gan_zoo.game.turns import CriticSchedule, Programme
from gan_zoo.stabilizers.base import STABILIZERS

ADAM = {"name": "adam", "lr": 0.01, "betas": [0.5, 0.9]}


def small_game(loss="js", seed=0, **arguments):
    torch.manual_seed(seed)
    return make_game(SmallGenerator(), SmallDiscriminator(), loss, **{"optimizer": ADAM, **arguments})


@pytest.mark.parametrize("mover", ["discriminator", "generator"])
def test_no_gradient_reaches_the_other_player(mover):
    game = small_game(regularizers={"r1": {}, "gradient_penalty": {}})
    before = copy.deepcopy({name: network.state_dict() for name, network in game.networks.items()})
    game._turn((mover,), points(4))
    other = "generator" if mover == "discriminator" else "discriminator"
    assert all(parameter.grad is None for parameter in game.networks[other].parameters())
    torch.testing.assert_close(dict(game.networks[other].state_dict()), dict(before[other]), rtol=0, atol=0)
    assert not torch.equal(
        vector(list(game.networks[mover].parameters())),
        torch.cat([v.flatten() for v in before[mover].values()]),
    )


def test_generator_runs_without_a_graph_in_the_discriminators_turn():
    game = small_game()
    seen = []
    game.networks["generator"].register_forward_hook(
        lambda module, inputs, out: seen.append(out.requires_grad)
    )
    game.play(points(4))
    assert seen == [False, True]


def test_rounds_count_critic_steps_and_images():
    game = small_game(programme=Programme(CriticSchedule(3), generator_steps=2))
    for seed in range(7):
        game.play(points(4, seed=seed))
    assert game.steps == {"discriminator": 7, "generator": 4}
    assert game.images == 28
    assert game.critic_step == 1


def test_lazy_terms_count_committed_steps_and_are_multiplied_by_their_interval():
    plain = small_game(regularizers={"r1": {"weight": 0.5}})
    lazy = small_game(regularizers={"r1": {"weight": 0.5, "interval": 2}})
    values = []
    for game in (plain, lazy):
        game._gradients(game.players["discriminator"], points(4))
        values.append(game.window.flush()["discriminator/r1"])
    assert values[1] == pytest.approx(2 * values[0], rel=1e-6)
    lazy.play(points(4))
    lazy.window.flush()
    lazy._gradients(lazy.players["discriminator"], points(4))
    assert "discriminator/r1" not in lazy.window.flush()


def test_accumulation_equals_the_whole_batch():
    """Terms are means over samples, so pieces of equal size average to the whole."""
    results = []
    for accumulation in (1, 2):
        game = small_game(regularizers={"r1": {}}, accumulation=accumulation)
        for seed in range(3):
            game.play(points(8, seed=seed))
        results.append(vector([p for n in game.networks.values() for p in n.parameters()]))
    torch.testing.assert_close(results[0], results[1], rtol=1e-4, atol=1e-6)


def test_same_seed_same_weights_twice():
    runs = []
    for _ in range(2):
        game = small_game("wgan", regularizers={"gradient_penalty": {}})
        for seed in range(5):
            game.play(points(4, seed=seed))
        runs.append(vector([p for n in game.networks.values() for p in n.parameters()]))
    assert torch.equal(*runs)


def test_state_restores_a_game_exactly():
    stabilizers = lambda: {"ema": STABILIZERS.build("ema", half_life_kimg=0.02)}  # noqa: E731
    programme = Programme(CriticSchedule(2))
    whole = small_game(stabilizers=stabilizers(), programme=programme)
    for seed in range(7):
        whole.play(points(4, seed=seed))
        if seed == 2:
            saved = copy.deepcopy(whole.state_dict())
    rest = small_game(seed=1, stabilizers=stabilizers(), programme=programme)
    rest.load_state_dict(saved)
    for seed in range(3, 7):
        rest.play(points(4, seed=seed))
    torch.testing.assert_close(rest.state_dict(), whole.state_dict(), rtol=0, atol=0)


def test_simultaneous_players_move_from_the_same_point():
    """G's gradient is taken at D's old parameters: a hand-written loop agrees."""
    game = small_game(
        programme=Programme(CriticSchedule(1), simultaneous=True), optimizer={"name": "sgd", "lr": 0.1}
    )
    generator, discriminator = (copy.deepcopy(game.networks[n]) for n in ("generator", "discriminator"))
    batch = points(4)
    latents = {n: game.dealer.leaves(n, 0, batch)["latent_parts"][0] for n in ("discriminator", "generator")}
    game.play(batch)
    softplus = torch.nn.functional.softplus
    for parameter in (*generator.parameters(), *discriminator.parameters()):
        parameter.requires_grad_(True)
    fake = generator(latents["discriminator"]).detach()
    d_loss = (softplus(-discriminator(batch["samples"]).score) + softplus(discriminator(fake).score)).mean()
    d_gradient = torch.autograd.grad(d_loss, list(discriminator.parameters()))
    g_loss = softplus(-discriminator(generator(latents["generator"])).score).mean()
    g_gradient = torch.autograd.grad(g_loss, list(generator.parameters()))
    for network, gradient in ((discriminator, d_gradient), (generator, g_gradient)):
        name = "discriminator" if network is discriminator else "generator"
        expected = [p.detach() - 0.1 * g for p, g in zip(network.parameters(), gradient, strict=True)]
        torch.testing.assert_close(list(game.networks[name].parameters()), expected)


def test_reused_latents_are_those_of_the_last_critic_step():
    game = small_game(programme=Programme(CriticSchedule(2), 2, reuse_latents=True))
    seen = []
    game.networks["generator"].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    game.play(points(4))
    game.play(points(4))
    assert not torch.equal(seen[0], seen[1])
    assert torch.equal(seen[1], seen[2])
    assert torch.equal(seen[1], seen[3])


def test_latent_pairs_share_labels_and_double_the_fakes():
    game = small_game(regularizers={"mode_seeking": {}}, latent_pairs=True)
    shapes = []
    game.networks["generator"].register_forward_pre_hook(lambda module, inputs: shapes.append(len(inputs[0])))
    game.play(points(4))
    assert shapes == [8, 8]
    assert {"generator/mode_seeking", "generator/adversarial"} <= set(game.window.flush())


def test_packing_draws_independent_samples_and_counts_packs():
    torch.manual_seed(0)
    game = make_game(
        SmallGenerator(),
        SmallDiscriminator(4),
        "js",
        stabilizers={"packing": STABILIZERS.build("packing", packs=2)},
    )
    seen = []
    game.networks["discriminator"].register_forward_pre_hook(
        lambda module, inputs: seen.append(inputs[0].detach())
    )
    batch = points(8)
    game.play(batch)
    assert [tuple(x.shape) for x in seen] == [(4, 4)] * 3
    assert torch.equal(seen[0][1], batch["samples"][2:4].flatten())  # rows 2i and 2i + 1 are pack i
    assert not torch.equal(seen[1][:, :2], seen[1][:, 2:])
    assert game.images == 8


def test_no_host_transfer_in_fifty_steps():
    """`_local_scalar_dense` is what `.item()`, `float(tensor)` and `if tensor:` call."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Watch(TorchDispatchMode):
        found = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            Watch.found += "_local_scalar_dense" in str(function)
            return function(*args, **(kwargs or {}))

    stabilizers = {"ema": STABILIZERS.build("ema", half_life_kimg=0.02)}
    game = small_game(
        "wgan", regularizers={"gradient_penalty": {}}, stabilizers=stabilizers, clipping=Clipping(1.0, 3.0)
    )
    with Watch():
        for seed in range(50):
            game.play(points(4, seed=seed))
        assert Watch.found == 0
        torch.ones(()).item()
    assert Watch.found == 1  # the watch works
