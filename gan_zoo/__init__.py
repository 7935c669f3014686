"""gan_zoo: train GANs that do not collapse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gan_zoo.version import VERSION as __version__  # noqa: N811

if TYPE_CHECKING:
    from pathlib import Path

    from gan_zoo.networks.base import Generator

__all__ = ["__version__", "load"]


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
