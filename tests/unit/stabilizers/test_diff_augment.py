"""Differentiable augmentation: each transform against what its drawn numbers say."""

import pytest
import torch

from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.stabilizers.diff_augment import TRANSFORMS, DiffAugment, color, cutout, translation
from gan_zoo.types import DataSpec


def images(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def draw(rows: int, numbers: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(rows, numbers, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("name", "neutral"), [("color", 0.5), ("translation", 0.5), ("cutout", 0.5)])
def test_zero_strength_is_the_identity(name: str, neutral: float) -> None:
    transform, numbers = TRANSFORMS[name]
    x = images(4, 3, 8, 8)
    torch.testing.assert_close(transform(x, draw(4, numbers), 0.0), x)
    if name != "cutout":
        torch.testing.assert_close(transform(x, torch.full((4, numbers), neutral), 1.0), x)


def test_translation_moves_a_point_by_the_drawn_whole_number() -> None:
    x = torch.zeros(25, 1, 16, 12)
    x[:, :, 8, 6] = 1.0
    shifts = [(dy, dx) for dy in range(-2, 3) for dx in range(-2, 3)]
    # 1/8 of 16 is 2 and of 12 is 2 (rounded): five equally likely shifts on either axis
    numbers = torch.tensor([[(dy + 2.5) / 5.0, (dx + 2.5) / 5.0] for dy, dx in shifts])
    moved = translation(x, numbers, 0.125)
    for row, (dy, dx) in enumerate(shifts):
        assert moved[row, 0, 8 + dy, 6 + dx] == 1.0
        assert moved[row].sum() == 1.0


@pytest.mark.parametrize(("edge", "shift"), [(0.0, -2), (1.0 - 2**-24, 2)])
def test_translation_fills_with_zeros_and_stays_in_range(edge: float, shift: int) -> None:
    moved = translation(torch.ones(1, 2, 16, 16), torch.tensor([[edge, 0.5]]), 0.125)
    expected = torch.ones(1, 2, 16, 16)
    expected[:, :, slice(14, 16) if shift < 0 else slice(0, 2)] = 0.0
    torch.testing.assert_close(moved, expected)


@pytest.mark.parametrize("size", [8, 9])
def test_cutout_hides_one_rectangle_of_the_stated_size(size: int) -> None:
    hidden = cutout(torch.ones(500, 2, size, 2 * size), draw(500, 2), 0.5) == 0.0
    assert torch.equal(hidden[:, 0], hidden[:, 1])
    rows, columns = hidden[:, 0].any(2), hidden[:, 0].any(1)
    assert torch.equal(hidden[:, 0], rows[:, :, None] & columns[:, None, :])
    tall, wide = int(size * 0.5 + 0.5), size
    assert rows.sum(1).max() == tall
    assert columns.sum(1).max() == wide
    middle = cutout(torch.ones(1, 1, size, 2 * size), torch.tensor([[0.5, 0.5]]), 0.5)
    assert (middle == 0.0).sum() == tall * wide
    assert rows.sum(1).min() >= tall // 2  # the center is inside, so at least half of it shows
    shares = rows.float().mean(0)
    torch.testing.assert_close(shares, shares.flip(0), atol=0.1, rtol=0.0)  # no side is preferred


def test_color_in_closed_form() -> None:
    x, numbers = images(5, 3, 4, 4), draw(5, 3)
    out = color(x, numbers, 1.0)
    for row in range(5):
        brightness, saturation, contrast = (numbers[row].double() - torch.tensor([0.5, 0.0, -0.5])).tolist()
        y = x[row] + brightness
        gray = y.mean(0)
        y = torch.stack([gray + 2.0 * saturation * (channel - gray) for channel in y])
        y = y.mean() + contrast * (y - y.mean())
        torch.testing.assert_close(out[row], y, rtol=1e-6, atol=1e-6)


def test_saturation_is_nothing_to_grey_images() -> None:
    x = images(2, 1, 4, 4)
    less, more = (torch.tensor([[0.1, saturation, 0.2]] * 2) for saturation in (0.0, 0.9))
    assert torch.equal(color(x, less, 1.0), color(x, more, 1.0))


@pytest.mark.parametrize("name", TRANSFORMS)
def test_samples_are_augmented_apart(name: str) -> None:
    transform, numbers = TRANSFORMS[name]
    x, drawn = images(6, 3, 16, 16), draw(6, numbers, seed=3)
    whole = transform(x, drawn, 0.5)
    for row in range(6):
        torch.testing.assert_close(
            whole[row : row + 1], transform(x[row : row + 1], drawn[row : row + 1], 0.5)
        )
    same = transform(x[:1].expand(6, -1, -1, -1), drawn, 0.5)
    assert len({tuple(row.flatten().tolist()) for row in same}) > 3


def test_the_view_is_differentiable_twice() -> None:
    def view(x: torch.Tensor) -> torch.Tensor:
        return DiffAugment().view(x, Draws(0), 0.0).square()

    x = images(2, 2, 4, 4).requires_grad_()
    assert torch.autograd.gradcheck(view, (x,))
    assert torch.autograd.gradgradcheck(view, (x,))


def test_the_view_keeps_shape_and_strides() -> None:
    x = torch.randn(4, 3, 16, 8)
    draws = Draws(0)
    plain = DiffAugment().view(x, draws, 0.0)
    last = DiffAugment().view(x.contiguous(memory_format=torch.channels_last), draws, 0.0)
    assert plain.stride() == x.stride()
    assert last.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(plain, last)


def test_the_policy_chooses_and_strength_zero_changes_nothing() -> None:
    x = torch.ones(16, 1, 8, 8)
    seen = DiffAugment(policy=["cutout"]).view(x, Draws(0), 0.0)
    assert set(seen.unique().tolist()) == {0.0, 1.0}
    assert DiffAugment().strengths == {"color": 1.0, "translation": 0.125, "cutout": 0.5}
    assert not DiffAugment(policy=["color"], color=0.0).changes_view()
    assert DiffAugment.order == 10


def test_vectors_are_refused() -> None:
    DiffAugment().check(DataSpec("digits", (1, 32, 32)))
    with pytest.raises(UserError, match="data=ring"):
        DiffAugment().check(DataSpec("ring", (2,)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"policy": []}, "policy"),
        ({"policy": "color"}, "policy"),
        ({"policy": ["color", "color"]}, "policy"),
        ({"policy": ["colour"]}, "Did you mean 'color'"),
        ({"color": -1.0}, "color"),
        ({"translation": 1.5}, "translation"),
        ({"cutout": -0.5}, "cutout"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DiffAugment(**arguments)
