from types import SimpleNamespace

import pytest
import torch

from gan_zoo.callbacks.wandb_media import bins_table, histogram, saved_pictures
from gan_zoo.evaluation.measures.ndb import Binned
from gan_zoo.metrics.functional.ndb import NDB


def binned(real, fake):
    """Three bins: one that is missed, one alike, one too frequent."""
    result = NDB(
        2, 2 / 3, 0.1, torch.tensor([0.5, 0.3, 0.2]), torch.tensor([0.0, 0.3, 0.7]),
        torch.tensor([0.0, 1.0, 0.0]), torch.tensor([True, False, True]),
    )  # fmt: skip
    return Binned(
        result,
        (SimpleNamespace(values=real), torch.tensor([0, 0, 0, 0, 0, 1, 1, 2])),
        (SimpleNamespace(values=fake), torch.tensor([2, 2, 2, 1])),
    )


def test_bins_of_vectors_are_numbers():
    table = bins_table(binned(torch.zeros(8, 2), torch.zeros(4, 2)))
    assert "real" not in table.columns
    assert [line[0] for line in table.data] == [0, 1, 2]
    assert [line[-1] for line in table.data] == ["missing", "alike", "too frequent"]
    assert table.data[0][1:4] == pytest.approx([0.5, 0.0, -0.5])


def test_bins_of_images_show_some_of_each():
    real = torch.randint(0, 256, (8, 1, 8, 8), dtype=torch.uint8)
    table = bins_table(binned(real, torch.rand(4, 1, 8, 8) * 255.0))
    assert table.columns[-2:] == ["real", "generated"]
    first, last = table.data[0], table.data[-1]
    assert first[-1] is None  # no sample fell into that bin
    assert first[-2].image.size[0] > last[-2].image.size[0]  # four members, and one
    assert last[-1].image.size[0] > last[-2].image.size[0]


def test_a_histogram_needs_one_finite_value():
    assert histogram(torch.tensor([torch.nan, torch.inf])) is None
    assert sum(histogram(torch.tensor([torch.nan, 1.0, 2.0])).histogram) == 2


def test_pictures_that_were_saved_are_found(module, tmp_path):
    from PIL import Image

    assert saved_pictures(tmp_path, 1500, module) == {}
    (tmp_path / "samples").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "samples" / "000001.500kimg.png")
    assert list(saved_pictures(tmp_path, 1500, module)) == ["samples/grid"]
    assert saved_pictures(tmp_path, 1500, None) == {}
