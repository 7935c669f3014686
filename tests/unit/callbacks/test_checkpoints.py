import errno
import os
import signal
import threading
import time
from pathlib import Path

import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from gan_zoo import checkpoint
from gan_zoo.callbacks import Checkpoints, Metrics, Summary
from gan_zoo.callbacks import checkpoints as under_test
from gan_zoo.callbacks.checkpoints import contents, in_order
from gan_zoo.callbacks.loggers import log_values
from gan_zoo.callbacks.observer import Observer
from gan_zoo.checkpoint import image_name, images_in_name, newest_good
from gan_zoo.errors import UserError


def names(module):
    return sorted(path.name for path in (module.run_dir / "checkpoints").iterdir())


def last(module):
    return checkpoint.load(module.run_dir / "checkpoints" / "last.ckpt")


def test_names_sort_by_images():
    assert image_name(12_500) == "000012.500kimg"
    assert sorted(map(image_name, (999, 1_000, 12, 25_000_000))) == list(
        map(image_name, (12, 999, 1_000, 25_000_000))
    )
    counts = [12, 999, 1_000, 25_000_000]
    assert [images_in_name(Path(f"{image_name(count)}.ckpt")) for count in counts] == counts


def test_five_per_run_of_which_two_stay_beside_the_last(module, trainer, run):
    run(trainer, module, Checkpoints())
    assert names(module) == ["000000.800kimg.ckpt", "000001.000kimg.ckpt", "last.ckpt"]
    saved = last(module)
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
    assert last(module)["images"] == 1000
    assert names(module) == ["000000.800kimg.ckpt", "000001.000kimg.ckpt", "last.ckpt"]


def test_what_every_callback_knows_is_saved_by_its_name(module):
    class Sees(Observer):
        def state_dict(self):
            return {"seen": 3}

    saved = contents(module, [Sees(), Metrics(), pl.Callback()])
    assert saved["observers"] == {"sees": {"seen": 3}, "metrics": {"latest": {}}, "callback": {}}
    assert contents(module)["observers"] == {}
    assert saved["environment"] == checkpoint.environment(torch.device("cpu"))


def test_what_saves_stands_after_what_looks():
    checkpoints, summary, metrics, other = Checkpoints(), Summary(), Metrics(), pl.Callback()
    assert in_order([checkpoints, summary, metrics, other]) == [metrics, other, checkpoints, summary]


# A disk that refuses ---------------------------------------------------------------------------------------


def full(contents, file):
    file.write(b"PK\x03\x04 half a checkpoint")
    raise OSError(errno.ENOSPC, "No space left on device")


def test_last_is_complete_at_every_instant(module, trainer, run, monkeypatch):
    callback = Checkpoints(every_kimg=0.5)
    run(trainer, module, callback, batches=10, finish=False)
    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(UserError, match="No space left"):
        callback.save(trainer, module)
    monkeypatch.undo()
    assert last(module)["images"] == 500
    assert names(module) == ["000000.500kimg.ckpt", "last.ckpt"]


def test_a_healthy_run_outlives_a_full_disk(module, trainer, run, monkeypatch, capsys):
    callback = Checkpoints(every_kimg=0.1)
    run(trainer, module, callback, batches=2, finish=False)
    monkeypatch.setattr(torch, "save", full)
    for _ in range(6):
        module.play()
        callback.step(trainer, module)
    assert last(module)["images"] == 100
    said = capsys.readouterr().err
    assert said.count("No space left") == 1
    assert "The run goes on, and tries again" in said
    monkeypatch.undo()
    module.play()
    callback.step(trainer, module)  # between two intervals, and a minute has not passed
    assert last(module)["images"] == 100
    later = time.monotonic() + 61.0
    monkeypatch.setattr(under_test.time, "monotonic", lambda: later)
    module.play()
    module.play()
    callback.step(trainer, module)
    assert last(module)["images"] == module.game.images
    assert "takes checkpoints again" in capsys.readouterr().err


def test_a_full_disk_at_the_end_is_an_error(module, trainer, run, monkeypatch):
    callback = Checkpoints(every_kimg=0.5)
    run(trainer, module, callback, batches=11, finish=False)
    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(UserError, match="No space left") as caught:
        callback.on_train_end(trainer, module)
    callback.on_exception(trainer, module, caught.value)  # tries no second time, so nothing is warned of
    assert newest_good(module.run_dir / "checkpoints").name == "last.ckpt"


