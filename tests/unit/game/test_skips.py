"""Skipped steps are counted by player and cause, and the device is never asked for them during a step."""

import copy
import math

import pytest
import torch
from helpers.faults import OPTIMIZERS, poison_gradient, poison_term, small_game
from helpers.games import SmallDiscriminator, SmallGenerator, make_game, points
from helpers.runs import prepared
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from gan_zoo.checkpoint import not_plain
from gan_zoo.game import skips as skips_file
from gan_zoo.game.clipping import Clipping
from gan_zoo.game.skips import QUIET_STEPS, Skips, Tally
from gan_zoo.game.turns import CriticSchedule, Programme

# Counts ----------------------------------------------------------------------------------------------


def test_the_first_term_is_named_or_else_the_gradient():
    game = small_game()
    name = poison_term(game, "discriminator", lambda step: step in (1, 2))
    poison_gradient(game, "discriminator", lambda step: step in (2, 4))
    poison_term(game, "generator", lambda step: step == 3, math.nan, term=0)
    for seed in range(6):
        game.play(points(4, seed=seed))
    tallies = game.skips.read()
    assert name == "r1"
    assert tallies["discriminator"].steps == {"r1": 2, "gradient": 1}
    assert tallies["discriminator"].since == {"r1": 4}  # images before the first of them
    assert tallies["generator"].steps == {"adversarial": 1}
    assert tallies["generator"].since == {"adversarial": 16}


def test_a_gradient_whose_square_overflows_is_not_applied():
    """Otherwise Adam's second moment would be infinite for good, and the weight would never move again."""
    game = small_game()
    poison_gradient(game, "generator", lambda step: step == 0, 1e25)
    game.play(points(4))
    assert game.skips.read()["generator"].steps == {"gradient": 1}


def test_terms_of_pieces_are_judged_together():
    game = small_game(accumulation=2)
    poison_term(game, "discriminator", lambda step: step == 2)
    for seed in range(4):
        game.play(points(4, seed=seed))
    assert game.skips.read()["discriminator"].steps == {"r1": 1}


def test_rows_and_episodes():
    tally = Tally()
    for cause in (["a", "b"], [None] * (QUIET_STEPS - 1), ["b"], [None] * QUIET_STEPS, ["c"] * 3):
        for one in cause:
            tally.add(one, tally.total * 10)
    assert (tally.steps, tally.in_a_row) == ({"a": 1, "b": 2, "c": 3}, 3)
    assert (tally.episodes, tally.since) == (2, {"c": 30})
    tally.add(None, 99)
    assert (tally.in_a_row, tally.quiet) == (0, 1)


def test_the_log_reads_itself_before_it_grows_without_bound(monkeypatch):
    monkeypatch.setattr(skips_file, "MOST_UNREAD", 4)
    game = small_game()
    poison_gradient(game, "generator", lambda step: step == 1)
    lengths = []
    for seed in range(10):
        game.play(points(4, seed=seed))
        lengths.append(max(len(steps) for steps in game.skips._unread.values()))
    assert max(lengths) == 3
    assert game.skips.read()["generator"].total == 1


def test_counts_and_partial_windows_go_on_after_a_checkpoint():
    runs = []
    for cut in (False, True):
        game = small_game()
        for seed in range(8):
            poison_gradient(game, "discriminator", lambda step: step in (2, 3, 4, 7))
            game.play(points(4, seed=seed))
            if cut and seed == 3:
                saved = copy.deepcopy(game.state_dict())
                assert list(not_plain(saved)) == []
                game = small_game()
                game.load_state_dict(saved)
        runs.append((game.state_dict()["skips"], game.window.flush()))
    assert runs[0] == runs[1]
    assert runs[0][0]["discriminator"]["in_a_row"] == 1
    assert runs[0][0]["discriminator"]["steps"] == {"gradient": 4}


def test_a_state_without_counts_can_be_loaded():
    game = small_game()
    poison_gradient(game, "discriminator", lambda step: True)
    game.play(points(4))
    saved = game.state_dict()
    del saved["skips"], saved["window"]
    game.load_state_dict(saved)
    assert game.skips.read()["discriminator"] == Tally()
    assert game.window.flush() == {}


# The device ------------------------------------------------------------------------------------------


class Watch(TorchDispatchMode):
    """Counts transfers of numbers to the host."""

    found = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.found += "_local_scalar_dense" in str(function)
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("simultaneous", [False, True])
def test_nothing_asks_the_device_in_fifty_steps_even_if_some_are_skipped(optimizer, simultaneous):
    programme = Programme(CriticSchedule(1), simultaneous=simultaneous)
    game = small_game(optimizer, programme=programme, clipping=Clipping(1.0, 3.0), accumulation=2)
    poison_gradient(game, "generator", lambda step: step % 7 == 0)
    with Watch() as watch:
        for seed in range(50):
            game.play(points(4, seed=seed))
        assert watch.found == 0
        game.skips.read()
    assert game.skips.read()["generator"].total == 8


def test_nothing_asks_the_device_with_batch_norm_and_spectral_norm():
    module, loader, _ = prepared("dcgan", "data=digits", "stabilizer=[spectral_norm]")
    batches = [batch for batch, _ in zip(loader, range(3), strict=False)]
    with Watch() as watch:
        for batch in batches:
            module.game.play(batch)
    assert watch.found == 0


def test_judging_needs_no_terms_in_float32():
    game = make_game(SmallGenerator().double(), SmallDiscriminator().double(), "js")
    game.play(points(4, dtype=torch.float64))
    poison_gradient(game, "generator", lambda step: step == 1)
    game.play(points(4, dtype=torch.float64))
    assert game.skips.read()["generator"].steps == {"gradient": 1}


def test_processes_judge_alike():
    """`sync` averages the terms with the gradients, in place, so one process's infinity reaches all."""
    game = small_game()

    def sync(player):
        for value in player.values.values():
            value.add_(math.inf if player.steps == 1 else 0.0)

    game.sync = sync
    for seed in range(3):
        game.play(points(4, seed=seed))
    assert [tally.steps for tally in game.skips.read().values()] == [{"adversarial": 1}] * 2


def test_a_player_whose_parameters_have_no_gradient_is_not_blamed():
    skips = Skips(("generator",))
    game = small_game()
    mover = game.players["generator"]
    mover.parameters.append(nn.Parameter(torch.full((2,), math.nan)))
    game.play(points(4))
    assert float(skips.judge(mover, 0)) == 0.0
