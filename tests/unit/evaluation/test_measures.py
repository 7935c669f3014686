"""Planted sets move each number the right way, and floor and ceiling lie around it."""

import inspect
import math
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from gan_zoo.data.base import Samples
from gan_zoo.errors import UserError
from gan_zoo.evaluation.evaluate import evaluate
from gan_zoo.evaluation.measures import MEASURES
from gan_zoo.evaluation.sets import SampleSet
from gan_zoo.evaluation.views import Context, whole
from tests.unit.evaluation.planted import CLASSES, ShapeExtractor, draw, planted_sets

SETTINGS = {
    "nearest_neighbor_accuracy": {"most": 300},
    "wasserstein_distance": {"most": 200},
    "sliced_wasserstein": {"patches_per_image": 4, "directions": 32},
    "ms_ssim": {"pairs": 600},
    "ms_ssim_by_class": {"pairs": 40},
    "kernel_distance": {"subsets": 10, "subset_size": 200},
    "inception_score": {"splits": 4},
    "ndb": {"bins": 12},
}
OF_IMAGES = sorted(
    name
    for name, part in ((name, MEASURES[name]) for name in MEASURES)
    if not {"modes", "paths"} & set(part.needs) and name not in ("lpips", "stacked_modes")
)


def copies(n: int) -> Samples:
    few = draw(5, 8)
    rows = torch.arange(n) % 5
    return Samples(few.values[rows], few.labels[rows])


CASES = {
    "good": lambda: draw(400, 7),
    "collapsed": lambda: copies(400),
    "dropped": lambda: draw(400, 7, classes=(0, 1)),
    "noisy": lambda: draw(400, 7, noise=0.8),
}
# Numbers that must be worse than those of a good set, and by case.
WORSE = {
    "fd": ("collapsed", "dropped", "noisy"),
    "kd": ("collapsed", "dropped", "noisy"),
    "cs": ("dropped",),
    "mode_score": ("dropped",),
    "nn_accuracy": ("collapsed", "dropped", "noisy"),
    "nn_accuracy_real": ("dropped",),
    "nn_accuracy_fake": ("collapsed", "noisy"),
    "precision": ("noisy",),
    "density": ("noisy",),
    "recall": ("collapsed", "dropped"),
    "coverage": ("collapsed", "dropped", "noisy"),
    "realism": ("noisy",),
    "wasserstein": ("collapsed", "dropped", "noisy"),
    "vendi": ("collapsed", "dropped"),
    "swd/mean": ("collapsed", "dropped", "noisy"),
    "ms_ssim": ("collapsed", "dropped", "noisy"),
    "collapsed_classes": ("collapsed",),
    "class_jsd": ("dropped",),
    "classes_missing": ("dropped",),
    "ndb": ("collapsed", "dropped", "noisy"),
    "ndb_jsd": ("collapsed", "dropped", "noisy"),
    "birthday_rate": ("collapsed",),
    "discriminability/20": (),
    "authenticity": (),
    "class_accuracy": (),
}


@pytest.fixture(scope="module")
def results() -> dict[str, dict]:
    """Return all numbers of all cases, by case and by name without the extractor."""
    found = {}
    for case, make in CASES.items():
        measures = {name: MEASURES.build(name, **SETTINGS.get(name, {})) for name in OF_IMAGES}
        context = Context(extractor=ShapeExtractor(), classes=CLASSES, conditional=True)
        evaluation = evaluate(planted_sets(make()), measures, context)
        assert evaluation.failures == {}
        found[case] = {
            record.name.replace("/shapes-planted-coarse-25@00000000", ""): record
            for record in evaluation.records
        }
    return found


def badness(record) -> float:
    if record.direction == "near":
        ideal = record.floor if record.ideal is None else record.ideal
        return abs(record.value - ideal)
    return record.value if record.direction == "lower" else -record.value


@pytest.mark.parametrize("number", WORSE)
def test_planted_faults_make_numbers_worse(results, number):
    good = badness(results["good"][number])
    for case in WORSE[number]:
        assert badness(results[case][number]) > good, case


def test_every_number_of_images_is_tried(results):
    tried = {number.split("/")[0] for number in WORSE}
    assert {number.split("/")[0] for number in results["good"]} - {"birthday_support"} == tried


# Nine in ten pairs of ten repeated images differ, so MS-SSIM hardly sees that collapse.
SEEN = [number for number, cases in WORSE.items() if "collapsed" in cases and number != "ms_ssim"]


@pytest.mark.parametrize("number", SEEN)
def test_a_good_set_lies_near_the_floor_and_a_collapsed_one_near_the_ceiling(results, number):
    good, collapsed = results["good"][number], results["collapsed"][number]
    span = abs(good.ceiling - good.floor)
    assert span > 0.0
    assert abs(good.value - good.floor) < 0.4 * span
    assert abs(collapsed.value - collapsed.ceiling) < abs(collapsed.value - collapsed.floor)


def test_a_collapsed_generator_of_real_images_still_obeys_its_labels(results):
    """What these numbers cannot see, and so must not be read as health."""
    for number in ("discriminability/20", "class_accuracy", "precision"):
        assert results["collapsed"][number].value > 0.9


