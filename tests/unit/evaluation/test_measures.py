"""Planted sets move each number the right way, and floor and ceiling lie around it."""

import hashlib
import inspect
import math
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from gan_zoo.data.base import Samples
from gan_zoo.errors import UserError
from gan_zoo.evaluation.evaluate import evaluate
from gan_zoo.evaluation.measures import MEASURES, sliced_wasserstein
from gan_zoo.evaluation.sets import SampleSet
from gan_zoo.evaluation.views import Context, whole
from gan_zoo.extractors.labels import ID_PATTERN
from gan_zoo.metrics.bins import Bins
from gan_zoo.metrics.functional import fit_bins, kernel_distance, ndb
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


def test_classes_that_were_not_measured_are_told(make_sets, context):
    """A generator that lost three of four classes has no collapsed one among those that are left."""
    fake = draw(200, 2, classes=(1,))
    fake.labels[0] = 3
    names = {"ms_ssim_by_class": MEASURES.build("ms_ssim_by_class", pairs=20)}
    lost = evaluate(make_sets(fake), names, context)
    assert lost.records[0].protocol["classes"] == 4
    assert lost.records[0].protocol["classes_measured"] == 1
    (warning,) = lost.warnings
    assert "share of 1 of 4 classes; 3 of them have fewer than 2 generated samples" in warning
    whole_ = evaluate(make_sets(draw(200, 2)), names, context)
    assert whole_.records[0].protocol["classes_measured"] == 4
    assert whole_.warnings == []


def test_there_is_no_accuracy_of_foreign_classes(context):
    real, fake = (SampleSet(draw(60, seed).values, draw(60, seed).labels) for seed in (1, 2))
    found, measure = {}, MEASURES.build("class_shares")
    for knows in (True, False):
        context.extractor.knows_data_classes = knows
        measure.fit(whole(real, context.extractor), context)
        result = measure.measure(whole(fake, context.extractor))
        found[knows] = set(result.numbers), set(result.by_class), measure.protocol()["classes"]
    shares = {"class_jsd", "classes_missing"}
    assert found[True] == ({*shares, "class_accuracy"}, {"predicted_count", "accuracy"}, "of the data")
    assert found[False] == (shares, set(), "of the extractor, not of the data")


def test_bins_get_pixels_as_they_are_and_each_sample_is_assigned_once(context, monkeypatch):
    """As float64, 10,000 color images of 256 pixels would take 15.7 GB."""
    seen, assign = [], Bins.assign
    monkeypatch.setattr(Bins, "assign", lambda bins, given: (seen.append(given), assign(bins, given))[1])
    real, fake = (whole(SampleSet(draw(200, seed).values)) for seed in (1, 2))
    measure = MEASURES.build("ndb", bins=10)
    measure.fit(real, context)
    found = measure.measure(fake)
    assert [(each.dtype, len(each)) for each in seen] == [(torch.uint8, 200)] * 2
    vectors = [view.values.flatten(1).double() for view in (real, fake)]
    bins = fit_bins(vectors[0], 10, seed=0)
    expected = ndb(bins, vectors[1])
    assert found.numbers == {"ndb": expected.share, "ndb_jsd": expected.jensen_shannon_divergence}
    assert torch.equal(found.detail.sample[1], bins.assign(vectors[1]))


def test_subsets_that_would_all_be_the_same_are_no_spread(context):
    real, fake = (whole(SampleSet(draw(60, seed).values), context.extractor) for seed in (1, 2))
    found = {}
    for size in (59, 60, 1000):
        measure = MEASURES.build("kernel_distance", subsets=3, subset_size=size)
        measure.fit(real, context)
        found[size] = measure.measure(fake), measure.protocol()
    assert found[59][0].std["kd"] > 0.0
    assert (found[59][1]["subsets"], found[59][1]["subset_size"]) == (3, 59)
    for size in (60, 1000):
        assert found[size][0].std == {}
        assert (found[size][1]["subsets"], found[size][1]["subset_size"]) == (None, None)
        expected = kernel_distance(real.features, fake.features, subsets=None).mean
        assert found[size][0].numbers == {"kd": expected}


def test_lpips_names_its_weights(tmp_path):
    found = []
    for content in (b"one", b"other"):
        trunk = tmp_path / "trunk.pth"
        trunk.write_bytes(content)
        protocol = MEASURES.build("lpips", trunk=str(trunk)).protocol()
        assert ID_PATTERN.fullmatch(protocol["extractor"])
        assert protocol["extractor"].endswith(f"@{protocol['extractor_sha256'][:8]}")
        assert protocol["trunk_sha256"] == hashlib.sha256(content).hexdigest()
        found.append(protocol)
    assert found[0]["extractor"] != found[1]["extractor"]
    assert found[0]["heads_sha256"] == found[1]["heads_sha256"]
    assert len(found[0]["heads_sha256"]) == 64


@pytest.mark.parametrize(
    ("settings", "stated"),
    [
        ({}, "16 per image (published 128), 512 directions (published 512), 60 images (published 16384)"),
        (
            {"patches_per_image": 128, "directions": 256, "most": 50},
            "128 per image (published 128), 256 directions (published 512), 50 images (published 16384)",
        ),
    ],
)
def test_patches_directions_and_images_stand_beside_the_published_ones(
    make_sets, context, monkeypatch, settings, stated
):
    result = SimpleNamespace(levels={16: 1.0}, mean=1.0)
    monkeypatch.setattr(sliced_wasserstein, "sliced_wasserstein", lambda *given, **options: result)
    measure = MEASURES.build("sliced_wasserstein", **settings)
    found = evaluate(make_sets(draw(60, 3)), {"swd": measure}, context)
    assert found.records[0].protocol["patches"] == stated


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
