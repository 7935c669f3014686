"""The options of `scripts/export.py`, read and checked without torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_zoo.assemble.option_readers import path, text
from gan_zoo.errors import UserError, did_you_mean

HELP = """\
Write the generator of a run, averaged where the run averages, in a form that other programs read.

usage: {command} run=DIR format=safetensors [out=FILE] [overwrite=true]

  run=DIR              run directory, checkpoint file, or latest (the newest run below ./outputs)
  format=safetensors   weights, with the configuration in the header; gan_zoo.load(FILE) gives the generator
  format=torch_export  a program (.pt2) for torch.export.load(FILE).module()(latents), without gan_zoo
  format=onnx          a program (.onnx) for ONNX runtimes
  out=FILE             where to; exported/ in the run directory unless given
  overwrite=true       replace what is there

Programs take latents [B, Z], and labels [B] where the generator has classes; any B.
safetensors and onnx need packages: pip install 'gan-zoo[export]'
"""
SUFFIXES = {"safetensors": ".safetensors", "torch_export": ".pt2", "onnx": ".onnx"}
FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class ExportOptions:
    """What to export, and where to.

    Attributes:
        run: run directory, checkpoint file, or `latest`.
        format: `safetensors`, `torch_export` or `onnx`.
        out: file to write, or None for a name made of the image count.
        overwrite: whether `out` may exist.
    """

    run: str
    format: str
    out: Path | None = None
    overwrite: bool = False

    @property
    def suffix(self) -> str:
        """How the file's name ends."""
        return SUFFIXES[self.format]


def read_options(arguments: Sequence[str]) -> ExportOptions:
    """Read `key=value` arguments; the format may follow from the name of `out`.

    Raises:
        UserError: for an unknown key, a value of the wrong kind, or a missing `run` or `format`.
    """
    given: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals:
            raise UserError(
                f"'{argument}' is not of the form key=value. Type for example run=latest format=onnx"
            )
        if key not in READERS:
            raise UserError(f"Unknown option '{key}'. {did_you_mean(key, READERS)}")
        if key in given:
            raise UserError(f"'{key}' is given twice: {given[key]} and {value}. Give it once.")
        given[key] = value
    if not given.get("run"):
        raise UserError("Which run? Type run=DIR, or run=latest for the newest one below ./outputs.")
    values: dict[str, Any] = {
        key: READERS[key](key, value) for key, value in given.items() if value != "null"
    }
    ending = values["out"].suffix.lower() if "out" in values else ""
    values.setdefault("format", next((name for name, known in SUFFIXES.items() if known == ending), None))
    if values["format"] is None:
        raise UserError(f"Which format? Type format=safetensors; known: {', '.join(SUFFIXES)}.")
    if "out" in values and ending != SUFFIXES[values["format"]]:
        raise UserError(f"out={values['out']} does not end in {SUFFIXES[values['format']]}. Rename one.")
    return ExportOptions(**values)


def _format(key: str, value: str) -> str:
    if value not in SUFFIXES:
        raise UserError(f"{key}={value}: there is no such format. {did_you_mean(value, SUFFIXES)}")
    return value


def _flag(key: str, value: str) -> bool:
    if value.lower() not in FLAGS:
        raise UserError(f"{key}={value}: give true or false.")
    return FLAGS[value.lower()]


READERS: dict[str, Callable[[str, str], Any]] = {
    "run": text,
    "format": _format,
    "out": path,
    "overwrite": _flag,
}