def test_a_folder_that_cannot_be_written_to_is_found_before_the_first_step(module, trainer, run):
    (module.run_dir / "checkpoints").write_text("a file is in the way")
    with pytest.raises(UserError, match="Cannot write a checkpoint to"):
        run(trainer, module, Checkpoints())
    assert module.game.images == 0


# The end of a run that was asked for ------------------------------------------------------------------------


def fit(module, *callbacks, asks=None):
    """Run under Lightning; `asks` is called in the middle of the sixth step."""
    if asks is not None:
        play = module.play

        def play_and_ask():
            if module.game.images == 250:
                asks()
            play()

        module.play = play_and_ask
    drive(module, *callbacks)


def drive(module, *callbacks, batches=20):
    trainer = pl.Trainer(
        accelerator="cpu", max_epochs=1, logger=False, callbacks=list(callbacks), enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(module, DataLoader(range(batches)))


class Finishes(Observer):
    finished = paused = False

    def finish(self, trainer, module):
        self.finished = True

    def pause(self, trainer, module):
        self.paused = True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_saves_after_the_step_and_ends_the_run(module, number, capsys):
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)]
    looks, callback = Finishes(), Checkpoints()
    fit(module, looks, callback, asks=lambda: os.kill(os.getpid(), number))
    assert (module.game.images, last(module)["images"]) == (300, 300)
    assert names(module) == ["000000.200kimg.ckpt", "000000.300kimg.ckpt", "last.ckpt"]
    assert callback.ended_by is number
    assert (looks.finished, looks.paused) == (False, True)
    assert "at 0.3 kimg. Go on with resume=" in capsys.readouterr().err
    after = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)]
    assert after == before


@pytest.mark.parametrize("ends", ["on_train_end", "on_exception"])
def test_handlers_are_restored_however_the_run_ends(module, trainer, run, ends):
    before = signal.getsignal(signal.SIGTERM)
    callback = Checkpoints()
    run(trainer, module, callback, batches=1, finish=False)
    assert signal.getsignal(signal.SIGTERM) != before
    getattr(callback, ends)(trainer, module, *([RuntimeError()] if ends == "on_exception" else []))
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_in_the_last_step_lets_the_run_finish(module):
    module.game.total_images = 300
    looks, callback, play = Finishes(), Checkpoints(), module.play
    module.play = lambda: (module.game.images == 250 and os.kill(os.getpid(), signal.SIGTERM), play())
    drive(module, looks, callback, batches=6)
    assert (looks.finished, callback.ended_by, last(module)["images"]) == (True, None, 300)


def test_a_signal_on_a_full_disk_is_an_error(module, monkeypatch):
    def ask():
        monkeypatch.setattr(torch, "save", full)
        os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(UserError, match="No space left"):
        fit(module, Checkpoints(), asks=ask)
    assert last(module)["images"] == 200


def test_a_run_in_another_thread_trains_and_saves(module):
    thread = threading.Thread(target=lambda: fit(module, Checkpoints()))
    thread.start()
    thread.join(timeout=60)
    assert last(module)["images"] == 1000


def test_processes_agree_and_leave_only_when_it_is_saved(module, trainer, run):
    class Strategy:
        def __init__(self):
            self.calls = []

        def reduce_boolean_decision(self, decision, all):
            self.calls.append((decision, all))
            return len(self.calls) == 3  # another process was asked

        def barrier(self, name):
            self.calls.append(last(module)["images"])

    trainer.world_size, trainer.strategy, trainer.should_stop = 2, Strategy(), False
    callback = Checkpoints()
    run(trainer, module, callback, batches=3, finish=False)
    assert trainer.strategy.calls == [(False, False)] * 3 + [150]
    assert trainer.should_stop
    assert callback.ended_by is signal.SIGTERM


def test_a_process_that_is_not_the_first_stops_without_saving(module, trainer, run):
    trainer.is_global_zero, trainer.should_stop = False, False
    callback = Checkpoints()
    run(trainer, module, callback, batches=1, finish=False)
    os.kill(os.getpid(), signal.SIGTERM)
    callback.on_train_batch_end(trainer, module, None, None, 1)
    assert trainer.should_stop
    assert callback.ended_by is None
    assert not (module.run_dir / "checkpoints").exists()


