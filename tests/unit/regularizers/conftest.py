"""One player's turn without a game: named tensors and a critic in float64."""

import zlib

import pytest
import torch

from gan_zoo.types import CriticOutput


class FakeQuantities:
    """Implements `Quantities` over given tensors; `critic` maps packed samples to a `CriticOutput`."""

    kimg = 0.0

    def __init__(self, critic, packs=1, **values):
        self.critic, self.packs, self.values = critic, packs, values
        self.judged_labels = None

    def judge(self, samples, labels):
        self.judged_labels = labels
        packed = samples.reshape(len(samples) // self.packs, -1)
        return self.critic(packed)

    def __getitem__(self, name):
        if name not in self.values:
            if name in ("labels", "fake_labels"):
                return None
            which, kind = name.split("_")
            output = self.judge(self.values[which], self.values.get("labels"))
            self.values[name] = output if kind == "output" else output.score
        return self.values[name]

    def differentiable(self, name):
        samples = self.values[name]
        if not samples.requires_grad:
            samples = samples.detach().requires_grad_()
        return samples, self.judge(samples, self["labels"]).score

    def differentiable_score(self, samples, labels):
        return self.judge(samples, labels).score

    def uniform(self, shape, purpose):
        source = torch.Generator().manual_seed(zlib.crc32(purpose.encode()))
        return torch.rand(shape, generator=source)


def linear_critic(weight):
    """D(x) = w . x, whose gradient is w everywhere."""
    return lambda samples: CriticOutput(samples @ weight)


def quadratic_critic(samples):
    """D(x) = ||x||^2 / 2, whose gradient is x: a penalty on it tells where it was evaluated."""
    return CriticOutput(0.5 * samples.square().sum(1))


@pytest.fixture
def quantities():
    return FakeQuantities


@pytest.fixture
def linear():
    return linear_critic


@pytest.fixture
def quadratic():
    return quadratic_critic


@pytest.fixture
def normal():
    """Draw N(0, 1) in float64."""
    source = torch.Generator().manual_seed(1)
    return lambda *shape: torch.randn(*shape, generator=source, dtype=torch.float64)
