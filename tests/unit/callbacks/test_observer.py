import copy
import errno
from types import SimpleNamespace

import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from gan_zoo.callbacks import Checkpoints, Metrics, Progress, SampleGrids, Summary
from gan_zoo.callbacks.observer import Every, Observer, as_images, checked, evaluating
from gan_zoo.errors import UserError


def everything():
    return [Progress(), Metrics(), SampleGrids(rows=2, columns=2), Checkpoints(), Summary()]


def fit(module, callbacks, batches=20):
    trainer = pl.Trainer(
        accelerator="cpu", max_epochs=1, logger=False, callbacks=callbacks, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(module, DataLoader(range(batches)))


def test_weights_buffers_modes_and_random_state_are_the_same_with_and_without_observers(make):
    runs = []
    for callbacks in ([], everything()):
        module = make()
        generator = module.players["generator"]
        module.train()
        torch.manual_seed(3)
        fit(module, callbacks)
        modes = [part.training for part in generator.modules()]
        runs.append((copy.deepcopy(generator.state_dict()), modes, torch.get_rng_state()))
    (plain, plain_modes, plain_state), (watched, watched_modes, watched_state) = runs
    assert all(torch.equal(plain[name], watched[name]) for name in plain)
    assert plain_modes == watched_modes
    assert torch.equal(plain_state, watched_state)


def test_every_answers_once_per_crossing_and_never_by_equality():
    every = Every(100, start=250)
    assert [every(count) for count in (299, 301, 350, 399, 650, 651)] == [
        False,
        True,
        False,
        False,
        True,
        False,
    ]


def test_intervals():
    assert as_images("auto", 1000, 100) == 10
    assert as_images("auto", 50, 100) == 1
    assert as_images(0.25, 1000, 100) == 250


@pytest.mark.parametrize("value", [0, -1, "often", None, True])
def test_an_interval_out_of_range_is_refused(value):
    with pytest.raises(UserError, match="every_kimg"):
        checked(value)


def test_evaluating_restores_each_modules_own_mode():
    network = torch.nn.Sequential(torch.nn.BatchNorm1d(2), torch.nn.Dropout())
    network.train()
    network[1].eval()
    with evaluating(network):
        assert not network[0].training
    assert (network.training, network[0].training, network[1].training) == (True, True, False)


def test_other_processes_do_not_look(module, trainer, run):
    class Loud(Observer):
        def start(self, trainer, module):
            raise AssertionError

        step = finish = start

    trainer.is_global_zero = False
    run(trainer, module, Loud(), batches=2)


def test_an_observer_that_fails_during_an_exception_only_warns(trainer):
    class Broken(Observer):
        def fail(self, trainer, module, exception):
            raise RuntimeError("disk full")

    broken = Broken()
    broken.on_train_start(trainer, SimpleNamespace())
    with pytest.warns(UserWarning, match="Broken could not finish: disk full"):
        broken.on_exception(trainer, SimpleNamespace(), ValueError())


def test_an_exception_before_the_start_is_nothing_to_report(trainer):
    for callback in everything():
        callback.on_exception(trainer, SimpleNamespace(), ValueError())


class Refused(Observer):
    def __init__(self, *hooks):
        for hook in hooks:
            setattr(self, hook, self.refuse)

    def refuse(self, *arguments):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_refuses_an_observer_ends_no_run_and_is_told_once(module, trainer, run, capsys):
    after = Metrics()
    run(trainer, module, Refused("step", "finish"), after, batches=3)
    assert capsys.readouterr().err.count("Refused cannot write: No space left on device") == 1
    assert after.latest  # which finished


@pytest.mark.parametrize("hook", ["prepare", "start"])
def test_a_disk_that_refuses_at_the_start_is_an_error(module, trainer, hook):
    with pytest.raises(UserError, match=r"Cannot write to .*: No space left.*run_dir="):
        Refused(hook).on_train_start(trainer, module)
