"""One exchange averages gradients, terms and what is logged, whatever their types and strides."""

import pytest
import torch
import torch.distributed as distributed
from helpers.games import SmallDiscriminator, SmallGenerator, make_game, points

from gan_zoo.game.sync import average


@pytest.fixture
def exchanged(monkeypatch):
    """Another process that holds zeros; returns what was sent."""
    sent = []
    monkeypatch.setattr(distributed, "all_reduce", lambda tensor: sent.append(tensor.clone()))
    monkeypatch.setattr(distributed, "get_world_size", lambda: 2)
    return sent


@pytest.mark.parametrize("accumulation", [1, 2])
def test_one_exchange_halves_all(exchanged, accumulation):
    alone, shared = (
        make_game(SmallGenerator(), SmallDiscriminator(), "js", accumulation=accumulation) for _ in range(2)
    )
    for name, player in shared.players.items():
        player.network.load_state_dict(alone.players[name].network.state_dict())
    for game in (alone, shared):
        game._gradients(game.players["discriminator"], points(4))
    ours, theirs = (game.players["discriminator"] for game in (shared, alone))
    average(ours)
    assert len(exchanged) == 1
    for one, two in zip(ours.parameters, theirs.parameters, strict=True):
        torch.testing.assert_close(one.grad, two.grad / 2.0)
    for name, value in theirs.values.items():
        torch.testing.assert_close(ours.values[name], value / 2.0)
    logged = [game.window.flush() for game in (shared, alone)]
    assert logged[0] == pytest.approx({name: value / 2.0 for name, value in logged[1].items()})


def test_strides_and_types_stay(exchanged):
    game = make_game(SmallGenerator(), SmallDiscriminator(), "js")
    player = game.players["discriminator"]
    odd = torch.nn.Parameter(torch.zeros(2, 3, 4, 4).to(memory_format=torch.channels_last))
    odd.grad = torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last)
    expected = odd.grad / 2.0
    player.parameters = [odd]
    player.values = {"term": torch.tensor(4.0, dtype=torch.float64)}
    average(player)
    assert torch.equal(odd.grad, expected)
    assert odd.grad.is_contiguous(memory_format=torch.channels_last)
    assert player.values["term"] == 2.0
    assert exchanged[0].dtype == torch.float64


def test_a_number_that_is_not_finite_reaches_all(exchanged):
    game = make_game(SmallGenerator(), SmallDiscriminator(), "js")
    player = game.players["discriminator"]
    game._gradients(player, points(4))
    player.parameters[0].grad[0, 0] = torch.inf
    average(player)
    assert exchanged[0].isinf().any()
    assert game.skips.judge(player, 0) == 1.0
