from types import SimpleNamespace

import numpy as np
import torch

from gan_zoo.evaluation.bins_picture import LESS, MORE, SAME, Shares, bins_picture, of_bins, of_modes
from gan_zoo.evaluation.measures import MEASURES
from gan_zoo.evaluation.sets import SampleSet
from gan_zoo.evaluation.views import Context, whole
from tests.unit.evaluation.planted import draw


def has(picture, color: str) -> bool:
    wanted = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])
    return bool((np.abs(np.asarray(picture).astype(int) - wanted).max(axis=2) <= 2).any())


def binned(fake: SampleSet):
    measure = MEASURES.build("ndb", bins=8)
    measure.fit(whole(SampleSet(draw(400, 1).values)), Context())
    return measure.measure(whole(fake)).detail


def test_missing_and_overfull_bins_are_marked_and_shown():
    picture = of_bins(binned(SampleSet(draw(400, 2, classes=(0, 1)).values)), "two classes")
    assert picture.width == 1210
    assert has(picture, LESS)
    assert has(picture, MORE)


def test_a_gallery_of_one_bin_is_no_taller_than_one_of_seven():
    """Nothing is left blank below: the galleries' last row stands at the bottom."""
    one = binned(SampleSet(draw(400, 2, classes=(0, 1)).values[:1].expand(400, -1, -1, -1)))
    picture = of_bins(one, "one sample")
    assert picture.height < 1000
    assert np.asarray(picture)[-60:].min() < 128


def test_bars_that_would_hide_the_others_are_cut():
    real = torch.full((20,), 0.05)
    even = bins_picture(Shares(real, real, torch.zeros(20, dtype=torch.bool), "a", "b"))
    generated = torch.zeros(20)
    generated[3] = 1.0
    cut = bins_picture(Shares(real, generated, generated > 0.5, "a", "b"))
    gray = [(np.asarray(picture) == [0xD5, 0xD8, 0xDC]).all(2).any(1).sum() for picture in (even, cut)]
    assert gray[1] > 0.15 * gray[0]  # pixels that the real bars are high


def test_equal_sets_have_no_galleries():
    picture = of_bins(binned(SampleSet(draw(400, 1).values)), "the same")
    assert picture.height < 500
    assert has(picture, SAME)
    assert not has(picture, LESS)


def test_the_images_are_members_of_their_bins():
    from gan_zoo.evaluation.bins_picture import _members

    values = torch.arange(6, dtype=torch.uint8).reshape(6, 1, 1, 1).expand(6, 1, 2, 2)
    found = _members(values, torch.tensor([0, 1, 1, 0, 1, 2]), [1, 2])
    assert tuple(found.shape) == (2, 4, 3, 2, 2)
    assert found[:, :, 0, 0, 0].tolist() == [[1, 2, 4, 255], [5, 255, 255, 255]]


def test_vectors_have_bars_alone():
    result = SimpleNamespace(
        train_proportions=torch.tensor([0.5, 0.5]), proportions=torch.tensor([1.0, 0.0]),
        different=torch.tensor([True, True]),
    )  # fmt: skip
    view = whole(SampleSet(torch.zeros(4, 2)))
    found = SimpleNamespace(result=result, reference=(view, torch.zeros(4)), sample=(view, torch.zeros(4)))
    assert of_bins(found, "points").height < 500


def test_modes_and_an_empty_histogram():
    assert has(of_modes(torch.tensor([10, 0, 12]), "ring"), LESS)
    assert of_modes(torch.tensor([0, 0]), "nothing").width == 1210


def test_the_picture_is_the_same_twice():
    shares = Shares(
        torch.tensor([0.7, 0.3]), torch.tensor([0.6, 0.4]), torch.tensor([False, False]), "a", "b"
    )
    assert np.array_equal(np.asarray(bins_picture(shares)), np.asarray(bins_picture(shares)))