@pytest.mark.parametrize("name", list(MEASURES))
def test_a_metric_is_called_like_its_file_and_says_what_is_good(name):
    part = MEASURES[name]
    assert Path(inspect.getfile(part)).stem == name
    assert inspect.getdoc(part).splitlines()[0].endswith(".")
    assert part.quantities
    assert all(quantity.direction in ("lower", "higher", "near") for quantity in part.quantities.values())


def test_the_support_of_few_samples_is_small(results):
    found = results["collapsed"]["birthday_support"]
    assert 1.0 < found.value < 20.0  # five images
    assert found.floor is None or found.floor > found.value


def test_classes_with_one_sample_are_left_out(context):
    real, fake = draw(60, 1), draw(60, 2, classes=(0, 1))
    fake.labels[0] = 3
    measure = MEASURES.build("ms_ssim_by_class", pairs=5)
    measure.fit(whole(SampleSet(real.values, real.labels), context.extractor), context)
    found = measure.measure(whole(SampleSet(fake.values, fake.labels), context.extractor))
    assert [math.isnan(value) for value in found.by_class["ms_ssim"]] == [False, False, True, True]


def test_classes_are_compared_with_the_least_diverse_real_one(context):
    real, fake = draw(80, 1, classes=(0, 1)), draw(80, 2, classes=(0, 1))
    alike = real.labels == 0
    real.values[alike] = real.values[alike][:1]  # a real class without any diversity
    measure = MEASURES.build("ms_ssim_by_class", pairs=20)
    measure.fit(whole(SampleSet(real.values, real.labels), context.extractor), context)
    found = measure.measure(whole(SampleSet(fake.values, fake.labels), context.extractor))
    assert measure.threshold == pytest.approx(1.0)
    assert found.numbers["collapsed_classes"] == 0.0


# Mixtures and paths ----------------------------------------------------------------------------------------

CENTERS = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])


def points(n: int, seed: int, modes: int = 4, std: float = 0.1) -> SampleSet:
    source = torch.Generator().manual_seed(seed)
    chosen = torch.randint(modes, (n,), generator=source)
    return SampleSet(CENTERS[chosen] + std * torch.randn(n, 2, generator=source))


def modes(samples: SampleSet) -> dict[str, float]:
    measure = MEASURES.build("modes_captured")
    measure.fit(whole(samples), Context(is_image=False, modes=CENTERS, mode_std=0.1))
    return measure.measure(whole(samples)).numbers


def test_modes_of_a_mixture():
    good, dropped = modes(points(2000, 0)), modes(points(2000, 0, modes=2))
    narrow, wide = modes(points(2000, 0, std=0.01)), modes(points(2000, 0, std=0.3))
    assert (good["modes"], dropped["modes"]) == (4.0, 2.0)
    assert good["high_quality"] == pytest.approx(0.989, abs=0.008)
    assert good["std_ratio"] == pytest.approx(1.0, abs=0.03)
    assert dropped["reverse_kl"] == pytest.approx(math.log(2.0), abs=0.01)
    assert narrow["high_quality"] == 1.0
    assert narrow["std_ratio"] < 0.2
    assert wide["high_quality"] < 0.6


def test_the_mixture_of_1200_dimensions_has_a_rule_of_its_own():
    context = Context(is_image=False, modes=CENTERS, mode_std=1.0, data="gaussians_1200d")
    assert "26 standard deviations" in MEASURES.build("modes_captured").unfit(context)
    assert MEASURES.build("modes_captured_1200d").unfit(context) is None
    ring = Context(is_image=False, modes=CENTERS, mode_std=1.0, data="ring")
    assert "metrics=[modes_captured]" in MEASURES.build("modes_captured_1200d").unfit(ring)


def test_smoothness_between_a_fade_and_a_jump(extractor):
    from gan_zoo.evaluation.generate import real_paths

    context = Context(extractor=extractor, paths=True)
    real = SampleSet(draw(100, 1).values)
    found = {}
    for jump in (False, True):
        measure = MEASURES.build("latent_smoothness")
        paths = real_paths(real, jump)
        measure.fit(whole(paths, extractor), context)
        found[jump] = measure.measure(whole(paths, extractor)).numbers
    assert found[False]["smoothness"] == pytest.approx(1.0, abs=0.1)
    assert found[True]["smoothness"] == pytest.approx(16.0)


def measured(measure, view, context):
    measure.fit(view, context)
    return measure.measure(view)


def test_too_few_samples_are_refused_by_the_metric(context):
    view = whole(SampleSet(draw(1, 1).values, torch.zeros(1, dtype=torch.int64)), context.extractor)
    for name in ("frechet_distance", "precision_recall_density_coverage", "ms_ssim"):
        measure = MEASURES.build(name)
        with pytest.raises(UserError):
            measured(measure, view, context)


def test_stacked_digits_are_counted_by_their_classifier_alone(context):
    measure = MEASURES.build("stacked_modes")
    assert "extractor=stacked_classifier" in measure.unfit(context)
    seen = torch.nn.functional.one_hot(torch.tensor([5, 5, 123, 999]), 1000).double()
    view = SimpleNamespace(probabilities=seen)
    numbers = measure.measure(view).numbers
    assert (numbers["stacked_modes"], numbers["stacked_modes_twice"]) == (3.0, 1.0)
