"""The recipe: how much, in what order, moved how far."""

import pytest
import torch

from gan_zoo.draws import Draws
from gan_zoo.extractors.classifier_network import initialize, untrained
from gan_zoo.extractors.classifier_training import TrainingRecipe, batches, shifted, train_classifier


def test_a_pass_shows_every_image_once():
    seen = torch.cat(list(batches(10, 4, 5, Draws(0))))  # two passes
    assert sorted(seen[:10].tolist()) == list(range(10))
    assert sorted(seen[10:].tolist()) == list(range(10))
    assert seen[:10].tolist() != seen[10:].tolist()


def test_fewer_images_than_a_batch_are_repeated():
    (only,) = batches(3, 7, 1, Draws(0))
    assert torch.bincount(only).min() >= 2


@pytest.mark.parametrize(("count", "steps"), [(60_000, 3125), (1600, 500), (20, 250), (1_000_000, 3125)])
def test_the_budget_is_bounded_for_large_and_small_data(count, steps):
    assert TrainingRecipe().steps(count) == steps


def test_epochs_override_the_budget():
    assert TrainingRecipe(epochs=2.5).steps(640) == 25
    assert TrainingRecipe(epochs=0.001).steps(640) == 1


def test_shifts_move_pixels_and_repeat_edges():
    image = torch.arange(30, dtype=torch.uint8).view(1, 1, 5, 6)
    moved = shifted(image.expand(200, 1, 5, 6), 0.2, Draws(0), 0)
    padded = torch.nn.functional.pad(image.float(), (1, 1, 1, 1), mode="replicate").to(torch.uint8)
    allowed = {
        tuple(padded[0, 0, y : y + 5, x : x + 6].flatten().tolist()) for y in range(3) for x in range(3)
    }
    assert {tuple(row.flatten().tolist()) for row in moved} == allowed


def test_shifts_are_a_function_of_the_step():
    images = torch.arange(64, dtype=torch.uint8).view(1, 1, 8, 8).expand(20, 1, 8, 8)
    first, again, other = (shifted(images, 0.1, Draws(0), step) for step in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_every_weight_is_drawn_by_the_seed_alone():
    def weights(seed):
        return initialize(untrained((1, 16, 16), 3, (4, 8), 16), Draws(seed)).state_dict()

    first, again, other = weights(0), weights(0), weights(1)
    for name, value in first.items():
        assert torch.equal(value, again[name]), name
        if "weight" in name and value.ndim > 1:
            assert not torch.equal(value, other[name]), name


def test_training_shows_a_bar_on_a_terminal_only(monkeypatch, capsys):
    images, labels = torch.zeros(8, 1, 8, 8, dtype=torch.uint8), torch.arange(8) % 2
    arguments = (
        images,
        labels,
        2,
        TrainingRecipe(epochs=8),
        torch.device("cpu"),
        "Training a classifier of x",
    )
    train_classifier(*arguments)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    train_classifier(*arguments)
    assert "Training a classifier of x" in capsys.readouterr().err
    train_classifier(*arguments, progress=False)
    assert capsys.readouterr().err == ""
