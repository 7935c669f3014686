"""Steps that were not applied are told of once, and a run that only has such steps ends with what to do."""

import json
from types import SimpleNamespace

import pytest
import torch
from helpers.faults import poison_gradient, poison_term, poisoned_batch
from helpers.games import SmallDiscriminator, SmallGenerator, make_game, points
from helpers.runs import prepared

from gan_zoo import checkpoint
from gan_zoo.assemble.train import build_trainer
from gan_zoo.callbacks import Checkpoints, NonFinite, Summary
from gan_zoo.callbacks.non_finite import NotFiniteError
from gan_zoo.errors import UserError


class Recorder:
    """Stands in for a logger."""

    def __init__(self):
        self.rows = []

    def log_metrics(self, values, step):
        self.rows.append((step, values))


@pytest.fixture
def module(tmp_path):
    torch.manual_seed(0)
    game = make_game(SmallGenerator(), SmallDiscriminator(), "js", regularizers={"r1": {}})
    return SimpleNamespace(game=game, run_dir=tmp_path, global_rank=0)


@pytest.fixture
def trainer():
    return SimpleNamespace(is_global_zero=True, loggers=[Recorder()], callbacks=[])


def play(trainer, module, observer, batches, start=True):
    """Drive an observer as Lightning would; a batch is a number or a poisoned batch."""
    if start:
        observer.on_train_start(trainer, module)
    for index in range(batches) if isinstance(batches, int) else batches:
        batch = points(4, seed=index) if isinstance(index, int) else index
        observer.on_train_batch_start(trainer, module, batch, 0)
        module.game.play(batch)
        observer.on_train_batch_end(trainer, module, None, batch, 0)


def test_each_episode_is_told_once_with_player_term_and_kimg(module, trainer, capsys):
    poison_term(module.game, "discriminator", lambda step: step in (250, 253, 320, 400))
    observer = NonFinite()
    play(trainer, module, observer, 500)
    observer.on_train_end(trainer, module)
    told = capsys.readouterr().err
    assert told.count("ALARM") == 3
    assert (
        "Steps of the discriminator are not applied, since the term discriminator/r1 was not finite" in told
    )
    assert "at 1.000 kimg" in told
    assert "at 1.280 kimg" in told
    name = "vitals/discriminator_skipped_steps"
    rows = [(step, row[name], row[f"{name}/r1"]) for step, row in trainer.loggers[0].rows]
    assert rows == [(1200, 2.0, 2.0), (1400, 3.0, 3.0), (1800, 4.0, 4.0)]


def test_a_healthy_run_tells_and_logs_nothing_and_is_read_every_fifty_batches(module, trainer, capsys):
    observer, reads = NonFinite(), []
    read = module.game.skips.read
    module.game.skips.read = lambda: reads.append(module.game.images) or read()
    play(trainer, module, observer, 101)
    assert sorted(set(reads)) == [0, 200, 400]
    assert capsys.readouterr().err == ""
    assert trainer.loggers[0].rows == []


def test_the_gradient_is_named_where_every_term_was_finite(module, trainer, capsys):
    poison_gradient(module.game, "generator", lambda step: step == 3)
    play(trainer, module, NonFinite(), 50)
    assert (
        "Steps of the generator are not applied, since a gradient, though no term," in capsys.readouterr().err
    )


@pytest.mark.parametrize(("most", "images", "row"), [(3, 36, 4), (70, 400, 95), (100, 600, 145)])
def test_the_run_ends_after_the_look_that_saw_enough_in_a_row(module, trainer, most, images, row):
    poison_gradient(module.game, "generator", lambda step: step >= 2 and step != 4)
    with pytest.raises(NotFiniteError, match=f"The last {row} steps of the generator were not applied"):
        play(trainer, module, NonFinite(most_in_a_row=most), 200)
    assert module.game.images == images


def test_sporadic_faults_do_not_end_a_run(module, trainer):
    poison_gradient(module.game, "generator", lambda step: step % 3 != 0)
    play(trainer, module, NonFinite(most_in_a_row=3), 60)
    assert module.game.skips.read()["generator"].total == 40


