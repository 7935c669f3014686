"""What a source declares is compared with what it gives, whoever wrote it."""

import pytest
import torch

from gan_zoo.data import DATASETS, Dataset, DataSource, Samples, load_dataset
from gan_zoo.data.check_dataset import check_dataset
from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec

IMAGES = DataSpec("mine", (1, 2, 2), 3)
VECTORS = DataSpec("mine", (2,))
GOOD = torch.zeros(4, 1, 2, 2, dtype=torch.uint8)


def dataset(spec, values, labels=None, held_out=None):
    return Dataset(spec, Samples(values, labels), held_out or Samples(values[:0]), "0" * 64)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 2, 3], r"labels lie in 0 to 3, but 3 classes were declared: 0 to 2"),
        ([-1, 0, 1, 2], r"labels lie in -1 to 2"),
        ([0, 1, 2], r"4 training samples have labels torch.int64 \[3\]"),
        ([[0], [1], [2], [0]], r"\[4, 1\]"),
        ([0.0, 1.0, 2.0, 1.5], r"torch.float32"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, message):
    with pytest.raises(UserError, match=message):
        check_dataset(dataset(IMAGES, GOOD, torch.tensor(labels)))


@pytest.mark.parametrize(
    ("spec", "values", "message"),
    [
        (IMAGES, torch.zeros(4, 1, 2, 2), r"torch.float32 \[1, 2, 2\], but torch.uint8 \[1, 2, 2\]"),
        (IMAGES, torch.zeros(4, 1, 2, 3, dtype=torch.uint8), r"\[1, 2, 3\], but"),
        (VECTORS, torch.zeros(4, 2, dtype=torch.float64), "float64"),
        (VECTORS, torch.tensor([[0.0, 1.0], [0.0, float("nan")]]), "1 of 2 training samples hold numbers"),
        (VECTORS, torch.tensor([[0.0, 1.0], [float("inf"), 0.0]]), "not finite"),
    ],
)
def test_values_that_do_not_fit_are_refused(spec, values, message):
    with pytest.raises(UserError, match=message):
        check_dataset(dataset(spec, values))


def test_held_out_samples_are_checked_too():
    held_out = Samples(GOOD, torch.tensor([0, 0, 0, 9]))
    with pytest.raises(UserError, match="held-out labels lie in 0 to 9"):
        check_dataset(dataset(IMAGES, GOOD, torch.zeros(4, dtype=torch.int64), held_out))


def test_good_data_pass():
    check_dataset(dataset(IMAGES, GOOD, torch.tensor([0, 1, 2, 2])))
    check_dataset(dataset(VECTORS, torch.zeros(4, 2)))


def test_every_source_is_checked(monkeypatch):
    class Mine(DataSource):
        def load(self):
            return dataset(IMAGES, GOOD, torch.tensor([0, 1, 2, 7]))

    monkeypatch.setitem(DATASETS._parts, "mine", Mine)
    with pytest.raises(UserError, match="data=mine: training labels lie in 0 to 7"):
        load_dataset({"name": "mine"})
