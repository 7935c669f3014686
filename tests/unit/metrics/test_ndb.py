"""Bins and their test: against scipy and a loop, the floor of true samples, planted faults, bad input."""

import math
import pickle

import numpy as np
import pytest
import torch
from scipy.stats import norm

from gan_zoo.errors import UserError
from gan_zoo.metrics import Ndb
from gan_zoo.metrics.functional import fit_bins, ndb
from gan_zoo.metrics.functional.ndb import two_proportion_test


def clusters(samples, seed=0, kept=8):
    generator = torch.Generator().manual_seed(seed)
    component = torch.randint(kept, (samples,), generator=generator)
    angle = component * (2.0 * math.pi / 8.0)
    centers = 5.0 * torch.stack([angle.cos(), angle.sin(), 0.0 * angle], 1)
    return centers + torch.randn(samples, 3, generator=generator)


@pytest.fixture(scope="module")
def bins():
    return fit_bins(clusters(3000), 40)


def test_a_bin_is_the_nearest_center(bins):
    samples = clusters(200, seed=1)
    distances = ((samples.numpy()[:, None] - bins.centers.numpy()) ** 2).sum(2)
    assert bins.assign(samples).tolist() == distances.argmin(1).tolist()
    assert torch.bincount(bins.assign(clusters(3000)), minlength=40).tolist() == bins.counts.tolist()


def test_true_samples_differ_in_about_the_significance(bins):
    shares = [ndb(bins, clusters(3000, seed=seed)).share for seed in range(1, 41)]
    assert 0.02 < sum(shares) / len(shares) < 0.08
    assert max(shares) <= 0.2


def test_the_training_set_itself_does_not_differ(bins):
    found = ndb(bins, clusters(3000))
    assert (found.count, found.share, found.jensen_shannon_divergence) == (0, 0.0, 0.0)
    assert found.p_values.min() == 1.0


def test_a_missing_cluster_is_found_where_it_is_missing(bins):
    found = ndb(bins, clusters(3000, seed=1, kept=7))
    center = 5.0 * torch.tensor([math.sqrt(0.5), -math.sqrt(0.5), 0.0])
    missing = ((bins.centers - center).norm(dim=1) < 1.5).nonzero()[:, 0]
    assert len(missing) > 2
    assert found.different[missing].all()
    assert (found.proportions < found.train_proportions)[missing].all()
    assert found.count == int(found.different.sum()) > 5
    assert found.jensen_shannon_divergence > 10.0 * ndb(bins, clusters(3000, 1)).jensen_shannon_divergence


def test_the_test_is_the_pooled_one_of_two_proportions():
    first, second = torch.tensor([40, 0, 5, 55]), torch.tensor([10, 0, 0, 40])
    pooled = (first + second) / 150.0
    expected = [1.0] * 4
    for index, share in enumerate(pooled.tolist()):
        if share:
            difference = float(first[index] / 100.0 - second[index] / 50.0)
            z = difference / math.sqrt(share * (1.0 - share) * (1.0 / 100.0 + 1.0 / 50.0))
            expected[index] = 2.0 * norm.sf(abs(z))
    np.testing.assert_allclose(two_proportion_test(first, second), expected, rtol=1e-6)


def test_more_samples_find_more_but_do_not_move_the_divergence(bins):
    least, few, many = (ndb(bins, clusters(samples, 2, kept=7)) for samples in (200, 2000, 20_000))
    assert many.share > least.share
    assert many.jensen_shannon_divergence == pytest.approx(few.jensen_shannon_divergence, rel=0.35)


def test_wide_samples_are_binned_by_some_of_their_coordinates():
    images = torch.randint(256, (300, 3, 20, 20), generator=torch.Generator().manual_seed(0)).byte()
    wide = fit_bins(images, 5, seed=3)
    assert wide.width == 1200
    assert len(wide.dimensions) == len(wide.dimensions.unique()) == 200
    assert torch.equal(wide.dimensions, fit_bins(images, 5, seed=3).dimensions)
    assert not torch.equal(wide.dimensions, fit_bins(images, 5, seed=4).dimensions)
    everything = fit_bins(images, 5, most_dimensions=1200)
    assert everything.centers.shape == (5, 1200)
    for fitted in (wide, everything):
        assert torch.bincount(fitted.assign(images), minlength=5).tolist() == fitted.counts.tolist()
        assert torch.equal(fitted.assign(images), fitted.assign(images.flatten(1).numpy()))


def pictures(*shape, seed=0):
    return torch.randint(256, shape, generator=torch.Generator().manual_seed(seed)).byte()


@pytest.mark.parametrize(("channels", "other"), [(3, 1), (1, 3)])
def test_grey_against_color_is_refused_with_advice(channels, other):
    bins = fit_bins(pictures(40, channels, 6, 6), 3)
    with pytest.raises(UserError, match=r"Grey against color: .* images\.repeat\(1, 3, 1, 1\)"):
        ndb(bins, pictures(20, other, 6, 6))


