"""`scripts/export.py` and `gan-zoo export`: from a checkpoint to a file for other programs; torch waits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gan_zoo.assemble.export_options import HELP, ExportOptions, read_options
from gan_zoo.errors import UserError

if TYPE_CHECKING:
    from gan_zoo.assemble.load import Trained


def main(arguments: Sequence[str], command: str = "gan-zoo export") -> None:
    """Read options, export, and say where.

    Args:
        arguments: what the user typed after the command.
        command: how the user called this, for the help.

    Raises:
        UserError: for options that cannot be read, or a run that cannot be exported.
    """
    if any(argument in ("-h", "--help", "help") for argument in arguments):
        print(HELP.format(command=command), end="")  # noqa: T201
        return
    print(export(read_options(arguments)))  # noqa: T201


def export(options: ExportOptions) -> str:
    """Write what `options` ask for; return one line that says what is where.

    Raises:
        UserError: if the checkpoint cannot be read, a package is missing, or the file exists or cannot be
            written.
    """
    from gan_zoo.assemble.load import find_checkpoint, load_trained
    from gan_zoo.checkpoint import image_name, write_bytes

    if options.out is not None:
        _refuse_existing(options.out, options.overwrite)  # before the work
    trained = load_trained(find_checkpoint(options.run))
    name = f"{image_name(trained.images)}{options.suffix}"
    path = options.out or trained.run_dir / "exported" / name
    _refuse_existing(path, options.overwrite)
    content = _content(trained, options.format)
    try:
        write_bytes(path, content)
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror or error}. Try out=PATH.") from error
    what = f"{options.format}, {len(content) / 1e6:.1f} MB"
    return f"The generator at {trained.images / 1000:.1f} kimg of {trained.path} ({what}): {path}"


def _content(trained: Trained, kind: str) -> bytes:
    from gan_zoo.assemble import export_programs, safetensors_file

    if kind == "safetensors":
        return safetensors_file.to_bytes(trained.generator.state_dict(), trained.about)
    make = export_programs.onnx if kind == "onnx" else export_programs.torch_export
    return make(trained.generator, trained.about)


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise UserError(f"out={path} is a directory. Give the name of a file in it.")
    if path.exists() and not overwrite:
        raise UserError(f"{path} exists and stays as it is. Type overwrite=true to replace it, or out=PATH.")
