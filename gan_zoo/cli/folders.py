"""A refused run leaves nothing on disk: Hydra makes folders before it calls us, and here they go again."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from gan_zoo.errors import UserError

_made: list[Path] = []  # folders that did not exist when Hydra began


class RememberFolders(Callback):
    """Notes which folders Hydra is about to make."""

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Note the folder of a single run and those above it."""
        with suppress(OmegaConfBaseException):  # Hydra meets the same error next, and reports it
            _note(Path(config.hydra.run.dir))

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Note the folder of a sweep and those above it."""
        with suppress(OmegaConfBaseException):
            _note(Path(config.hydra.sweep.dir))


def _note(folder: Path) -> None:
    folder = folder.absolute()
    _made[:] = [path for path in (folder, *folder.parents) if not path.exists()]


def remove_empty(folder: Path) -> None:
    """Remove `folder` and the folders above it, as far as Hydra made them and they are empty."""
    if _made and _made[0] in folder.absolute().parents:  # a job's folder inside the sweep's
        for path in (folder.absolute(), *folder.absolute().parents):
            if path == _made[0] or not _remove(path):
                break
    for path in _made:
        if not _remove(path):
            return


def remove_empty_sweep() -> None:
    """Remove the sweep's folder if it holds nothing but Hydra's own note of the sweep."""
    if _made and _made[0].is_dir() and [path.name for path in _made[0].iterdir()] == ["multirun.yaml"]:
        (_made[0] / "multirun.yaml").unlink()
        remove_empty(_made[0])


def _remove(folder: Path) -> bool:
    if not folder.is_dir() or any(folder.iterdir()):
        return False
    folder.rmdir()
    return True


def refuse_used(folder: Path) -> None:
    """Refuse a folder that already holds a run.

    Raises:
        UserError: if it does.
    """
    found = [name for name in ("config.yaml", "checkpoints", "summary.json") if (folder / name).exists()]
    if found:
        raise UserError(
            f"run_dir={folder} already holds a run ({', '.join(found)}). Nothing was changed. "
            f"Type another one, as in run_dir={folder}-2, or remove it first."
        )
