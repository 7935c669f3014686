"""Variance of cut Gaussians against scipy's distributions and samples; the way back."""

import math

import pytest
import torch
from scipy.stats import chi2

from gan_zoo.metrics.functional.truncated_normal import std_before_truncation, variance_after_truncation


@pytest.mark.parametrize("dimensions", [1, 2, 5, 700])
@pytest.mark.parametrize("radius", [0.5, 3.0, 30.0])
def test_is_the_ratio_of_two_chi_squared_distributions(radius, dimensions):
    inside = chi2.cdf(radius**2, dimensions)
    expected = chi2.cdf(radius**2, dimensions + 2) / inside if inside > 0 else radius**2 / (dimensions + 2)
    found = variance_after_truncation(torch.tensor(radius), dimensions).item()
    assert found == pytest.approx(expected, rel=1e-9)


def test_is_what_samples_have():
    samples = torch.randn(400_000, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    kept = samples[samples.norm(dim=1) <= 1.5]
    assert variance_after_truncation(torch.tensor(1.5), 2).item() == pytest.approx(
        kept.var().item(), rel=0.01
    )


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_the_way_back_is_exact(dimensions):
    std = torch.tensor([0.01, 0.5, 1.0, 1.2, 3.0], dtype=torch.float64)
    cut = std * variance_after_truncation(3.0 / std, dimensions).sqrt()
    torch.testing.assert_close(std_before_truncation(cut, 3.0, dimensions), std, rtol=1e-9, atol=0.0)


def test_an_even_ball_is_as_wide_as_can_be_told():
    std = torch.tensor([0.0, 3.0 / math.sqrt(4.0), math.nan], dtype=torch.float64)
    found = std_before_truncation(std, 3.0, 2)
    torch.testing.assert_close(found[:2], torch.tensor([0.0, 10.0]).double(), rtol=0.0, atol=1e-12)
    assert found[2].isnan()
