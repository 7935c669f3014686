"""Metrics over batches are their functions over all rows, with the options they were built with."""

import inspect

import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.metrics import METRICS
from gan_zoo.metrics import functional as f

DRAWS = torch.Generator().manual_seed(0)
REAL = torch.randn(60, 5, generator=DRAWS)
FAKE = torch.randn(60, 5, generator=DRAWS) * 1.2 + 0.1
SURE = (3.0 * torch.randn(60, 6, generator=DRAWS)).softmax(1)
REAL_SURE = (3.0 * torch.randn(60, 6, generator=DRAWS)).softmax(1)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


CASES = {
    "frechet_distance": [({}, lambda: f.frechet_distance(REAL, FAKE))],
    "kernel_distance": [
        (
            {"subsets": 7, "subset_size": 20, "seed": 3},
            lambda: f.kernel_distance(REAL, FAKE, subsets=7, subset_size=20, generator=seeded(3)),
        ),
        (
            {"kernel": "rbf", "estimator": "u_statistic", "sigma": 2.0, "subsets": None},
            lambda: f.kernel_distance(
                REAL, FAKE, kernel="rbf", estimator="u_statistic", sigma=2.0, subsets=None
            ),
        ),
        (
            {"degree": 2, "gamma": 0.3, "offset": 0.5, "subsets": None},
            lambda: f.kernel_distance(REAL, FAKE, degree=2, gamma=0.3, offset=0.5, subsets=None),
        ),
    ],
    "inception_score": [({"splits": 4}, lambda: f.inception_score(SURE, 4))],
    "mode_score": [({}, lambda: f.mode_score(SURE, REAL_SURE))],
    "nearest_neighbor_accuracy": [({}, lambda: f.nearest_neighbor_accuracy(REAL, FAKE))],
    "precision_recall_density_coverage": [
        ({"neighbors": 3}, lambda: f.precision_recall_density_coverage(REAL, FAKE, 3))
    ],
    "realism": [({"neighbors": 2}, lambda: f.realism(REAL, FAKE, 2).tolist())],
    "authenticity": [({}, lambda: f.authenticity(REAL, FAKE))],
    "wasserstein_distance": [({}, lambda: f.wasserstein_distance(REAL, FAKE))],
    "vendi_score": [({"q": 2}, lambda: f.vendi_score(FAKE, 2))],
}


@pytest.mark.parametrize(("name", "number"), [(name, n) for name in CASES for n in range(len(CASES[name]))])
def test_equals_its_function_over_all_rows(name, number):
    options, expected = CASES[name][number]
    metric = METRICS.build(name, **options)
    real, fake = (REAL_SURE, SURE) if name in ("inception_score", "mode_score") else (REAL, FAKE)
    for part in (slice(0, 1), slice(1, 33), slice(33, 60)):
        metric.update(real=real[part])
    for part in (slice(0, 45), slice(45, 60)):
        metric.update(fake=fake[part].numpy())
    found = metric.compute()
    found = found.tolist() if isinstance(found, torch.Tensor) else found
    assert found == (pytest.approx(expected(), rel=1e-12) if name == "frechet_distance" else expected())


@pytest.mark.parametrize("name", CASES)
def test_has_the_options_of_its_function_with_the_same_defaults(name):
    function = inspect.signature(getattr(f, name)).parameters
    for option, parameter in METRICS.parameters(name).items():
        if option != "seed":
            assert parameter.default == function[option].default, option


def test_what_a_metric_does_not_look_at_is_ignored():
    score = METRICS.build("vendi_score")
    score.update(real=torch.full((3, 2), float("nan")), fake=FAKE)
    assert score.compute() == f.vendi_score(FAKE)
    score.update()
    assert score.compute() == f.vendi_score(FAKE)


def test_statistics_take_no_more_memory_for_more_samples():
    metric = METRICS.build("frechet_distance")
    for _ in range(5):
        metric.update(real=REAL, fake=FAKE)
    assert {key: list(value.shape) for key, value in metric.state().items()} == {
        f"{side}/{key}": shape
        for side in ("real", "fake")
        for key, shape in (("count", []), ("mean", [5]), ("scatter", [5, 5]))
    }
    with pytest.raises(UserError, match="features were 5 wide, now they are 4 wide"):
        metric.update(real=REAL[:, :4])
    single = METRICS.build("frechet_distance")
    single.update(real=REAL[:1], fake=FAKE)
    with pytest.raises(UserError, match="at least 2"):
        single.compute()


def test_rows_of_another_form_are_refused():
    metric = METRICS.build("wasserstein_distance")
    metric.update(real=REAL)
    with pytest.raises(UserError, match=r"Batches differ in form: samples were \[5\], now they are \[4\]"):
        metric.update(real=REAL[:, :4])


def test_a_misspelled_option_gets_a_hint():
    with pytest.raises(UserError, match="Did you mean 'subsets'"):
        METRICS.build("kernel_distance", subset=3)
