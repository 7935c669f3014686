import pytest
import torch

from gan_zoo.errors import UserError
from gan_zoo.evaluation.choose import check_names, choose, needs_extractor
from gan_zoo.evaluation.measures import MEASURES
from gan_zoo.evaluation.views import Context


def test_all_is_what_makes_sense_for_the_data(context):
    labelled, refused = choose(["all"], {}, context)
    assert refused == {}
    assert {"ms_ssim_by_class", "discriminability", "class_shares", "ndb"} <= set(labelled)
    assert not {"modes_captured", "latent_smoothness", "stacked_modes", "lpips"} & set(labelled)
    ring = Context(extractor=context.extractor, is_image=False, modes=torch.zeros(8, 2), mode_std=1.0)
    of_points, _ = choose(["all"], {}, ring)
    assert "modes_captured" in of_points
    assert not {"ms_ssim", "sliced_wasserstein"} & set(of_points)


def test_fast_is_part_of_all_and_comes_first(context):
    everything, fast = list(choose(["all"], {}, context)[0]), list(choose(["fast"], {}, context)[0])
    assert everything[: len(fast)] == fast
    assert len(fast) < len(everything) / 2


def test_what_fast_means_and_does_not_fit_is_no_failure(context):
    built, refused = choose(["ms_ssim", "fast"], {}, context)
    assert next(iter(built)) == "ms_ssim"
    assert refused == {}


def test_names_keep_their_order_and_settings_reach_the_metric(context):
    built, _ = choose(["ndb", "frechet_distance"], {"ndb": {"bins": 7}}, context)
    assert list(built) == ["ndb", "frechet_distance"]
    assert built["ndb"].most_bins == 7


def test_what_was_asked_for_and_does_not_fit_is_reported(context):
    built, refused = choose(["frechet_distance", "modes_captured"], {}, context)
    assert list(built) == ["frechet_distance"]
    assert "known modes" in refused["modes_captured"]


def test_classes_of_a_foreign_network_are_not_compared_with_labels(context):
    """The most probable of 1008 classes of ImageNet is no class of the data."""
    names = ["class_shares", "discriminability"]
    assert set(choose(names, {}, context)[0]) == set(names)
    context.extractor.knows_data_classes = False
    built, refused = choose(names, {}, context)
    assert set(built) == {"class_shares"}
    assert "other classes; type extractor=classifier" in refused["discriminability"]


def test_nothing_fits():
    with pytest.raises(UserError, match="ms_ssim_by_class: the real data have no labels"):
        choose(["ms_ssim_by_class"], {}, Context())
    with pytest.raises(UserError, match="samples carry no labels"):
        choose(["ms_ssim_by_class"], {}, Context(classes=3))


@pytest.mark.parametrize(
    ("names", "settings", "message"),
    [
        (["frechet"], {}, "Did you mean 'frechet_distance'"),
        (["fid"], {}, "Unknown metric 'fid'"),
        ([], {}, r"metrics=\[all\]"),
        (["ndb"], {"nbd": {"bins": 3}}, "Did you mean 'ndb'"),
        (["ndb"], {"ndb": {"bin": 3}}, "Did you mean 'bins'"),
    ],
)
def test_mistakes(names, settings, message):
    with pytest.raises(UserError, match=message):
        check_names(names, settings)


def test_only_what_looks_through_an_extractor_needs_one():
    assert needs_extractor(["all"])
    assert not needs_extractor(["ndb", "ms_ssim"])
    assert needs_extractor(["ndb", "frechet_distance"])
    assert all(isinstance(MEASURES[name].sees_features(), bool) for name in MEASURES)
