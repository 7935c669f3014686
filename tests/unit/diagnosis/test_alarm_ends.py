"""The judge of the alarm's proof: real data end well; what lacks modes, is a blob or is noise does not."""

import pytest
import torch

import alarm_ends
from gan_zoo.data.load import load_dataset
from gan_zoo.types import DataSpec

RING = {"name": "ring", "modes": 8, "std": 0.01, "radius": 1.0, "seed": 0, "labels": False}
DIGITS = {"name": "digits", "size": 16, "held_out": 0.97, "flip": False}


class Made(torch.nn.Module):
    """A generator that hands out given samples, a batch for each seed."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def sample(self, n, seed):
        first = (alarm_ends.SEED - seed) * n
        return self.values[torch.arange(first, first + n) % len(self.values)]


class Trained:
    def __init__(self, data, values, scale=1.0):
        shape = tuple(values.shape[1:])
        self.spec = DataSpec(name=data["name"], shape=shape, scale=scale)
        self.generator, self.about = Made(values), {"config": {"data": data}}


def end(monkeypatch, tmp_path, data, values):
    monkeypatch.setattr(alarm_ends, "load_trained", lambda folder: Trained(data, values))
    return alarm_ends.end_of(tmp_path)


def ring():
    return load_dataset({**RING, "samples": 10_000, "held_out_samples": 1}).train.values.float()


def test_a_perfect_ring_ends_well(monkeypatch, tmp_path):
    found = end(monkeypatch, tmp_path, RING, ring())
    assert found == {"modes": 8, "modes_of_data": 8, "good": 1.0, "bad": False}


@pytest.mark.parametrize("kept", [1, 4, 7])
def test_lost_modes_end_badly(monkeypatch, tmp_path, kept):
    values = ring()
    angle = torch.atan2(values[:, 1], values[:, 0]).div(torch.pi / 4).round().long() % 8
    found = end(monkeypatch, tmp_path, RING, values[angle < kept])
    assert (found["modes"], found["good"], found["bad"]) == (kept, 1.0, True)


def test_a_small_blob_and_numbers_that_are_not_finite_end_badly(monkeypatch, tmp_path):
    generator = torch.Generator().manual_seed(0)
    blob = 0.3 * torch.randn(10_000, 2, generator=generator)
    assert end(monkeypatch, tmp_path, RING, blob)["bad"]
    assert end(monkeypatch, tmp_path, RING, torch.full((10_000, 2), torch.nan))["modes"] == 0


def test_samples_near_modes_no_more_often_than_a_gaussian_end_badly(monkeypatch, tmp_path):
    """All modes have their tenth, but a Gaussian of the data's mean and covariance has 10.8 % near a mode."""
    centers = load_dataset({**RING, "samples": 1, "held_out_samples": 1}).modes.float()
    for each, bad in ((130, True), (150, False)):
        near = centers.repeat_interleave(each, 0)
        found = end(monkeypatch, tmp_path, RING, torch.cat([near, torch.zeros(10_000 - len(near), 2)]))
        assert (found["modes"], found["good"], found["bad"]) == (8, 8 * each / 10_000, bad)


@pytest.mark.slow
def test_real_digits_end_well_and_noise_and_few_classes_badly(monkeypatch, tmp_path):
    dataset = load_dataset({**DIGITS, "held_out": 0.1})
    real = dataset.train.values / 127.5 - 1.0
    found = end(monkeypatch, tmp_path, DIGITS, real)
    assert (found["modes"], found["bad"]) == (10, False)
    assert found["good"] > 0.9
    noise = 2.0 * torch.rand(10_000, 1, 16, 16, generator=torch.Generator().manual_seed(0)) - 1.0
    found = end(monkeypatch, tmp_path, DIGITS, noise)
    assert found["bad"]
    assert found["good"] == 0.0
    found = end(monkeypatch, tmp_path, DIGITS, real[dataset.train.labels < 8])
    assert (found["modes"], found["bad"]) == (8, True)
    first = torch.stack([real[dataset.train.labels == digit][0] for digit in range(10)])
    found = end(monkeypatch, tmp_path, DIGITS, first)  # one of each: every class, and hardly anything covered
    assert (found["modes"], found["bad"]) == (10, True)
