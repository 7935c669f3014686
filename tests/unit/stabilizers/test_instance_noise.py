"""Instance noise: its size, its schedule and where it draws."""

import pytest
import torch

from gan_zoo.draws import Draws
from gan_zoo.stabilizers.instance_noise import InstanceNoise

LINEAR = {"kind": "linear", "start": 0.4, "end": 0.0, "start_kimg": 0.0, "end_kimg": 10.0}


@pytest.mark.parametrize(
    ("std", "kimg", "expected"), [(0.3, 99.0, 0.3), (LINEAR, 0.0, 0.4), (LINEAR, 5.0, 0.2)]
)
def test_the_noise_has_the_scheduled_size(std: object, kimg: float, expected: float) -> None:
    samples = torch.full((64, 3, 16, 16), 0.5)
    noise = InstanceNoise(std).view(samples, Draws(0), kimg) - samples
    assert noise.std().item() == pytest.approx(expected, rel=0.02)
    assert noise.mean().item() == pytest.approx(0.0, abs=0.01)


def test_without_noise_samples_pass_untouched() -> None:
    samples = torch.randn(4, 2)
    assert InstanceNoise(LINEAR).view(samples, Draws(0), 10.0) is samples
    assert not InstanceNoise(0.0).changes_view()
    assert InstanceNoise(LINEAR).changes_view()


def test_noise_scales_linearly_and_differs_by_position() -> None:
    samples, draws = torch.zeros(4, 2), Draws(0)
    with draws.at(0, "real"):
        once, twice = (
            InstanceNoise(0.1).view(samples, draws, 0.0),
            InstanceNoise(0.2).view(samples, draws, 0.0),
        )
    with draws.at(0, "fake"):
        other = InstanceNoise(0.1).view(samples, draws, 0.0)
    torch.testing.assert_close(twice, 2.0 * once)
    assert not torch.equal(once, other)


def test_it_comes_after_augmentation_and_before_packing() -> None:
    assert InstanceNoise.order == 20


@pytest.mark.parametrize("std", [-0.1, {**LINEAR, "end": -1.0}, "much", {"kind": "linear"}])
def test_bad_sizes_are_refused(std: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (a schedule has its own messages)
        InstanceNoise(std)
