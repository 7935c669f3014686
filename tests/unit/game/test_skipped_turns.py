"""A turn with a number that is not finite leaves no trace: what follows is as if it had been left out."""

import math

import pytest
from helpers.faults import (
    OPTIMIZERS,
    around,
    differing,
    everything,
    leave_out,
    poison_gradient,
    poison_term,
    poisoned_batch,
    small_game,
)
from helpers.games import points
from helpers.runs import prepared

from gan_zoo.game.turns import CriticSchedule, Programme

RUNS = {
    "batch norm and average": ("dcgan", "data=digits"),
    "spectral norm": ("dcgan", "data=digits", "stabilizer=[spectral_norm]"),
    "penalty and critic steps": ("mlp", "loss=wgangp"),
    "clipped weights": ("dcgan", "data=digits", "loss=wgan"),
    "unrolled": ("mlp", "loss=unrolled"),
    "two pieces": ("dcgan", "data=digits", "optimizer.accumulation=2"),
    "growing": ("pggan", "data=digits"),
    "simultaneous": ("mlp", "turns.simultaneous=true"),
}
PLAYERS = ("discriminator", "generator")


def untouched(game, player, step):
    """Note what the turn at `step` changed."""
    changed = []

    def act(play):
        before = everything(game)
        play()
        changed.extend(differing(before, everything(game)))
        changed.append("looked")

    around(game, player, step, act)
    return changed


def assert_leaves_no_trace(faulty, reference, fault, player, step, batches):
    """Play both games, one with a fault in a step, one without the step's effect, and compare all."""
    poison = {
        "term": lambda: poison_term(faulty, player, lambda at: at == step),
        "gradient": lambda: poison_gradient(faulty, player, lambda at: at == step, math.inf),
        "batch": lambda: None,
    }
    poison[fault]()
    changed = untouched(faulty, player, step)
    leave_out(reference, player, step)
    for batch in batches:
        now = fault == "batch" and faulty.players["discriminator"].steps == step
        faulty.play(poisoned_batch(batch, math.nan) if now else batch)
        reference.play(batch)
    assert changed == ["looked"]
    assert differing(everything(faulty), everything(reference)) == []
    assert (faulty.images, faulty.steps) == (reference.images, reference.steps)
    tallies = faulty.skips.read()
    assert {name: tally.total for name, tally in tallies.items()} == {
        name: int(name == player) for name in PLAYERS
    }
    assert all(tally.total == 0 for tally in reference.skips.read().values())
    assert all(value.isfinite().all() for value in everything(faulty).values())


@pytest.mark.parametrize("step", [0, 3])
@pytest.mark.parametrize("player", PLAYERS)
@pytest.mark.parametrize("fault", ["term", "gradient"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_skipped_step_leaves_no_trace(optimizer, fault, player, step):
    batches = [points(4, seed=seed) for seed in range(6)]
    faulty, reference = small_game(optimizer), small_game(optimizer)
    assert_leaves_no_trace(faulty, reference, fault, player, step, batches)


@pytest.mark.parametrize("step", [0, 3])
def test_a_batch_that_is_not_finite_leaves_no_trace(step):
    batches = [points(4, seed=seed) for seed in range(6)]
    assert_leaves_no_trace(small_game(), small_game(), "batch", "discriminator", step, batches)


@pytest.mark.parametrize(
    ("fault", "player"),
    [
        ("batch", "discriminator"),
        ("term", "generator"),
        ("gradient", "discriminator"),
        ("gradient", "generator"),
    ],
)
@pytest.mark.parametrize("run", RUNS)
def test_buffers_averages_and_clipped_weights_stay_too(run, fault, player):
    if fault == "batch" and run in ("simultaneous", "unrolled"):
        fault = "term"  # the generator's turn sees the batch as well
    games, loader = [], None
    for _ in range(2):
        module, loader, _ = prepared(*RUNS[run])
        games.append(module.game)
    count = 3 if games[0].programme.critic_steps(0) == 1 else 8
    batches = [batch for batch, _ in zip(loader, range(count), strict=False)]
    step = 2 if player == "discriminator" else 0
    assert_leaves_no_trace(*games, fault, player, step, batches)


def test_running_statistics_would_have_moved():
    """The forward of a skipped turn does spoil the buffers that the test above finds as they were."""
    module, loader, _ = prepared("dcgan", "data=digits")
    module.game._buffers.put_back = lambda skipped: None
    changed = untouched(module.game, "discriminator", 0)
    module.game.play(poisoned_batch(next(iter(loader)), math.nan))
    assert any("discriminator" in name and "running_mean" in name for name in changed)
    assert any("generator" in name and "num_batches_tracked" in name for name in changed)


def test_a_simultaneous_turn_is_applied_by_both_or_by_none():
    programme = Programme(CriticSchedule(1), simultaneous=True)
    game = small_game(programme=programme)
    poison_gradient(game, "generator", lambda step: step == 1)
    changed = untouched(game, "discriminator", 1)
    for seed in range(3):
        game.play(points(4, seed=seed))
    assert changed == ["looked"]
    assert [game.skips.read()[name].total for name in PLAYERS] == [0, 1]  # the one that caused it
