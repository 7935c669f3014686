import pytest
import torch

from gan_zoo.data.base import Dataset, Samples
from gan_zoo.errors import UserError
from gan_zoo.evaluation import extraction
from gan_zoo.evaluation.extraction import check_extractor, choose_extractor, make_extractor
from gan_zoo.types import DataSpec
from tests.unit.evaluation.planted import draw


def dataset(name: str = "tiny", classes: int = 4, vectors: bool = False) -> Dataset:
    train, held_out = draw(40, 0), draw(20, 1)
    if vectors:
        train, held_out = Samples(torch.randn(40, 3)), Samples(torch.randn(20, 3))
    return Dataset(DataSpec(name, tuple(train.values.shape[1:]), classes), train, held_out, "f" * 64)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (dataset(), "classifier"),
        (dataset(classes=0), "random_convolutions"),
        (dataset(vectors=True), "pixels"),
        (dataset("stacked_mnist", 1000), "stacked_classifier"),
        (dataset("stacked_mnist", 0), "random_convolutions"),
    ],
)
def test_what_auto_means(data, name):
    assert choose_extractor(data) == name


def test_everything_that_it_may_be_fitted_to_is_handed_over(monkeypatch):
    given = {}
    monkeypatch.setattr(
        extraction, "build_extractor", lambda name, **all_: given.update(all_, extractor=name)
    )
    data = dataset()
    make_extractor("auto", data, {"seed": 3})
    assert given["extractor"] == "classifier"
    assert given["seed"] == 3
    assert torch.equal(given["train_images"], data.train.values)
    assert torch.equal(given["held_out_labels"], data.held_out.labels)
    assert (given["classes"], given["fingerprint"]) == (4, "f" * 64)


def test_an_unknown_extractor():
    with pytest.raises(UserError, match="Did you mean 'pixels'"):
        check_extractor("pixel")
    check_extractor("auto")
