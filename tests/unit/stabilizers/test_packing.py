"""Packing: which rows meet in a pack."""

import pytest
import torch

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.stabilizers.packing import Packing


def test_consecutive_rows_meet_along_the_channels() -> None:
    samples = torch.arange(6 * 2 * 3 * 3, dtype=torch.float32).view(6, 2, 3, 3)
    packed = Packing(3).view(samples, Draws(0), 0.0)
    assert packed.shape == (2, 6, 3, 3)
    for pack in range(2):
        torch.testing.assert_close(packed[pack], torch.cat([samples[3 * pack + k] for k in range(3)]))


def test_vectors_are_joined() -> None:
    packed = Packing(2).view(torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]), Draws(0), 0.0)
    torch.testing.assert_close(packed, torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]))


def test_packs_are_independent() -> None:
    samples = torch.randn(6, 2, requires_grad=True)
    packed = Packing(2).view(samples, Draws(0), 0.0)
    (gradient,) = torch.autograd.grad(packed[1].square().sum(), samples)
    assert torch.equal(gradient.abs().sum(1) > 0.0, torch.tensor([False, False, True, True, False, False]))


def test_one_sample_per_pack_changes_nothing_and_says_so() -> None:
    samples = torch.randn(3, 2)
    assert torch.equal(Packing(1).view(samples, Draws(0), 0.0), samples)
    assert not Packing(1).changes_view()
    assert Packing(2).changes_view()


def test_packing_comes_last_and_says_its_size() -> None:
    assert Packing.order == 30
    assert Packing(4).packs == 4


def test_what_cannot_be_packed_is_refused() -> None:
    with pytest.raises(UserError, match=r"5 samples .* packs=2"):
        Packing(2).view(torch.ones(5, 2), Draws(0), 0.0)
    with pytest.raises(ValueError, match="packs"):
        Packing(0)