@pytest.mark.parametrize("shape", [(20, 1, 8, 6), (20, 6, 6, 1), (20, 24)])
def test_another_shape_is_refused_with_advice(shape):
    bins = fit_bins(pictures(40, 1, 6, 6), 3)
    with pytest.raises(UserError, match=r"36 values per sample.*\[1, 6, 6\] against .*the same size"):
        bins.assign(pictures(*shape))


def test_other_units_than_those_of_the_training_set_are_refused():
    images = pictures(40, 1, 6, 6)
    scaled = images / 127.5 - 1.0
    bins = fit_bins(images, 3)
    for given in (scaled, scaled.flatten(1), scaled.numpy(), images + 0.3, images.float() - 1.0):
        with pytest.raises(UserError, match=r"fitted to uint8 .* got .*float32 from .*Convert images in \["):
            bins.assign(given)
    with pytest.raises(UserError, match=r"got torch\.float64 from -1 to 1\."):
        Ndb(bins).update(fake=scaled)
    with pytest.raises(UserError, match=r"fitted to floating-point values, got uint8.*convert images"):
        fit_bins(scaled, 3).assign(images)


def test_pixels_may_be_flattened_and_of_another_type():
    images = pictures(40, 1, 6, 6)
    expected = fit_bins(images, 3)
    metric = Ndb(expected)
    metric.update(fake=images)
    assert metric.compute().count == 0
    for train in (images, images.flatten(1), images.flatten(1).double(), images.numpy()):
        bins = fit_bins(train, 3)
        assert torch.equal(bins.centers, expected.centers)
        for given in (images, images.flatten(1), images.flatten(1).double(), images.numpy()):
            assert torch.equal(bins.assign(given), expected.assign(images))


def test_bins_that_were_saved_without_shape_and_type_still_load():
    images = pictures(40, 1, 6, 6)
    bins = fit_bins(images, 3)
    for name in ("shape", "is_uint8"):
        del bins.__dict__[name]
    loaded = pickle.loads(pickle.dumps(bins))  # noqa: S301
    assert torch.equal(loaded.assign(images), fit_bins(images, 3).assign(images))
    assert len(loaded.assign(images / 127.5 - 1.0)) == 40  # what it was fitted to is not known
    with pytest.raises(UserError, match="36 values per sample"):
        loaded.assign(images.repeat(1, 3, 1, 1))


def test_a_generator_draws_coordinates_and_clusters():
    images = pictures(300, 3, 20, 20)

    def drawn(seed):
        return fit_bins(images, 5, generator=torch.Generator().manual_seed(seed))

    assert torch.equal(drawn(3).dimensions, drawn(3).dimensions)
    assert torch.equal(drawn(3).centers, drawn(3).centers)
    assert not torch.equal(drawn(3).dimensions, drawn(4).dimensions)
    generator = torch.Generator().manual_seed(3)
    first, second = (fit_bins(images, 5, generator=generator) for _ in range(2))
    assert not torch.equal(first.dimensions, second.dimensions)


def test_whitening_makes_units_equal():
    samples = clusters(600)
    stretched = samples * torch.tensor([1.0, 1000.0, 1.0])
    plain = fit_bins(samples, 8, whiten=True).assign(samples)
    assert torch.equal(plain, fit_bins(stretched, 8, whiten=True).assign(stretched))
    far = samples + 1000.0
    fitted = fit_bins(far, 8, whiten=True)
    assert torch.bincount(fitted.assign(far), minlength=8).tolist() == fitted.counts.tolist()
    constant = torch.cat([samples, torch.ones(600, 1)], 1)
    assert fit_bins(constant, 8, whiten=True).centers.isfinite().all()


def test_blocks_do_not_matter(bins, monkeypatch):
    samples = clusters(100, seed=5)
    whole = bins.assign(samples)
    monkeypatch.setattr("gan_zoo.metrics.bins.BLOCK_VALUES", 30)
    assert torch.equal(bins.assign(samples), whole)


def test_draws_nothing_from_the_global_generators(bins):
    numpy_state, torch_state = np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    fit_bins(clusters(100), 4)
    assert (np.random.get_state()[1] == numpy_state).all()  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), torch_state)


def test_refuses_bad_input(bins):
    with pytest.raises(UserError, match=r"expected 2\.\.5"):
        fit_bins(torch.randn(5, 2), 6)
    with pytest.raises(UserError, match="fewer than 4 training samples differ"):
        fit_bins(torch.zeros(10, 2), 4)
    with pytest.raises(UserError, match="3 values per sample, got 4"):
        ndb(bins, torch.zeros(5, 4))
    with pytest.raises(UserError, match="not finite"):
        ndb(bins, torch.full((5, 3), math.nan))
    with pytest.raises(UserError, match="at least one sample"):
        ndb(bins, torch.zeros(0, 3))
    with pytest.raises(UserError, match="significance"):
        ndb(bins, clusters(10), significance=5.0)
