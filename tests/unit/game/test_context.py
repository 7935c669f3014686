"""The dataflow of a turn: lazy, cached, and forked without recomputing what does not change."""

import pytest
import torch
from helpers.games import SmallDiscriminator, SmallGenerator, make_game, points

from gan_zoo.game.context import Context


def context_of(game, player="generator"):
    game.turns.give(player)
    leaves = game.dealer.pieces(player, 0, points(4))[0]
    return Context(game._setting(game.players[player], 0), leaves)


def counted(network):
    """Count the calls of a network."""
    calls = []
    network.register_forward_hook(lambda module, inputs, output: calls.append(1))
    return calls


def test_what_nobody_pulls_is_never_computed():
    game = make_game(SmallGenerator(), SmallDiscriminator(), "js")
    calls = {name: counted(network) for name, network in game.networks.items()}
    context = context_of(game)
    assert not calls["generator"]
    assert not calls["discriminator"]
    _ = context["fake_score"], context["fake_score"], context["fake"]
    assert len(calls["generator"]) == len(calls["discriminator"]) == 1


def test_a_generators_turn_does_not_judge_reals():
    game = make_game(SmallGenerator(), SmallDiscriminator(), "hinge")
    calls = counted(game.networks["discriminator"])
    game._turn(("generator",), points(4))
    assert len(calls) == 1


def test_fork_keeps_what_does_not_depend_on_the_substitute():
    game = make_game(SmallGenerator(), SmallDiscriminator(), "js")
    calls = counted(game.networks["generator"])
    context = context_of(game)
    fake, score = context["fake"], context["fake_score"]
    other = SmallDiscriminator()
    fork = context.fork("discriminator", other)
    assert fork["fake"] is fake
    assert len(calls) == 1
    torch.testing.assert_close(fork["fake_score"], other(fake).score)
    assert not torch.equal(fork["fake_score"], score)
    assert torch.equal(context["fake_score"], score)


def test_unknown_quantity_says_what_is_meant():
    game = make_game(SmallGenerator(), SmallDiscriminator(), "js")
    with pytest.raises(KeyError, match="Did you mean 'fake_score'"):
        context_of(game)["fake_scor"]


def test_draws_are_functions_of_the_position():
    game = make_game(SmallGenerator(), SmallDiscriminator(), "js")
    first, again = context_of(game), context_of(game)
    assert torch.equal(first.uniform((4, 1), "mix"), again.uniform((4, 1), "mix"))
    assert not torch.equal(first.uniform((4, 1), "mix"), first.uniform((4, 1), "other"))
    assert not torch.equal(
        first.uniform((4, 1), "mix"), context_of(game, "discriminator").uniform((4, 1), "mix")
    )
