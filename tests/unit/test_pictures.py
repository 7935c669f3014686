import io
import math

import numpy as np
import pytest
import torch
from PIL import Image

from gan_zoo import pictures
from gan_zoo.pictures import GAP


def test_pixels_map_to_all_levels_and_back():
    levels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(pictures.to_uint8(levels.float() / 127.5 - 1.0), levels)
    beyond = torch.tensor([-7.0, 7.0, float("nan"), float("inf"), float("-inf")])
    assert pictures.to_uint8(beyond).tolist() == [0, 255, 0, 255, 0]


def test_a_grid_puts_every_image_where_it_belongs():
    images = torch.randint(
        0, 256, (5, 3, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    grid = np.asarray(pictures.grid(images, 3))
    assert grid.shape == (2 * (64 + GAP) + GAP, 3 * (64 + GAP) + GAP, 3)
    for index, image in enumerate(images):
        top, left = index // 3 * (64 + GAP) + GAP, index % 3 * (64 + GAP) + GAP
        shown = grid[top : top + 64 : 2, left : left + 64 : 2]  # enlarged by 2
        assert (shown == image.permute(1, 2, 0).numpy()).all()
        assert (grid[top + 1 : top + 64 : 2, left + 1 : left + 64 : 2] == shown).all()
    assert (grid[:GAP] == 255).all()
    assert (grid[64 + 2 * GAP :, -64:] == 255).all()  # the last cell is empty


@pytest.mark.parametrize(
    ("channels", "color"), [(1, [9, 9, 9]), (2, [9, 9, 0]), (3, [9, 9, 9]), (4, [9, 9, 9])]
)
def test_any_number_of_channels_is_shown(channels, color):
    grid = np.asarray(pictures.grid(torch.full((1, channels, 4, 6), 9, dtype=torch.uint8), 1))
    assert grid[GAP, GAP].tolist() == color


def test_row_names_stand_in_a_margin():
    images = torch.zeros(4, 1, 64, 64)
    plain, named = pictures.grid(images, 2), pictures.grid(images, 2, ["cat", "a very long name indeed"])
    margin = named.width - plain.width
    assert 20 < margin < 150
    assert np.array_equal(np.asarray(named)[:, margin:], np.asarray(plain))
    assert (np.asarray(named)[:66, :margin] < 100).any()  # there is text


def test_a_grid_of_nothing_is_refused():
    with pytest.raises(ValueError, match="needs images"):
        pictures.grid(torch.zeros(0, 1, 4, 4), 2)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_single_images_keep_their_size_and_kind(channels, mode):
    pixels = torch.randint(
        0, 256, (channels, 5, 7), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    picture = Image.open(io.BytesIO(pictures.image_png(pixels)))
    assert (picture.mode, picture.size) == (mode, (7, 5))
    assert np.array_equal(np.asarray(picture).reshape(5, 7, channels), pixels.permute(1, 2, 0).numpy())


def test_spherical_interpolation_follows_the_arc():
    angles = torch.tensor([0.0, math.pi / 3])
    start, end = torch.stack([angles.cos(), angles.sin()], dim=1)[:, None]
    path = pictures.spherical(start, end, torch.linspace(0.0, 1.0, 5))[0]
    expected = torch.linspace(0.0, math.pi / 3, 5)
    assert torch.allclose(path, torch.stack([expected.cos(), expected.sin()], dim=1), atol=1e-6)


def test_spherical_interpolation_keeps_ends_and_lengths():
    source = torch.Generator().manual_seed(0)
    start, end = torch.randn(2, 6, 256, generator=source)
    path = pictures.spherical(start, end, torch.linspace(0.0, 1.0, 9))
    assert torch.allclose(path[:, 0], start, atol=1e-5)
    assert torch.allclose(path[:, -1], end, atol=1e-5)
    assert (path.norm(dim=2) / 16.0 - 1.0).abs().max() < 0.2  # a straight line would fall to 0.7


@pytest.mark.parametrize("factor", [1.0, 2.0, -1.0])
def test_parallel_latents_are_joined_by_a_line(factor):
    start = torch.tensor([[1.0, 2.0, 2.0]])
    path = pictures.spherical(start, factor * start, torch.tensor([0.0, 0.5, 1.0]))[0]
    assert torch.allclose(path, start * torch.tensor([[1.0], [(1.0 + factor) / 2.0], [factor]]), atol=1e-5)


def find(picture, color):
    """Return the centers of mass (x, y) of pixels close to a color within the upper part of the frame."""
    pixels = np.asarray(picture).astype(int)[:540]
    rows, columns = np.nonzero(np.abs(pixels - color).sum(axis=2) < 90)
    return columns.mean(), rows.mean()


def test_a_scatter_shows_points_where_they_are_with_equal_units():
    corners = torch.tensor([[-1.0, -1.0], [1.0, 1.0]])
    red = [0xD1, 0x49, 0x5B]

    def at(x, y):
        return np.array(find(pictures.scatter(corners, torch.tensor([[x, y]]).repeat(9, 1)), red))

    center, right, up = at(0.0, 0.0), at(0.5, 0.0), at(0.0, 0.5)
    assert right[0] - center[0] == pytest.approx(center[1] - up[1], abs=1.5)
    assert right[0] - center[0] > 50
    assert abs(right[1] - center[1]) < 1.5


def test_points_outside_the_frame_and_not_finite_ones_are_counted(monkeypatch):
    from matplotlib.axes import Axes

    labels = []
    scatter = Axes.scatter
    monkeypatch.setattr(
        Axes, "scatter", lambda *given, **named: labels.append(named["label"]) or scatter(*given, **named)
    )
    generated = torch.tensor([[0.0, 0.0], [99.0, 0.0], [float("nan"), 0.0]])
    pictures.scatter(torch.tensor([[-1.0, -1.0], [1.0, 1.0]]), generated)
    assert labels == ["real (2)", "generated (3, 2 outside)"]


@pytest.mark.parametrize("width", [1, 2, 5])
def test_any_width_and_nothing_finite(width):
    assert pictures.scatter(None, torch.full((3, width), float("nan"))).size == (600, 600)
    assert pictures.plane(torch.ones(3, width)).shape == (3, 2)


def test_hidden_coordinates_are_named(monkeypatch):
    from matplotlib.axes import Axes

    titles = []
    monkeypatch.setattr(Axes, "set_title", lambda self, text, **kwargs: titles.append(text))
    pictures.scatter(torch.randn(4, 1200, generator=torch.Generator().manual_seed(0)), None, "gaussians")
    assert titles == ["gaussians, coordinates 1 and 2 of 1200"]


def test_plotting_does_not_touch_pyplot():
    import sys

    had = "matplotlib.pyplot" in sys.modules
    pictures.scatter(torch.zeros(1, 2), None)
    assert ("matplotlib.pyplot" in sys.modules) == had
