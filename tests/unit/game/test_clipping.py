"""Bounds on gradients: how long one may be, what a spike does without them, that look-ahead has the same."""

import math

import pytest
import torch
from helpers.faults import poison_gradient, small_game
from helpers.games import SmallDiscriminator, SmallGenerator, make_game, points
from torch import nn
from torch.optim import Optimizer

from gan_zoo.errors import UserError
from gan_zoo.game.clipping import Clipping
from gan_zoo.game.context import Context
from gan_zoo.game.optimizers import build_optimizer

ADAM = {"name": "adam", "lr": 0.01, "betas": [0.5, 0.9]}
RMSPROP = {"name": "rmsprop", "lr": 0.01, "alpha": 0.9}
DECAY = 0.9


def leaves() -> list[nn.Parameter]:
    return [nn.Parameter(torch.zeros(shape, dtype=torch.float64)) for shape in ((2,), ())]


def set_gradients(parameters: list[nn.Parameter], values: list[float]) -> None:
    parameters[0].grad = torch.tensor(values[:2], dtype=torch.float64)
    parameters[1].grad = torch.tensor(values[2], dtype=torch.float64)


def norm(parameters: list[nn.Parameter]) -> float:
    return math.hypot(*torch.cat([p.grad.flatten() for p in parameters]).tolist())


def test_a_norm_bounds_the_whole_gradient() -> None:
    parameters = leaves()
    optimizer = build_optimizer(ADAM, parameters)
    set_gradients(parameters, [3.0, 0.0, 4.0])
    Clipping(norm=1.0).clip(parameters, optimizer)
    torch.testing.assert_close(parameters[1].grad.item(), 0.8, rtol=1e-5, atol=0)
    Clipping(norm=2.0).clip(parameters, optimizer)  # short gradients stay
    torch.testing.assert_close(parameters[1].grad.item(), 0.8, rtol=1e-5, atol=0)


@pytest.mark.parametrize("config", [ADAM, RMSPROP], ids=["adam", "rmsprop"])
def test_a_ratio_equals_the_plain_recursion(config: dict) -> None:
    """v <- beta v + (1 - beta) |g|^2 of clipped gradients, without bias: what all moments sum to."""
    parameters = leaves()
    optimizer, clipping = build_optimizer(config, parameters), Clipping(ratio=2.0)
    draws = torch.Generator().manual_seed(0)
    mean_square, cut = 0.0, 0
    for step in range(60):
        values = torch.randn(3, generator=draws, dtype=torch.float64) * (20.0 if step % 7 == 6 else 1.0)
        length = values.norm().item()
        bound = 2.0 * math.sqrt(mean_square / (1.0 - DECAY**step)) if step else math.inf
        set_gradients(parameters, values.tolist())
        clipping.clip(parameters, optimizer)
        assert norm(parameters) == pytest.approx(min(length, bound), rel=1e-9)
        cut += length > bound
        mean_square = DECAY * mean_square + (1.0 - DECAY) * norm(parameters) ** 2
        optimizer.step()
    assert 8 <= cut < 30


def test_gradients_below_the_bound_keep_their_bits() -> None:
    parameters = leaves()
    optimizer = build_optimizer(ADAM, parameters)
    for length in (1.0, 1.4, 0.3):
        values = [0.1 * length, -0.7 * length, length]
        set_gradients(parameters, values)
        Clipping(ratio=3.0).clip(parameters, optimizer)
        assert [*parameters[0].grad.tolist(), parameters[1].grad.item()] == values
        optimizer.step()


def test_a_spike_after_a_quiet_phase_moves_no_weight_far() -> None:
    """Without a bound a weight jumps by lr / sqrt(1 - beta2), 31 rates at .999; with a ratio, by so many."""
    moved = {}
    for ratio in (None, 3.0):
        weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))
        optimizer = build_optimizer({"name": "adam", "lr": 1.0, "betas": [0.0, 0.999]}, [weight])
        for step in range(3001):
            weight.grad = torch.tensor([1e-3 * (-1.0) ** step if step < 3000 else 1e3], dtype=torch.float64)
            before = weight.item()
            Clipping(ratio=ratio).clip([weight], optimizer)
            optimizer.step()
        moved[ratio] = abs(weight.item() - before)
    assert moved[None] == pytest.approx(1.0 / math.sqrt(1.0 - 0.999), rel=0.03)
    assert 2.9 < moved[3.0] <= 3.0


