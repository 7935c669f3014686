import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from gan_zoo.callbacks import vital_signs as signs


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_distance_within_and_between_by_hand():
    rows = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]])
    pairs = [5.0, 1.0, math.hypot(3.0, 3.0)]
    assert signs.within(rows) == pytest.approx(sum(pairs) / 3, rel=1e-6)
    assert signs.between(rows[:1], rows[1:]) == pytest.approx(3.0)


@pytest.mark.parametrize("rows", [3, 40])  # below and above where torch switches to matrix products
def test_collapsed_samples_have_no_diversity(rows):
    assert signs.within(torch.full((rows, 5), 0.7)) == pytest.approx(0.0, abs=2e-3)


def test_diversity_of_a_gaussian():
    """Two points of N(0, I) in the plane are sqrt(pi) apart on average."""
    assert signs.within(draw(2000, 2)) == pytest.approx(math.sqrt(math.pi), rel=0.02)


def energy(fake, real):
    return signs.energy_distance(signs.within(fake), signs.within(real), signs.between(fake, real))


def test_energy_distance_is_zero_between_equals_and_one_for_a_single_real():
    real, other = draw(1500, 2), draw(1500, 2, seed=1)
    assert energy(other, real) == pytest.approx(0.0, abs=0.01)
    circle = torch.linspace(0.0, 2.0 * math.pi, 401)[:-1]
    ring = torch.stack([circle.cos(), circle.sin()], 1)
    assert energy(ring[:1].repeat(50, 1), ring) == pytest.approx(1.0, abs=0.01)


def test_energy_distance_of_a_shift_by_hand():
    real, fake = torch.tensor([[0.0], [1.0]]), torch.tensor([[5.0], [6.0]])
    assert energy(fake, real) == pytest.approx((2.0 * 5.0 - 1.0 - 1.0) / 1.0)


def test_energy_distance_grows_as_the_generator_leaves_modes():
    real = torch.cat([draw(100, 2) * 0.01 + 3.0 * torch.tensor([math.cos(a), math.sin(a)]) for a in range(6)])
    lost = [energy(real[: 100 * modes], real) for modes in (6, 4, 2, 1)]
    assert lost == sorted(lost)


def test_mode_seeking_ratio_of_a_linear_generator():
    latents = draw(64, 3)
    assert signs.mode_seeking_ratio(2.5 * latents, latents) == pytest.approx(2.5)
    assert signs.mode_seeking_ratio(torch.ones(64, 1, 4, 4), latents) == 0.0


def test_pairs_within_a_class_are_compared_and_no_others():
    rows = torch.tensor([[0.0], [10.0], [1.0], [14.0]])
    labels = torch.tensor([0, 1, 0, 1])
    assert signs.class_distance(rows, labels) == pytest.approx((1.0 + 4.0) / 2)
    assert signs.class_distance(rows, None) == pytest.approx((10.0 + 9.0 + 13.0) / 3)
    assert signs.class_distance(rows, torch.arange(4)) == 0.0  # no class has two


def test_probability_above_by_hand_and_for_constants():
    first, second = torch.tensor([1.0, 3.0]), torch.tensor([2.0, 3.0])
    assert signs.probability_above(first, second) == pytest.approx((0.0 + 0.0 + 1.0 + 0.5) / 4)
    assert signs.probability_above(torch.zeros(9), torch.zeros(4)) == 0.5
    assert signs.probability_above(torch.ones(9), torch.zeros(4)) == 1.0
    assert torch.isnan(signs.probability_above(torch.tensor([1.0, math.nan]), second))


@given(st.lists(st.integers(-5, 5), min_size=1), st.lists(st.integers(-5, 5), min_size=1))
def test_probability_above_is_symmetric_and_blind_to_scale(first, second):
    a, b = torch.tensor(first).float(), torch.tensor(second).float()
    found = signs.probability_above(a, b)
    assert found + signs.probability_above(b, a) == pytest.approx(1.0)
    assert signs.probability_above(7.0 * a - 3.0, 7.0 * b - 3.0) == pytest.approx(float(found))


def test_coverage_counts_cells_alike_and_leaves_out_empty_ones():
    expected = torch.tensor([0.5, 0.3, 0.2, 0.0])
    assert signs.covered(expected, expected) == 1.0
    assert signs.covered(torch.tensor([0.97, 0.0, 0.03, 0.0]), expected) == pytest.approx(2 / 3)
    assert signs.covered(torch.tensor([0.99, 0.01, 0.0, 0.0]), expected) == pytest.approx(1 / 3)
    assert signs.shares(torch.tensor([0, 0, 2, 1]), 4).tolist() == [0.5, 0.25, 0.25, 0.0]


@pytest.mark.parametrize("seed", range(5))
def test_divergence_of_histograms_equals_that_of_scipy(seed):
    generator = torch.Generator().manual_seed(seed)
    found, expected = (torch.rand(9, generator=generator) * (torch.arange(9) % step > 0) for step in (3, 4))
    found, expected = found / found.sum(), expected / expected.sum()
    value = float(signs.jensen_shannon_divergence(found, expected))
    assert value == pytest.approx(jensenshannon(found.numpy(), expected.numpy()) ** 2, abs=1e-6)
    assert float(signs.jensen_shannon_divergence(found, found)) == pytest.approx(0.0, abs=1e-7)
    apart = signs.jensen_shannon_divergence(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))
    assert float(apart) == pytest.approx(math.log(2.0))


def test_cells_find_separate_clusters_and_draw_nothing_of_the_global_generator():
    clusters = torch.cat([draw(50, 2, seed=i) * 0.01 + 5.0 * i for i in range(4)])
    before = torch.get_rng_state()
    centers = signs.cells_of(clusters, 4, torch.Generator().manual_seed(3), rounds=30)
    assert torch.equal(torch.get_rng_state(), before)
    again = signs.cells_of(clusters, 4, torch.Generator().manual_seed(3), rounds=30)
    assert torch.equal(centers, again)
    assert signs.nearest(clusters, centers)[0].mean() < 5.0
    few = signs.cells_of(clusters[:3], 16, torch.Generator())
    assert len(few) == 3


def test_images_are_averaged_down_and_vectors_are_left_alone():
    images = draw(2, 3, 64, 32)
    assert signs.flat(images).shape == (2, 3 * 16 * 16)
    assert torch.equal(signs.flat(images[..., :16, :16]), images[..., :16, :16].flatten(1))
    assert torch.equal(signs.flat(draw(5, 2)), draw(5, 2))
    assert torch.allclose(signs.flat(torch.full((1, 1, 48, 48), 0.3)), torch.full((1, 256), 0.3))


def test_norms_and_what_is_not_finite():
    assert signs.norm([torch.tensor([3.0]), torch.tensor([[4.0]])]) == pytest.approx(5.0)
    assert signs.norm([]) == 0.0
    values = [torch.tensor(1.0), torch.tensor(math.inf), torch.tensor(math.nan)]
    assert signs.not_finite(values) == 2.0
