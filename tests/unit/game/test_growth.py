"""The growth schedule against Karras et al. 2018 (arXiv:1710.10196), and reals that fade like fakes."""

import pytest
import torch
from torch.nn.functional import avg_pool2d, interpolate

from gan_zoo.game.growth import Growth
from gan_zoo.systems.adversarial import at_stage
from gan_zoo.types import Stage

PAPER = Growth(tuple(2**i for i in range(2, 11)), train_kimg=800.0, fade_kimg=800.0)


def official_lod(kimg, train=800.0, fade=800.0, levels=8.0):
    """Level of detail as the official schedule computes it: train first, then fade."""
    phase = int(kimg // (train + fade))
    since = kimg - phase * (train + fade)
    lod = levels - phase - max(since - train, 0.0) / fade
    return max(lod, 0.0)


@pytest.mark.parametrize("kimg", [0.0, 400.0, 799.0, 800.0, 1200.0, 1599.5, 1600.0, 5000.0, 12400.0, 19000.0])
def test_follows_the_official_schedule(kimg):
    """lod = (index of the last level - level) + (1 - fade)."""
    stage = PAPER.stage(round(kimg * 1000))
    assert 8 - stage.level + (1.0 - stage.fade) == pytest.approx(official_lod(kimg), abs=1e-9)


def test_phase_changes_at_the_start_and_end_of_each_fade():
    phases = [PAPER.phase(images) for images in range(0, 4_000_000, 1000)]
    changes = [i for i in range(1, len(phases)) if phases[i] != phases[i - 1]]
    assert changes == [800, 1600, 2400, 3200]


def test_stage_images_restart_at_each_level():
    assert PAPER.stage_images(799_000) == 799_000
    assert PAPER.stage_images(800_000) == 0
    assert PAPER.stage_images(2_500_000) == 100_000


def test_batch_size_takes_the_next_smaller_listed_level():
    growth = Growth((4, 8, 16), 1.0, 1.0, batch_size={4: 64, 16: 8})
    assert [growth.batch_at(images, 5) for images in (0, 1000, 3000)] == [64, 64, 8]
    assert Growth((4, 8), 1.0, 1.0).batch_at(0, 5) == 5


class TurnAt:
    """The part of a turn that `at_stage` looks at."""

    levels = (4, 8, 16)

    def __init__(self, level, fade):
        self.stage = Stage(level, fade)


def test_reals_are_faded_too():
    images = torch.rand(2, 3, 16, 16)
    fine = avg_pool2d(images, 2)
    coarse = interpolate(avg_pool2d(images, 4), scale_factor=2.0)
    torch.testing.assert_close(at_stage(images, TurnAt(1, 0.25)), 0.75 * coarse + 0.25 * fine)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_fully_faded_reals_are_the_box_filtered_images(level):
    images = torch.rand(2, 3, 16, 16)
    torch.testing.assert_close(at_stage(images, TurnAt(level, 1.0)), avg_pool2d(images, 4 // 2**level))


def test_fade_zero_is_the_coarser_level_enlarged():
    images = torch.rand(2, 3, 16, 16)
    enlarged = interpolate(avg_pool2d(images, 4), scale_factor=2.0)
    torch.testing.assert_close(at_stage(images, TurnAt(1, 0.0)), enlarged)