def test_a_gradient_that_stays_long_is_followed_soon() -> None:
    """The bound grows with what passes: a new phase of the game is not held back for long."""
    weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = build_optimizer({"name": "adam", "lr": 1.0, "betas": [0.0, 0.99]}, [weight])
    for _ in range(500):
        weight.grad = torch.tensor([1.0], dtype=torch.float64)
        Clipping(ratio=3.0).clip([weight], optimizer)
        optimizer.step()
    held_back = 0
    while True:
        weight.grad = torch.tensor([100.0], dtype=torch.float64)
        Clipping(ratio=3.0).clip([weight], optimizer)
        if weight.grad.item() == 100.0:
            break
        optimizer.step()
        held_back += 1
    # Each step multiplies the mean square by 1 + (1 - .99) (9 - 1), until 3 times its root is 100.
    assert held_back == pytest.approx(2.0 * math.log(100.0 / 3.0) / math.log(1.08), abs=1.0)


@pytest.mark.parametrize("first", ["zero", "skipped"])
@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_what_has_no_usual_length_stays(first: str, optimizer: str) -> None:
    """After a first gradient of zeros, or a first step that was skipped, the next is no spike and no NaN."""
    game = small_game(optimizer, clipping=Clipping(ratio=3.0))
    poison_gradient(game, "generator", lambda step: step == 0, 0.0 if first == "zero" else math.inf)
    before = [p.clone() for p in game.networks["generator"].parameters()]
    for seed in range(3):
        game.play(points(4, seed=seed))
    after = list(game.networks["generator"].parameters())
    assert all(p.isfinite().all() for p in after)
    assert any(not torch.equal(p, q) for p, q in zip(before, after, strict=True))
    assert game.skips.read()["generator"].total == (first == "skipped")


@pytest.mark.parametrize("config", [ADAM, RMSPROP], ids=["adam", "rmsprop"])
def test_look_ahead_clips_like_real_steps(config: dict) -> None:
    """D three differentiable steps ahead is the D that really takes them, with both bounds at work."""
    torch.manual_seed(0)
    clipping = Clipping(norm=0.2, ratio=1.05)
    game = make_game(
        SmallGenerator().double(), SmallDiscriminator().double(), "unrolled", {"steps": 3},
        optimizer=config, clipping=clipping,
    )  # fmt: skip
    for seed in range(5):
        game._turn(("discriminator",), points(6, seed=seed, dtype=torch.float64))
    batch = points(6, seed=99, dtype=torch.float64)
    generator, opponent = game.players["generator"], game.players["discriminator"]
    game.turns.give("generator")
    pieces = game.dealer.pieces("generator", generator.steps, batch)[0]
    ahead = generator.strategy.look_ahead(Context(game._setting(generator, 0), pieces))
    looked = ahead(batch["samples"]).score.detach()
    with torch.no_grad():
        fake = generator.network(pieces["latent_parts"][0])
    game.turns.give("discriminator")
    real = batch["samples"]
    lengths = [_real_step(opponent.network, opponent.optimizer, clipping, real, fake) for _ in range(3)]
    torch.testing.assert_close(looked, opponent.network(real).score.detach(), rtol=1e-9, atol=1e-12)
    assert any(given > kept * 1.001 for given, kept in lengths)  # the bounds were at work


def _real_step(
    network: nn.Module, optimizer: Optimizer, clipping: Clipping, real: torch.Tensor, fake: torch.Tensor
) -> tuple[float, float]:
    softplus = torch.nn.functional.softplus
    optimizer.zero_grad()
    (softplus(-network(real).score) + softplus(network(fake).score)).mean().backward()
    parameters = list(network.parameters())
    given = norm(parameters)
    clipping.clip(parameters, optimizer)
    optimizer.step()
    return given, norm(parameters)


def test_look_ahead_has_a_gradient_through_the_bound() -> None:
    """Finite differences of what is left of a gradient by the gradient, beyond the bound."""
    moments = {"a": {"step": torch.tensor(3.0), "exp_avg_sq": torch.full((2,), 0.02, dtype=torch.float64)}}
    given = torch.tensor([0.8, -1.3], dtype=torch.float64, requires_grad=True)
    clipped = lambda g: Clipping(ratio=2.0).clipped({"a": g}, moments, {"betas": (0.0, 0.9)})["a"]  # noqa: E731
    assert clipped(given).norm() < 0.9 * given.norm()
    assert torch.autograd.gradcheck(clipped, (given,))


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ({"norm": 0.0}, r"clip_norm: expected a number in \(0, inf\), got 0"),
        ({"norm": -1.0}, "clip_norm"),
        ({"ratio": 1.0}, r"clip_ratio: expected a number in \(1, inf\), got 1"),
        ({"ratio": math.nan}, "clip_ratio"),
        ({"ratio": "3"}, "clip_ratio"),
    ],
)
def test_bounds_must_make_sense(bounds: dict, said: str) -> None:
    with pytest.raises(UserError, match=said):
        Clipping(**bounds)
