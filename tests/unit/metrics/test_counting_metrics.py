"""Metrics over batches give what their functions give: for any batches, merged, restored."""

from dataclasses import asdict, is_dataclass

import pytest
import torch

from gan_zoo.data.mixture import on_circle
from gan_zoo.errors import UserError
from gan_zoo.metrics import (
    METRICS,
    BirthdaySupport,
    Discriminability,
    JensenShannonDivergence,
    LatentSmoothness,
    ModesCaptured,
    ModesCaptured1200d,
    MsSsim,
    Ndb,
    SlicedWasserstein,
    StackedModes,
)
from gan_zoo.metrics import functional as f
from gan_zoo.metrics.functional.jensen_shannon_divergence import jensen_shannon_divergence

SAMPLES = 60
DRAWS = torch.Generator().manual_seed(0)
POINTS = torch.randn(SAMPLES, 2, generator=DRAWS)
REAL = torch.randn(SAMPLES, 2, generator=DRAWS)
WIDE = torch.randn(SAMPLES, 1200, generator=DRAWS)
IMAGES = torch.randint(256, (SAMPLES, 1, 20, 20), generator=DRAWS).byte()
REAL_IMAGES = torch.randint(256, (SAMPLES, 1, 20, 20), generator=DRAWS).byte()
LABELS = torch.arange(SAMPLES) % 3
PATHS = torch.randn(SAMPLES, 5, 3, generator=DRAWS)
RING = on_circle(8, 1.0)
FLAT = torch.zeros(2, 1200) + torch.tensor([[0.0], [1.0]])
BINS = f.fit_bins(REAL, 6)
SEEDED = {"sizes": (10,), "repeats": 5}
PATCHES = {"patches_per_image": 3, "directions": 8}


def classify(images):
    return images.flatten(1).float()[:, :3]


CASES = {
    "modes_captured": (
        lambda: ModesCaptured(RING, 0.3), {"fake": POINTS}, lambda: f.modes_captured(POINTS, RING, 0.3),
    ),
    "modes_captured_1200d": (
        lambda: ModesCaptured1200d(FLAT), {"fake": WIDE}, lambda: f.modes_captured_1200d(WIDE, FLAT),
    ),
    "stacked_modes": (
        lambda: StackedModes(3), {"fake": LABELS}, lambda: f.stacked_modes(LABELS, classes=3),
    ),
    "ndb": (lambda: Ndb(BINS), {"fake": POINTS}, lambda: f.ndb(BINS, POINTS)),
    "jensen_shannon_divergence": (
        JensenShannonDivergence,
        {"real": REAL.exp(), "fake": POINTS.exp()},
        lambda: jensen_shannon_divergence(REAL.exp().double().sum(0), POINTS.exp().double().sum(0)),
    ),
    "sliced_wasserstein": (
        lambda: SlicedWasserstein(**PATCHES),
        {"real": REAL_IMAGES, "fake": IMAGES},
        lambda: f.sliced_wasserstein(
            REAL_IMAGES, IMAGES, generator=torch.Generator().manual_seed(0), **PATCHES
        ),
    ),
    "ms_ssim": (
        lambda: MsSsim(5), {"fake": IMAGES, "labels": LABELS}, lambda: f.ms_ssim_diversity(IMAGES, 5, LABELS),
    ),
    "discriminability": (
        lambda: Discriminability(classify, [5, 20]),
        {"fake": IMAGES, "labels": LABELS},
        lambda: f.discriminability(IMAGES, LABELS, classify, [5, 20]),
    ),
    "birthday_support": (
        lambda: BirthdaySupport(**SEEDED),
        {"real": REAL, "fake": POINTS},
        lambda: f.birthday_support(POINTS, REAL, **SEEDED),
    ),
    "latent_smoothness": (LatentSmoothness, {"fake": PATHS}, lambda: f.latent_smoothness(PATHS)),
}  # fmt: skip


def numbers(result):
    """Return a result as plain numbers that can be compared."""
    if is_dataclass(result):
        result = asdict(result)
    if isinstance(result, dict):
        return {key: numbers(value) for key, value in result.items()}
    if isinstance(result, torch.Tensor):
        return result.double().flatten().tolist()
    return result


def same(first, second):
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if first is None or second is None:
        return first is second
    return first == pytest.approx(second, rel=1e-9, abs=1e-12, nan_ok=True)


def fed(build, data, sizes):
    metric = build()
    start = 0
    for size in sizes:
        metric.update(**{side: values[start : start + size] for side, values in data.items()})
        start += size
    return metric


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def test_every_metric_is_registered():
    assert set(CASES) | {"lpips"} <= set(METRICS)


def test_batches_do_not_matter(case):
    build, data, expected = case
    for sizes in ([SAMPLES], [1, 20, 39], [30, 30]):
        assert same(numbers(fed(build, data, sizes).compute()), numbers(expected()))


def test_two_metrics_merge_and_a_state_restores(case):
    build, data, expected = case
    first = fed(build, {side: values[:25] for side, values in data.items()}, [25])
    second = fed(build, {side: values[25:] for side, values in data.items()}, [35])
    first.merge(second)
    restored = build()
    restored.load_state(first.state())
    restored.sync()  # without other processes nothing changes
    for metric in (first, restored):
        assert same(numbers(metric.compute()), numbers(expected()))
    assert all(isinstance(value, torch.Tensor) for value in first.state().values())


def test_nothing_is_known_before_the_first_batch_and_after_a_reset(case):
    build, data, _ = case
    metric = fed(build, data, [SAMPLES])
    metric.reset()
    for empty in (build(), metric):
        with pytest.raises(UserError, match="There are no"):
            empty.compute()


def test_counting_metrics_do_not_keep_samples():
    for name in ("modes_captured", "stacked_modes", "ndb", "discriminability"):
        build, data, _ = CASES[name]
        kept = sum(value.numel() for value in fed(build, data, [SAMPLES]).state().values())
        assert kept < SAMPLES


def test_a_batch_of_another_form_is_refused():
    metric = JensenShannonDivergence()
    metric.update(real=torch.rand(4, 3))
    with pytest.raises(UserError, match="Batches differ in form"):
        metric.update(real=torch.rand(4, 2))


def test_labels_are_needed_per_class_only():
    metric = MsSsim(5)
    metric.update(fake=IMAGES)
    assert metric.compute() == f.ms_ssim_diversity(IMAGES, 5)
    with pytest.raises(UserError, match="no labels"):
        metric.by_class()
    with pytest.raises(UserError, match="no labels"):
        Discriminability(classify).update(fake=IMAGES)
    metric.update(fake=IMAGES, labels=LABELS)  # labels for half of the images
    with pytest.raises(UserError, match="one for each of 120"):
        metric.compute()