# An exception ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "seen"), [(RuntimeError("boom"), RuntimeError), (KeyboardInterrupt(), SystemExit)]
)
def test_an_exception_inside_a_step_leaves_last_alone(module, error, seen):
    module.fails_at = (6, error)
    with pytest.raises(seen):
        fit(module, Checkpoints(every_kimg=0.2))
    folder = module.run_dir / "checkpoints"
    assert last(module)["images"] == 200
    assert checkpoint.load(folder / "interrupted.ckpt")["images"] == 300
    assert newest_good(folder).name == "last.ckpt"


def test_an_exception_between_steps_saves_the_exact_state_as_last(module, trainer, run):
    callback = Checkpoints(every_kimg=0.4)
    run(trainer, module, callback, batches=10, finish=False)
    callback.on_exception(trainer, module, KeyboardInterrupt())
    assert last(module)["images"] == 500


# What is kept, and when -------------------------------------------------------------------------------------


def test_minutes(module, trainer, run, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(under_test.time, "monotonic", lambda: now[0])
    callback = Checkpoints(every_kimg=100, every_minutes=2)
    run(trainer, module, callback, batches=1, finish=False)
    seen = []
    for _ in range(6):
        now[0] += 50.0
        module.play()
        callback.step(trainer, module)
        path = module.run_dir / "checkpoints" / "last.ckpt"
        seen.append(checkpoint.load(path)["images"] if path.exists() else None)
    assert seen == [None, None, 200, 200, 200, 350]


class Scores(Observer):
    """Logs a number at every second step; the third is the lowest."""

    def step(self, trainer, module):
        if module.game.images % 100 == 0:
            log_values(trainer, {"score": float(abs(module.game.images - 300))}, module.game.images)


@pytest.mark.parametrize(
    ("asked", "kept"),
    [({"metric": "score"}, [300]), ({"metric": "score", "mode": "max", "count": 2}, [900, 1000])],
)
def test_the_best_of_a_logged_number_stay(module, trainer, run, asked, kept):
    callback = Checkpoints(every_kimg=0.5, keep_last=1, keep_best=asked)
    run(trainer, module, Scores(), callback)
    best = [f"best-{image_name(images).removesuffix('kimg')}.ckpt" for images in kept]
    assert names(module) == ["000001.000kimg.ckpt", *best, "last.ckpt"]
    for name, images in zip(best, kept, strict=True):
        assert checkpoint.load(module.run_dir / "checkpoints" / name)["images"] == images
    assert last(module)["observers"]["checkpoints"] == callback.state_dict()
    assert trainer.loggers == []


def test_a_run_that_goes_on_knows_what_was_best(module, trainer, run):
    asked = {"metric": "score"}
    run(trainer, module, Scores(), Checkpoints(keep_best=asked), batches=8, finish=False)
    saved = last(module)["observers"]["checkpoints"]
    trainer.loggers.clear()
    later = Checkpoints(keep_best=asked)
    later.saved = saved
    run(trainer, module, Scores(), later, batches=12)
    assert [name for name in names(module) if name.startswith("best")] == ["best-000000.300.ckpt"]


def test_a_best_one_that_could_not_be_written_is_not_remembered(module, trainer, run, monkeypatch):
    callback = Checkpoints(every_kimg=100, keep_best={"metric": "score"})
    run(trainer, module, Scores(), callback, batches=2, finish=False)
    monkeypatch.setattr(torch, "save", full)
    module.play()
    log_values(trainer, {"score": -1.0}, 150)
    callback.step(trainer, module)
    assert callback._refusal is not None
    assert callback.state_dict()["best"] == [[200.0, 100]]


def test_a_metric_that_was_never_logged_is_told(module, trainer, run, capsys):
    run(trainer, module, Scores(), Checkpoints(keep_best={"metric": "scores"}))
    said = capsys.readouterr().err
    assert "scores was not logged. Did you mean 'score'? Known: progress/kimg, score." in said


def test_what_is_damaged_and_newer_is_set_aside_and_never_outlives_what_is_good(module, trainer, run):
    folder = module.run_dir / "checkpoints"
    folder.mkdir()
    (folder / "000090.000kimg.ckpt").write_bytes(b"damaged")
    (folder / ".last.ckpt.1.part").write_bytes(b"left by a killed process")
    run(trainer, module, Checkpoints(keep_last=1))
    assert names(module) == ["000001.000kimg.ckpt", "000090.000kimg.ckpt.damaged", "last.ckpt"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("keep_last", value) for value in (-1, 1.5, "all", True)]
    + [("every_minutes", value) for value in (0, -1, "auto", True)],
)
def test_out_of_range(name, value):
    with pytest.raises(UserError, match=name):
        Checkpoints(**{name: value})
