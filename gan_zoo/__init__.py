"""gan_zoo: train GANs that do not collapse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gan_zoo.version import VERSION as __version__  # noqa: N811

if TYPE_CHECKING:
    from pathlib import Path

    from gan_zoo.api.overrides import Overrides
    from gan_zoo.api.run import Run
    from gan_zoo.networks.base import Generator

__all__ = ["Run", "__version__", "load", "train"]


def train(overrides: Overrides = ()) -> Run:
    """Train one GAN in this process, and return its run; see docs/notebook.md.

    Args:
        overrides: what would be typed after `python train.py`: a text, a list of texts, or a dictionary.

    Raises:
        UserError: before anything is written, for whatever cannot work.
        KeyboardInterrupt: if it was interrupted from the keyboard and is saved; `resume=DIR` goes on with it.

    Example, in two lines (not run here, it trains):
        run = gan_zoo.train("model=mlp data=ring kimg=20")
        run.picture(n=64)
    """
    from gan_zoo.api.training import train as train_run

    return train_run(overrides)


def load(path: str | Path, device: str = "cpu") -> Generator:
    """Return the generator of a run, averaged where the run averages, in eval mode.

    Args:
        path: a run directory, or one of the checkpoints in it.
        device: where the generator shall live.

    Raises:
        UserError: if there is no checkpoint that can be read.

    Example, in two lines (not run here, it needs a finished run):
        generator = gan_zoo.load("outputs/2026-11-21/10-00-00")
        images = generator.sample(64, seed=1)
    """
    from gan_zoo.assemble.load import load as load_generator  # torch only when it is needed

    return load_generator(path, device)


def __getattr__(name: str) -> Any:
    """Return `Run` once it is asked for, so that importing this package imports nothing else."""
    if name != "Run":
        raise AttributeError(f"module 'gan_zoo' has no attribute '{name}'")
    from gan_zoo.api.run import Run

    return Run