def test_every_process_ends_the_run_but_only_the_first_tells(module, trainer, capsys):
    trainer.is_global_zero = False
    poison_gradient(module.game, "generator", lambda step: True)
    with pytest.raises(UserError):
        play(trainer, module, NonFinite(most_in_a_row=5), 20)
    assert capsys.readouterr().err == ""
    assert trainer.loggers[0].rows == []


def test_the_message_says_what_to_try(module, trainer):
    poison_term(module.game, "discriminator", lambda step: True)
    with pytest.raises(UserError) as caught:
        play(trainer, module, NonFinite(most_in_a_row=2), 5)
    text = str(caught.value)
    for part in (
        "discriminator/r1",
        "0.000 kimg",
        "optimizer.lr=0.05",
        "clip_norm=1",
        "writes no checkpoints",
    ):
        assert part in text
    assert "precision" not in text  # the run is in float32 as it is


def test_the_batch_is_saved_as_plain_tensors(module, trainer, capsys):
    bad = [poisoned_batch(points(4, seed=seed), float("nan")) for seed in (10, 11)]
    observer = NonFinite(save_batch=True)
    play(trainer, module, observer, [0, 1, *bad, 2])
    (path,) = (module.run_dir / "non_finite").iterdir()
    assert path.name == "000000.008kimg-discriminator-adversarial.pt"
    saved = torch.load(path, weights_only=True)
    assert (saved["player"], saved["cause"], saved["images"]) == ("discriminator", "adversarial", 8)
    torch.testing.assert_close(saved["batch"]["samples"], bad[0]["samples"], rtol=0, atol=0, equal_nan=True)
    assert str(path) in capsys.readouterr().err


def test_a_disk_that_refuses_the_batch_does_not_end_the_run(module, trainer, capsys):
    (module.run_dir / "non_finite").write_text("in the way")
    play(trainer, module, NonFinite(save_batch=True), [0, poisoned_batch(points(4), float("inf")), 1])
    assert "Cannot save the batch" in capsys.readouterr().err


def test_what_was_told_is_not_told_again_after_a_resume(module, trainer, capsys):
    poison_gradient(module.game, "generator", lambda step: step == 1)
    observer = NonFinite()
    play(trainer, module, observer, 50)
    resumed = NonFinite()
    resumed.saved = observer.state_dict()
    assert list(checkpoint.not_plain(resumed.saved)) == []
    capsys.readouterr()
    play(trainer, module, resumed, 50)
    assert capsys.readouterr().err == ""
    assert len(trainer.loggers[0].rows) == 1


@pytest.mark.parametrize("options", [{"most_in_a_row": 0}, {"most_in_a_row": True}, {"save_batch": 1}])
def test_bad_options_are_refused(options):
    with pytest.raises(UserError, match="non_finite"):
        NonFinite(**options)


def test_a_run_that_ends_leaves_a_good_last_checkpoint(tmp_path):
    module, loader, _ = prepared("dcgan", "data=digits", run_dir=tmp_path)
    poison_term(module.game, "discriminator", lambda step: step >= 4)
    trainer = build_trainer(module.config, [NonFinite(most_in_a_row=3), Checkpoints(), Summary()], [])
    with pytest.raises(UserError, match=r"last\.ckpt holds them.*init_from=.*last\.ckpt"):
        trainer.fit(module, loader)
    assert not (tmp_path / "checkpoints" / "interrupted.ckpt").exists()
    saved = checkpoint.load(tmp_path / "checkpoints" / "last.ckpt")
    assert saved["images"] == 9 * 8  # looks are at every third step
    assert saved["game"]["skips"]["discriminator"]["in_a_row"] == 5
    for network in saved["game"]["networks"].values():
        assert all(value.isfinite().all() for value in network.values())
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["state"] == "failed"
    assert "discriminator/adversarial" in summary["error"]
