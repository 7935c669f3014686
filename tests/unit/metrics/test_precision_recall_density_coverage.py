"""Precision, recall, density, coverage, realism and authenticity against their definitions, written out."""

import sys

import numpy as np
import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics import neighbors
from gan_zoo.metrics.functional import authenticity, precision_recall_density_coverage, realism


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def distances(first, second):
    return np.array([np.sqrt(((second - row) ** 2).sum(1)) for row in first])


def by_definition(real, fake, k):
    real, fake = real.numpy(), fake.numpy()
    real_radii = np.sort(distances(real, real), axis=1)[:, k]
    fake_radii = np.sort(distances(fake, fake), axis=1)[:, k]
    crossed = distances(real, fake)
    in_real, in_fake = crossed < real_radii[:, None], crossed < fake_radii[None]
    return in_real.any(0).mean(), in_fake.any(1).mean(), in_real.sum(0).mean() / k, in_real.any(1).mean()


def four(real, fake, k):
    found = precision_recall_density_coverage(real, fake, k)
    return found.precision, found.recall, found.density, found.coverage


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("width", [1, 2, 16, 17, 200])
@pytest.mark.parametrize("scale", [0.7, 1.0, 1.3])
def test_equal_their_definition(width, k, scale):
    real, fake = normal(80, width), normal(60, width, seed=1) * scale + 0.1
    assert four(real, fake, k) == pytest.approx(by_definition(real, fake, k), abs=1e-12)


@pytest.mark.parametrize("width", [2, 17, 200])
def test_single_precision_gives_the_numbers_of_double(width):
    real, fake = (normal(80, width) + 2.0).float(), (normal(60, width, seed=1) * 0.7 + 2.0).float()
    fake[10:40] = fake[:1] + 1e-6 * normal(30, width, seed=2).float()  # copies and all but copies
    expected = by_definition(real.double(), fake.double(), 3)
    for one, other in ((real, fake), (real.double(), fake), (real, fake.numpy())):
        assert four(one, other, 3) == pytest.approx(expected, abs=1e-12)


def test_numbers_that_vanish_in_single_precision():
    real, fake = normal(20, 40) * 1e-25, normal(20, 40, seed=1) * 1e-25
    ends = torch.zeros(2, 40).double()
    ends[0, 0], ends[1, 0] = 1.0, -1.0
    assert four(torch.cat([real, ends]), fake, 3) == pytest.approx(
        by_definition(torch.cat([real, ends]), fake, 3), abs=1e-12
    )


def test_single_precision_with_a_negative_bit():
    real = torch.complex(torch.zeros(30, 20), normal(30, 20).float()).conj().imag
    assert real.is_neg()
    assert four(real, real.clone(), 3) == (1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("width", [2, 50])
@pytest.mark.parametrize("k", [1, 4])
def test_copies_and_collapse_equal_the_definition(width, k):
    real = normal(60, width)
    real[50:] = real[:10]
    for fake in (
        real[:3].repeat(20, 1),
        real[5:45].clone(),
        torch.cat([real[:20], normal(20, width, seed=1)]),
    ):
        assert four(real, fake, k) == pytest.approx(by_definition(real, fake, k), abs=1e-12)


@pytest.mark.parametrize("width", [2, 30, 500])
@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_a_set_against_itself_is_ideal(width, offset):
    """The k-th neighbor lies at the radius exactly, not within it: density is 1, not 1 + 1 / k."""
    real = normal(150, width) + offset
    assert four(real, real.flip(0), 5) == (1.0, 1.0, 1.0, 1.0)


def test_identical_points_have_empty_balls():
    real = torch.ones(20, 40)
    assert four(real, real, 3) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-8])
def test_near_copies_far_from_the_origin(gap):
    real = normal(3, 64).repeat(20, 1) + gap * normal(60, 64, seed=1) + 50.0
    fake = normal(3, 64).repeat(20, 1) + gap * normal(60, 64, seed=2) + 50.0
    assert four(real, fake, 5) == pytest.approx(by_definition(real, fake, 5), abs=1e-12)


def test_wide_features_in_many_blocks(monkeypatch):
    module = sys.modules["gan_zoo.metrics.functional.precision_recall_density_coverage"]
    monkeypatch.setattr(module, "_NUMBERS", 40 * 110)
    monkeypatch.setattr(neighbors, "_SIDE", 50)
    real, fake = normal(130, 600), normal(110, 600, seed=1) * 0.98
    fake[:50] = real[40:90] * (1 + 1e-7)  # which single precision cannot tell apart
    assert four(real, fake, 5) == pytest.approx(by_definition(real, fake, 5), abs=1e-12)


