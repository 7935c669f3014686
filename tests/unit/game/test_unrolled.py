"""Unrolling: its gradient is the derivative of the surrogate game, and it leaves the real D alone."""

import copy

import pytest
import torch
from helpers.games import SmallDiscriminator, SmallGenerator, make_game, points, vector

from gan_zoo.game.context import Context
from gan_zoo.stabilizers.base import STABILIZERS

ADAM = {"name": "adam", "lr": 0.01, "betas": [0.5, 0.9]}
SGD = {"name": "sgd", "lr": 0.2}


def unrolled_game(optimizer, steps, objective="js", regularizers=None, warm_up=20, **arguments):
    """Return a float64 game whose discriminator has taken `warm_up` real steps."""
    torch.manual_seed(0)
    generator, discriminator = SmallGenerator().double(), SmallDiscriminator().double()
    game = make_game(
        generator, discriminator, "unrolled", {"objective": objective, "steps": steps, **arguments},
        regularizers, optimizer=optimizer,
    )  # fmt: skip
    for seed in range(warm_up):
        game._turn(("discriminator",), points(6, seed=seed, dtype=torch.float64))
    return game


def generator_loss(game, batch):
    """Return G's loss after look-ahead, and its gradient, without a step."""
    player = game.players["generator"]
    game.turns.give("generator")
    leaves = game.dealer.pieces("generator", player.steps, batch)[0]
    loss, _ = player.strategy.loss(player, Context(game._setting(player, 0), leaves))
    return loss


def plain_unrolled_loss(game, batch, steps):
    """Return G's loss against a deep copy of D that really took `steps` optimizer steps on the same batch."""
    player, opponent = game.players["generator"], game.players["discriminator"]
    leaves = game.dealer.pieces("generator", player.steps, batch)[0]
    discriminator = copy.deepcopy(opponent.network)
    discriminator.requires_grad_(True)
    parameters = list(discriminator.parameters())
    optimizer = type(opponent.optimizer)(parameters, **opponent.optimizer.defaults)
    optimizer.load_state_dict(copy.deepcopy(opponent.optimizer.state_dict()))
    with torch.no_grad():
        fake = player.network(leaves["latent_parts"][0])
    softplus = torch.nn.functional.softplus
    for _ in range(steps):
        loss = (softplus(-discriminator(batch["samples"]).score) + softplus(discriminator(fake).score)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return softplus(-discriminator(fake).score).mean()


@pytest.mark.parametrize("optimizer", [SGD, ADAM], ids=["sgd", "adam"])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_each_inner_step_equals_torchs_optimizer(optimizer, steps):
    game, batch = unrolled_game(optimizer, steps), points(6, seed=99, dtype=torch.float64)
    expected = plain_unrolled_loss(game, batch, steps)
    torch.testing.assert_close(
        generator_loss(game, batch).detach(), expected.detach(), rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("optimizer", [SGD, ADAM], ids=["sgd", "adam"])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_gradient_equals_finite_differences(optimizer, steps):
    game, batch = unrolled_game(optimizer, steps), points(6, seed=99, dtype=torch.float64)
    generator = game.networks["generator"]
    game.turns.give("generator")
    parameters = list(generator.parameters())
    analytic = torch.autograd.grad(generator_loss(game, batch), parameters)
    direction = [torch.randn_like(p) for p in parameters]
    slope = sum((g * d).sum() for g, d in zip(analytic, direction, strict=True))
    values = []
    for sign in (1.0, -1.0):
        with torch.no_grad():
            for p, d in zip(parameters, direction, strict=True):
                p.add_(d, alpha=sign * 1e-5)
        values.append(generator_loss(game, batch).item())
        with torch.no_grad():
            for p, d in zip(parameters, direction, strict=True):
                p.sub_(d, alpha=sign * 1e-5)
    numeric = (values[0] - values[1]) / 2e-5
    assert slope.item() == pytest.approx(numeric, rel=1e-5, abs=1e-9)


def test_differs_from_a_detached_loop():
    """The path through the inner steps matters: without it the gradient is another one."""
    game, batch = unrolled_game(SGD, 3), points(6, seed=99, dtype=torch.float64)
    parameters = list(game.networks["generator"].parameters())
    game.turns.give("generator")
    full = torch.autograd.grad(generator_loss(game, batch), parameters)
    player = game.players["generator"]
    context = Context(game._setting(player, 0), game.dealer.pieces("generator", 0, batch)[0])
    score = player.strategy.look_ahead(context)(context["fake"].detach(), None).score
    assert score.requires_grad  # through the look-ahead, although the fakes are detached
    assert vector(full).abs().max() > 0


@pytest.mark.parametrize("objective", ["hinge", "lsgan", "wgan"])
def test_wraps_other_objectives_with_penalties(objective):
    penalty = {"gradient_penalty": {"weight": 0.5}}
    game = unrolled_game(ADAM, 2, objective, penalty)
    before = vector(list(game.networks["generator"].parameters()))
    game.play(points(6, seed=5, dtype=torch.float64))
    after = vector(list(game.networks["generator"].parameters()))
    assert torch.isfinite(after).all()
    assert not torch.equal(before, after)


def test_look_ahead_leaves_the_discriminator_and_its_optimizer_alone():
    game, batch = unrolled_game(ADAM, 3), points(6, seed=1, dtype=torch.float64)
    opponent = game.players["discriminator"]
    opponent.forget_gradients()
    before = copy.deepcopy((opponent.network.state_dict(), opponent.optimizer.state_dict()["state"]))
    generator_loss(game, batch).backward()
    after = (opponent.network.state_dict(), opponent.optimizer.state_dict()["state"])
    torch.testing.assert_close(after, before, rtol=0.0, atol=0.0)
    assert all(parameter.grad is None for parameter in opponent.network.parameters())


def test_zero_moments_give_finite_gradients():
    game = unrolled_game(ADAM, 2, warm_up=0)
    game.networks["discriminator"].net[2].weight.data.zero_()  # the first layer's gradient is exactly zero
    loss = generator_loss(game, points(6, dtype=torch.float64))
    loss.backward()
    gradients = [p.grad for p in game.networks["generator"].parameters() if p.grad is not None]
    assert gradients
    assert all(torch.isfinite(g).all() for g in gradients)


def test_weight_clipping_acts_inside_look_ahead():
    torch.manual_seed(0)
    clip = STABILIZERS.build("weight_clipping", limit=0.05, relative=False)
    game = make_game(
        SmallGenerator(), SmallDiscriminator(), "unrolled", {"objective": "wgan", "steps": 2},
        stabilizers={"weight_clipping": clip}, optimizer=SGD,
    )  # fmt: skip
    game.turns.give("generator")
    leaves = game.dealer.pieces("generator", 0, points(6))[0]
    player = game.players["generator"]
    ahead = player.strategy.look_ahead(Context(game._setting(player, 0), leaves))
    bias_only = ahead(torch.zeros(1, 2), None).score
    assert bias_only.abs().item() <= 5 * 0.05 + 0.05 + 1e-6  # five hidden units of at most 1, and the bias
