"""What several processes draw together is what one draws alone, by whole packs."""

import pytest
import torch

from gan_zoo import processes
from gan_zoo.draws import Draws
from gan_zoo.game.shares import Shares, by_packs


def joined(parts, members):
    """Return the rows of all processes in the order of one."""
    packs = [part.unflatten(0, (-1, members)) for part in parts]
    return torch.stack(packs, 1).flatten(0, 2)


@pytest.mark.parametrize("world", [2, 4])
@pytest.mark.parametrize("packs", [1, 2])
def test_all_shares_are_the_whole(world, packs):
    whole = Draws(3).normal((16, 5), "latents", 7)
    with processes.together(world):
        parts = [
            Shares(3, rank, world, packs).normal((16 // world, 5), "latents", 7) for rank in range(world)
        ]
    assert torch.equal(joined(parts, packs), whole)


@pytest.mark.parametrize("kind", ["uniform", "integers"])
def test_rows_that_are_packs_are_dealt_one_by_one(kind):
    arguments = (9,) if kind == "integers" else ()
    whole = getattr(Draws(3), kind)(*arguments, (8,), "labels", 7)
    parts = []
    for rank in range(2):
        draws = Shares(3, rank, 2, packs=2)
        with processes.together(2), by_packs(draws):
            parts.append(getattr(draws, kind)(*arguments, (4,), "labels", 7))
        assert draws._members == 2
    assert torch.equal(joined(parts, 1), whole)


def test_outside_of_a_turn_a_process_draws_as_one_would():
    assert torch.equal(Shares(3, 1, 4, 2).normal((6,), "grid"), Draws(3).normal((6,), "grid"))


def test_other_draws_have_no_packs():
    draws = Draws(3)
    with by_packs(draws):
        assert torch.equal(draws.normal((6,), "grid"), Draws(3).normal((6,), "grid"))