def test_lost_modes_cost_recall_and_coverage_but_not_precision():
    real = normal(400, 4)
    found = [
        precision_recall_density_coverage(
            real, real[:kept].repeat(400 // kept, 1)[:400] + 1e-4 * normal(400, 4)
        )
        for kept in (400, 100, 20, 5)
    ]
    assert [values.coverage for values in found] == sorted(
        (values.coverage for values in found), reverse=True
    )
    assert [values.recall for values in found] == sorted((values.recall for values in found), reverse=True)
    assert min(values.precision for values in found) > 0.99
    assert found[-1].coverage < 0.15


def test_coverage_of_one_distribution():
    """1 - 2^-k on average (Naeem et al., section 3.3)."""
    found = precision_recall_density_coverage(normal(1500, 8), normal(1500, 8, seed=1), neighbors=3)
    assert found.coverage == pytest.approx(1 - 2**-3, abs=0.03)
    assert found.density == pytest.approx(1.0, abs=0.1)


def realism_by_definition(real, fake, k):
    real, fake = real.numpy(), fake.numpy()
    radii = np.sort(distances(real, real), axis=1)[:, k]
    small = radii < np.median(radii)
    return (radii[small, None] / distances(real[small], fake)).max(0)


@pytest.mark.parametrize("count", [40, 41])
@pytest.mark.parametrize("width", [2, 60])
def test_realism_equals_its_definition(width, count):
    real, fake = normal(count, width), normal(30, width, seed=1)
    expected = realism_by_definition(real, fake, 3)
    np.testing.assert_allclose(realism(real, fake).numpy(), expected, rtol=1e-9)


def test_realism_of_copies_is_infinite_also_among_copies():
    real = normal(30, 3)
    assert torch.isinf(realism(real, real)).sum() == 15  # those with balls smaller than the median one
    alike = torch.ones(6, 3)
    assert torch.isinf(realism(alike, alike)).all()
    assert realism(alike, alike + 1.0).tolist() == [0.0] * 6
    square = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert realism(square, torch.tensor([[0.0, 2.0]]), neighbors=1).tolist() == [1.0]  # all radii are equal


def authenticity_by_definition(train, fake):
    train, fake = train.numpy(), fake.numpy()
    within = np.sort(distances(train, train), axis=1)[:, 1]
    crossed = distances(train, fake)
    return (within[crossed.argmin(0)] < crossed.min(0)).mean()


@pytest.mark.parametrize("width", [2, 60])
def test_authenticity_equals_its_definition(width):
    train, fake = normal(50, width), normal(70, width, seed=1)
    assert authenticity(train, fake) == pytest.approx(authenticity_by_definition(train, fake), abs=1e-12)
    half = torch.cat([train[:35], fake[:35]])
    assert authenticity(train, half) == pytest.approx(authenticity_by_definition(train, half), abs=1e-12)


def test_copies_are_not_authentic():
    train = normal(50, 30)
    assert authenticity(train, train.flip(0)) == 0.0
    assert authenticity(train, train + 1e-9) == 0.0
    assert authenticity(train, train + 100.0) == 1.0
    line = torch.tensor([[0.0], [2.0], [5.0]])
    assert authenticity(line, torch.tensor([[-2.0], [-2.5], [7.0]])) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("function", "real", "fake", "message"),
    [
        (precision_recall_density_coverage, 5, 20, "real: 5 samples are too few, a 5-th nearest neighbor"),
        (precision_recall_density_coverage, 20, 5, "fake: 5 samples are too few.*at least 6"),
        (realism, 3, 20, "real: 3 samples are too few, a 3-th nearest neighbor needs at least 4"),
        (authenticity, 1, 20, "train: 1 samples are too few"),
    ],
)
def test_too_few_samples_are_refused(function, real, fake, message):
    with pytest.raises(UserError, match=message):
        function(normal(real, 2), normal(fake, 2))


@pytest.mark.parametrize("neighbors", [0, 2.0, True])
def test_neighbors_are_a_whole_number(neighbors):
    for function in (precision_recall_density_coverage, realism):
        with pytest.raises(UserError, match=r"neighbors=.*whole number of at least 1"):
            function(normal(9, 2), normal(9, 2), neighbors)
