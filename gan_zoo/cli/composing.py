"""Composes one configuration inside a program, as the command line does; Hydra stays as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.types import RunMode
from omegaconf import DictConfig, open_dict, read_write

from gan_zoo.cli import resume
from gan_zoo.cli.arguments import FLAGS_WITH_VALUE, translate
from gan_zoo.cli.catalog import configuration_folder
from gan_zoo.cli.messages import MISTAKES, describe
from gan_zoo.cli.search_path import find_outside_parts
from gan_zoo.cli.train import slug  # noqa: F401  (configuration files may use its resolver)
from gan_zoo.errors import UserError


@dataclass(frozen=True)
class Composed:
    """One run, as the configuration files and what is typed have it.

    Attributes:
        config: composed, without Hydra's own part.
        hydra: all of it, Hydra's own part included.
        folder: where the run writes.
        words: what was typed, in Hydra's grammar; with `resume=DIR` also what the run was started with.
    """

    config: DictConfig
    hydra: DictConfig
    folder: Path
    words: tuple[str, ...]


def compose_run(typed: Sequence[str]) -> Composed:
    """Compose what would be typed after `python train.py` for one run.

    Raises:
        UserError: for flags, unknown choices, unknown keys, values that cannot be read, and sweeps.
    """
    for word in typed:
        if word.startswith("-") or word in FLAGS_WITH_VALUE:
            raise UserError(
                f"'{word}' is a flag of the command line. Give options only, such as 'loss=hinge'; for "
                f"several runs type python train.py -m ..."
            )
    try:
        words = resume.with_run(translate(list(typed)))
        _refuse_sweeps(words)
        find_outside_parts(words)
        whole = _compose(words)
        folder = Path(whole.hydra.run.dir)
        config = whole.copy()
        with read_write(config), open_dict(config):
            del config["hydra"]
        return Composed(config, whole, folder, tuple(words))
    except MISTAKES as error:
        raise UserError(describe(error)) from error


def _refuse_sweeps(words: list[str]) -> None:
    for word, parsed in zip(words, OverridesParser.create().parse_overrides(words), strict=True):
        if parsed.is_sweep_override():
            raise UserError(
                f"'{word}' asks for several runs, and this is one. Go through them in a loop, type "
                f"python train.py -m {word}, or give a list in brackets, as in key=[a,b]"
            )


def _compose(words: list[str]) -> DictConfig:
    """Compose beside whatever the caller has initialized of Hydra."""
    before, GlobalHydra.instance().hydra = GlobalHydra.instance().hydra, None
    try:
        with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
            return compose("train", words, return_hydra_config=True)
    finally:
        GlobalHydra.instance().hydra = before


@contextmanager
def as_hydra_job(composed: Composed) -> Iterator[None]:
    """Let `HydraConfig` say what it says in a run from the command line, and afterwards what it said before.

    Args:
        composed: the run.
    """
    settings = HydraConfig.instance()
    before = settings.cfg
    with read_write(composed.hydra), open_dict(composed.hydra):
        composed.hydra.hydra.runtime.output_dir = str(composed.folder.absolute())
        composed.hydra.hydra.mode = RunMode.RUN
    settings.set_config(composed.hydra)
    try:
        yield
    finally:
        settings.cfg = before
