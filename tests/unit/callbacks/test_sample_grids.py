import io

import pytest
import torch
from PIL import Image

from gan_zoo.callbacks import SampleGrids
from gan_zoo.callbacks import sample_grids as under_test
from gan_zoo.callbacks.loggers import log_picture
from gan_zoo.checkpoint import image_name
from gan_zoo.errors import UserError
from gan_zoo.pictures import GAP


def opened(path):
    return Image.open(io.BytesIO(path.read_bytes()))


def pictures(module):
    return sorted(path.name for path in (module.run_dir / "samples").iterdir())


def test_ten_pictures_the_first_the_last_and_the_real_ones(module, trainer, run):
    run(trainer, module, SampleGrids(), batches=21)
    numbered = [f"{n / 10:010.3f}kimg.png" for n in range(11)]
    assert pictures(module) == [*numbered, "000001.050kimg.png", "latest.png", "real.png"]
    latest, last = (module.run_dir / "samples" / name for name in ("latest.png", "000001.050kimg.png"))
    assert latest.read_bytes() == last.read_bytes()
    side = 8 * (64 + GAP) + GAP
    assert opened(latest).size == (side, side)


def test_latents_are_fixed(module, trainer):
    callback, other = SampleGrids(), SampleGrids()
    callback.on_train_start(trainer, module)
    first = (module.run_dir / "samples" / "latest.png").read_bytes()
    torch.manual_seed(99)
    other.on_train_start(trainer, module)
    other.draw(trainer, module)
    assert (module.run_dir / "samples" / "latest.png").read_bytes() == first


def test_one_row_per_class_with_the_same_latent_in_each_column(make, trainer):
    module = make(classes=3)
    callback = SampleGrids(columns=4)
    callback.on_train_start(trainer, module)
    assert callback._labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert torch.equal(callback._latents[:4], callback._latents[8:])
    assert torch.equal(torch.cat(module.players["generator"].seen), callback._labels)


def test_many_classes_are_spread(make, trainer):
    module = make(classes=37)
    callback = SampleGrids(columns=2)
    callback.on_train_start(trainer, module)
    assert callback._class_rows == [0, 4, 8, 12, 16, 20, 24, 28, 32, 36]


def test_real_rows_hold_their_class_and_an_empty_class_is_black(make, trainer):
    module = make(classes=3)
    module.dataset.train.values[module.dataset.train.labels == 1] = 200
    module.dataset.train.labels[module.dataset.train.labels == 2] = 0
    SampleGrids(columns=2).on_train_start(trainer, module)
    real = opened(module.run_dir / "samples" / "real.png").convert("L")
    middles = [real.getpixel((real.width - 40, GAP + 32 + row * (64 + GAP))) for row in range(3)]
    assert middles[1:] == [200, 0]


def test_points_are_drawn_in_data_units(make, trainer, run, monkeypatch):
    from gan_zoo.callbacks import sample_grids

    calls = []
    scatter = sample_grids.pictures.scatter
    monkeypatch.setattr(
        sample_grids.pictures, "scatter", lambda *given: calls.append(given) or scatter(*given)
    )
    module = make(shape=(2,))
    run(trainer, module, SampleGrids(points=30), batches=1)
    assert {"real.png", "latest.png"} <= set(pictures(module))
    real, generated, title = calls[-1]
    assert len(real) == len(generated) == 30
    assert len(real.unique(dim=0)) == 30
    with torch.no_grad():
        module.players["generator"].eval()
        callback = SampleGrids(points=30)
        callback.on_train_start(trainer, module)
        expected = module.players["generator"](callback._latents) * module.game.spec.scale
    assert torch.allclose(calls[-1][1], generated)
    assert torch.allclose(generated, expected)
    assert title == "tiny, 0.1 kimg"


def test_small_levels_of_growth_are_enlarged(module, trainer, run):
    module.game.stride = 2
    run(trainer, module, SampleGrids(rows=1, columns=1), batches=1)
    picture = opened(module.run_dir / "samples" / "latest.png")
    assert picture.size == (64 + 2 * GAP, 64 + 2 * GAP)
    colors = {picture.getpixel((GAP + x, GAP)) for x in range(16)}
    assert len(colors) == 1  # one pixel of a 4x4 image became 16


def test_tensorboard_gets_the_picture(tmp_path, trainer):
    pytest.importorskip("tensorboard")
    from pytorch_lightning.loggers import TensorBoardLogger

    trainer.loggers = [TensorBoardLogger(tmp_path)]
    log_picture(trainer, "samples", Image.new("RGB", (4, 4)), 100)
    trainer.loggers[0].finalize("success")
    assert any(path.stat().st_size > 60 for path in tmp_path.rglob("events*"))


@pytest.mark.parametrize("options", [{"rows": 0}, {"columns": "many"}, {"points": "auto"}, {"rows": True}])
def test_layouts_out_of_range(options):
    with pytest.raises(UserError, match="sample_grids"):
        SampleGrids(**options)


def test_pictures_that_the_disk_refused_are_written_with_the_next(module, trainer, run, monkeypatch):
    callback = SampleGrids(every_kimg=0.1, rows=2, columns=2)
    run(trainer, module, callback, batches=0, finish=False)
    monkeypatch.setattr(under_test, "write_bytes", refuse)
    with pytest.raises(OSError, match="No space"):
        callback.draw(trainer, module)
    refused = module.run_dir / "samples" / f"{image_name(module.game.images)}.png"
    refused.unlink()
    monkeypatch.undo()
    module.play()
    callback.draw(trainer, module)
    assert refused.exists()


def refuse(path, content):
    raise OSError("No space left on device")
