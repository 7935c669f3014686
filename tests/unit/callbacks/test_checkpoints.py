import os
import signal

import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from gan_zoo import checkpoint
from gan_zoo.callbacks import Checkpoints
from gan_zoo.callbacks.checkpoints import image_name
from gan_zoo.errors import UserError


def names(module):
    return sorted(path.name for path in (module.run_dir / "checkpoints").iterdir())


def test_names_sort_by_images():
    assert image_name(12_500) == "000012.500kimg"
    assert sorted(map(image_name, (999, 1_000, 12, 25_000_000))) == list(
        map(image_name, (12, 999, 1_000, 25_000_000))
    )


def test_five_per_run_of_which_two_stay_beside_the_last(module, trainer, run):
    run(trainer, module, Checkpoints())
    assert names(module) == ["000000.800kimg.ckpt", "000001.000kimg.ckpt", "last.ckpt"]
    saved = checkpoint.load(module.run_dir / "checkpoints" / "last.ckpt")
    assert set(saved) == set(checkpoint.KEYS)
    assert (saved["images"], saved["fingerprint"], saved["config"]) == (1000, "f" * 64, module.config)
    assert checkpoint.read_spec(saved["spec"]) == module.game.spec
    weights = saved["game"]["networks"]["generator"]
    assert all(torch.equal(weights[n], w) for n, w in module.players["generator"].state_dict().items())


def test_without_numbered_ones(module, trainer, run):
    run(trainer, module, Checkpoints(keep_last=0))
    assert names(module) == ["last.ckpt"]


def test_where_the_disk_knows_no_links(module, trainer, run, monkeypatch):
    def refuse(*paths):
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    run(trainer, module, Checkpoints())
    assert checkpoint.load(module.run_dir / "checkpoints" / "last.ckpt")["images"] == 1000
    assert names(module) == ["000000.800kimg.ckpt", "000001.000kimg.ckpt", "last.ckpt"]


def test_last_is_complete_at_every_instant(module, trainer, run, monkeypatch):
    callback = Checkpoints(every_kimg=0.5)
    run(trainer, module, callback, batches=10, finish=False)

    def half(contents, file):
        file.write(b"PK\x03\x04 half a checkpoint")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(UserError, match="No space left"):
        callback.save(module)
    monkeypatch.undo()
    assert checkpoint.load(module.run_dir / "checkpoints" / "last.ckpt")["images"] == 500
    assert names(module) == ["000000.500kimg.ckpt", "last.ckpt"]


def fit(module, callback):
    trainer = pl.Trainer(
        accelerator="cpu", max_epochs=1, logger=False, callbacks=[callback], enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(module, DataLoader(range(20)))


@pytest.mark.parametrize(
    ("error", "seen"), [(RuntimeError("boom"), RuntimeError), (KeyboardInterrupt(), SystemExit)]
)
def test_an_exception_inside_a_step_leaves_last_alone(module, error, seen):
    module.fails_at = (6, error)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(seen):
        fit(module, Checkpoints(every_kimg=0.2))
    signal.signal(signal.SIGINT, before)  # Lightning ignores it from its first one on
    folder = module.run_dir / "checkpoints"
    assert checkpoint.load(folder / "last.ckpt")["images"] == 200
    assert checkpoint.load(folder / "interrupted.ckpt")["images"] == 300


def test_an_exception_between_steps_saves_the_exact_state_as_last(module, trainer, run):
    callback = Checkpoints(every_kimg=0.4)
    run(trainer, module, callback, batches=10, finish=False)
    callback.on_exception(trainer, module, KeyboardInterrupt())
    assert checkpoint.load(module.run_dir / "checkpoints" / "last.ckpt")["images"] == 500


@pytest.mark.parametrize("keep", [-1, 1.5, "all", True])
def test_keep_last_out_of_range(keep):
    with pytest.raises(UserError, match="keep_last"):
        Checkpoints(keep_last=keep)
