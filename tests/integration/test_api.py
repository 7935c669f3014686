"""`gan_zoo.train` for real: twice in one process, from a thread, interrupted, and gone on with."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest
import torch
from hydra.core.hydra_config import HydraConfig
from pytorch_lightning.callbacks import Callback

import gan_zoo
from gan_zoo.errors import UserError

TINY = {
    "model": "mlp",
    "data": "ring",
    "kimg": 0.2,
    "batch_size": 20,
    "model.generator.hidden": [8, 8],
    "model.discriminator.hidden": [8, 8],
    "data.samples": 2000,
    "trainer": "cpu",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> gan_zoo.Run:
    return gan_zoo.train({**TINY, "run_dir": str(tmp_path_factory.mktemp("runs") / "first")})


def test_a_run_has_numbers_and_samples(run: gan_zoo.Run) -> None:
    assert (run.state, run.kimg) == ("finished", 0.2)
    assert run.summary["command"].startswith("gan-zoo train model=mlp data=ring")
    assert "run_dir=" in run.summary["command"]
    assert run.overrides[:2] == ("model=mlp", "data=ring")
    assert run.metrics["progress/kimg"][-1] == 0.2
    assert len(run.metrics["generator/adversarial"]) == len(run.rows())
    assert run.samples(5).shape == (5, 2)
    assert torch.equal(run.samples(5, seed=3), run.samples(5, seed=3))
    assert not torch.equal(run.samples(5, seed=3), run.samples(5, seed=4))
    assert run.picture(16).width > 100
    with pytest.raises(UserError, match="label=3"):
        run.samples(5, label=3)


def test_samples_of_points_are_in_the_units_of_the_data(run: gan_zoo.Run) -> None:
    from gan_zoo.assemble.load import load_trained

    trained = load_trained(run.path)
    assert torch.allclose(run.samples(8), trained.generator.sample(8) * trained.spec.scale)


@pytest.mark.slow
def test_two_runs_in_one_process_do_not_know_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last one equals the first, though another came between, and nothing global is left behind."""
    monkeypatch.chdir(tmp_path)
    threads, handlers = (
        torch.get_num_threads(),
        [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)],
    )
    arguments, jobs = list(sys.argv), HydraConfig.instance().cfg
    first = gan_zoo.train(TINY)
    gan_zoo.train({**TINY, "loss": "hinge", "seed": 5, "trainer.threads": threads + 1})
    again = gan_zoo.train(TINY)
    assert len({run.path for run in (first, again)}) == 2
    assert torch.equal(first.samples(8), again.samples(8))
    assert first.metrics["generator/adversarial"][-1] == again.metrics["generator/adversarial"][-1]
    assert torch.get_num_threads() == threads
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == handlers
    assert (sys.argv, HydraConfig.instance().cfg) == (arguments, jobs)
    assert "PL_GLOBAL_SEED" not in os.environ


@pytest.mark.slow
def test_a_loop_faster_than_a_second_gets_a_folder_per_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    from gan_zoo.cli.composing import compose_run

    taken = [compose_run(["model=mlp", "data=ring"]).folder]
    taken[0].mkdir(parents=True)
    monkeypatch.setattr(
        "gan_zoo.api.training.compose_run", lambda typed: compose_run([*typed, f"run_dir={taken[0]}"])
    )
    run = gan_zoo.train({**TINY, "callbacks": "none", "logger": "none"})
    assert run.path == taken[0].with_name(f"{taken[0].name}-2")


@pytest.mark.slow
def test_a_run_trains_outside_the_main_thread(tmp_path: Path) -> None:
    """As cells of some notebooks and web applications do; signals cannot be handled there."""
    found = []
    work = {**TINY, "run_dir": str(tmp_path / "run")}
    thread = threading.Thread(target=lambda: found.append(gan_zoo.train(work)))
    thread.start()
    thread.join(120)
    assert found[0].state == "finished"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_two_runs_of_weights_and_biases_are_two(tmp_path: Path) -> None:
    wandb = {"logger": "wandb", "logger.wandb.mode": "offline", "callbacks": "none"}
    runs = [gan_zoo.train({**TINY, **wandb, "run_dir": str(tmp_path / name)}) for name in ("a", "b")]
    files = [list(run.path.glob("wandb/offline-run-*/*.wandb")) for run in runs]
    assert [len(each) for each in files] == [1, 1]
    assert files[0][0].name != files[1][0].name


class Interrupt(Callback):
    """Presses the interrupt button of a notebook in the fifth batch."""

    def on_train_batch_start(self, trainer: object, module: object, batch: object, index: int) -> None:
        if index == 4:
            os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupted_run_is_saved_and_goes_on(
    run: gan_zoo.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gan_zoo.assemble import train as assembled

    build = assembled.build_callbacks
    monkeypatch.setattr(assembled, "build_callbacks", lambda *given: [*build(*given), Interrupt()])
    folder = tmp_path / "my run"
    with pytest.raises(KeyboardInterrupt, match="goes on with it"):
        gan_zoo.train({**TINY, "run_dir": str(folder)})
    assert gan_zoo.Run(folder).state == "preempted"
    monkeypatch.setattr(assembled, "build_callbacks", build)
    finished = gan_zoo.train({"resume": str(folder)})
    assert finished.state == "finished"
    assert torch.equal(finished.samples(8), run.samples(8))
    auto = {**TINY, "run_dir": str(folder), "resume": "auto"}
    assert gan_zoo.train(auto).summary == finished.summary  # finished: nothing is done again


@pytest.mark.slow
def test_a_run_that_fails_raises_and_leaves_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gan_zoo.game.game import Game

    def broken(self: Game, batch: object) -> None:
        raise RuntimeError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr(Game, "play", broken)
        with pytest.raises(RuntimeError, match="a bug"):
            gan_zoo.train({**TINY, "run_dir": str(tmp_path / "run")})
    assert gan_zoo.Run(tmp_path / "run").state == "failed"
    assert gan_zoo.train({**TINY, "run_dir": str(tmp_path / "next")}).state == "finished"


@pytest.mark.slow
def test_images_make_a_grid_by_class(tmp_path: Path) -> None:
    small = {"model.generator.width": 16, "model.discriminator.width": 2, "batch_size": 8, "kimg": 0.016}
    run = gan_zoo.train({"model": "acgan", **small, "run_dir": str(tmp_path / "run"), "trainer": "cpu"})
    images = run.samples(12, label=3)
    assert images.shape == (12, 1, 32, 32)
    assert images.abs().max() <= 1.0
    assert not torch.equal(images, run.samples(12))
    assert run.picture(9).size[0] > 64


def test_the_report_is_written(run: gan_zoo.Run) -> None:
    path = run.report()
    assert path == run.path / "report.html"
    assert "<html" in path.read_text(encoding="utf-8")


def test_a_list_puts_aside_what_a_recipe_sets(tmp_path: Path) -> None:
    asked = {"benchmark": "ring", "method": "best_ring", "trainer": "cpu", "benchmark.generator_steps": 1}
    trained = gan_zoo.train({**asked, "stabilizer": [], "run_dir": str(tmp_path / "run")})
    assert "instance_noise" not in trained.config["stabilizer"]
