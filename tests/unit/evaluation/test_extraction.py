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
        (dataset("stacked_mnist"), "stacked_classifier"),
        (dataset("stacked_mnist", 0), "random_convolutions"),
    ],
)
def test_what_auto_means(data, name):
    assert choose_extractor(data) == (name, ())


@pytest.mark.parametrize("name", ["tiny", "stacked_mnist"])
def test_auto_takes_the_next_best_where_no_classifier_can_be_trained_and_says_why(name):
    """Two images of each of many persons make no classifier, and no reason to measure nothing."""
    data = dataset(name, classes=20)
    chosen, (warning,) = choose_extractor(data)
    assert chosen == make_extractor("auto", data).name == "random_convolutions"
    assert "at least 5 training images per class: 100 for 20 classes, there are 40" in warning
    with pytest.raises(UserError, match="at least 5 training images per class"):
        make_extractor("classifier", data)


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
