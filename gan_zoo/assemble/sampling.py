"""`scripts/sample.py` and `gan-zoo sample`: from a checkpoint to pictures and arrays; torch waits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gan_zoo.assemble.sample_options import HELP, SampleOptions, read_options
from gan_zoo.errors import UserError

if TYPE_CHECKING:
    from gan_zoo.assemble.load import Trained


def main(arguments: Sequence[str], command: str = "gan-zoo sample") -> None:
    """Read options, draw, write, and say where.

    Args:
        arguments: what the user typed after the command.
        command: how the user called this, for the help.

    Raises:
        UserError: for options that cannot be read or do not fit the checkpoint.
    """
    if any(argument in ("-h", "--help", "help") for argument in arguments):
        print(HELP.format(command=command), end="")  # noqa: T201
        return
    print(sample(read_options(arguments)))  # noqa: T201


def sample(options: SampleOptions) -> str:
    """Draw what `options` ask for and write it; return one line that says what is where.

    Raises:
        UserError: if the checkpoint cannot be read, an option does not fit it, or the file exists.
    """
    from gan_zoo.assemble.load import find_checkpoint, load_trained
    from gan_zoo.assemble.sample_files import write

    checkpoint = find_checkpoint(options.run)
    if options.out is not None:
        _refuse_existing(options.out, options.overwrite)  # before the work
    trained = load_trained(checkpoint, _device(options.device))
    path = options.out or _default_path(trained, options)
    _refuse_existing(path, options.overwrite)
    try:
        count = write(trained, options, path)
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror or error}. Try out=PATH.") from error
    return f"{count} samples at {trained.images / 1000:.1f} kimg of {trained.path}: {path}"


def _default_path(trained: Trained, options: SampleOptions) -> Path:
    """Return a file in the run directory whose name says what is in it."""
    kimg = f"{trained.images // 1000:06d}.{trained.images % 1000:03d}kimg"
    return trained.run_dir / "generated" / f"{kimg}-{options.file_name}"


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise UserError(f"out={path} is a directory. Give the name of a file in it.")
    if path.exists() and not overwrite:
        raise UserError(f"{path} exists and stays as it is. Type overwrite=true to replace it, or out=PATH.")


def _device(name: str) -> str:
    import torch

    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        why = str(error).splitlines()[0]
        raise UserError(f"device={name} is not available here ({why}). Type device=cpu.") from error
    return name
