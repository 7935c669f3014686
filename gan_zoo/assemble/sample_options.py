"""The options of `scripts/sample.py`, read and checked without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_zoo.errors import UserError, did_you_mean

HELP = """\
Draw samples from a trained generator; needs the checkpoint alone, no data set.

usage: {command} run=DIR [n=64] [seed=0] [option=value ...]

  run=DIR            run directory, checkpoint file, or latest (the newest run below ./outputs)
  n=64               how many samples
  seed=0             of the latents; the same seed gives the same samples
  label=3            class of all samples, by number or name; without it the classes take turns
  truncation=0.7     draw latents from a normal distribution cut at +-0.7: better looking, less diverse
  format=png         png: one grid (points: a scatter plot); npy: uint8 [N, H, W, C] (vectors: float32
                     [N, D] in data units); zip: one PNG per sample, in a folder per class
  interpolation=true a grid whose rows go from one latent to another along an arc
  columns=8          of a grid
  out=PATH           where to; generated/ in the run directory unless given
  overwrite=true     replace what is there
  device=cpu         cpu, cuda, mps
"""
FORMATS = ("png", "npy", "zip")
TRUE, FALSE = ("true", "yes", "1"), ("false", "no", "0")


@dataclass(frozen=True)
class SampleOptions:
    """What to draw and where to put it.

    Attributes:
        run: run directory, checkpoint file, or `latest`.
        n: how many samples.
        seed: of the latents.
        label: class of all samples, by number or name, or None.
        truncation: where the normal distribution of latents is cut, or None.
        format: `png`, `npy` or `zip`.
        interpolation: whether to draw paths between latents instead of single samples.
        columns: of a grid, or None.
        out: file to write, or None for a name made of the options.
        overwrite: whether `out` may exist.
        device: where the generator runs.
    """

    run: str
    n: int = 64
    seed: int = 0
    label: str | None = None
    truncation: float | None = None
    format: str = "png"
    interpolation: bool = False
    columns: int | None = None
    out: Path | None = None
    overwrite: bool = False
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.interpolation and self.format != "png":
            raise UserError(
                f"interpolation=true draws a grid; format={self.format} is not possible. Type format=png."
            )
        suffix = self.out.suffix[1:].lower() if self.out else self.format
        if suffix != self.format:
            raise UserError(
                f"out={self.out} does not end in .{self.format}; formats: {', '.join(FORMATS)}. Rename one."
            )

    @property
    def file_name(self) -> str:
        """A name that says what was asked for."""
        parts = ["interpolation" if self.interpolation else "samples", f"n{self.n}", f"seed{self.seed}"]
        parts += [f"label{self.label}"] if self.label is not None else []
        parts += [f"truncation{self.truncation:g}"] if self.truncation is not None else []
        return f"{'-'.join(parts)}.{self.format}".replace("/", "_")


def read_options(arguments: Sequence[str]) -> SampleOptions:
    """Read `key=value` arguments.

    Raises:
        UserError: for an unknown key, a value of the wrong kind, or a missing `run`.
    """
    given: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals:
            raise UserError(f"'{argument}' is not of the form key=value. Type for example run=latest n=64")
        if key not in READERS:
            raise UserError(f"Unknown option '{key}'. {did_you_mean(key, READERS)}")
        if key in given:
            raise UserError(f"'{key}' is given twice: {given[key]} and {value}. Give it once.")
        given[key] = value
    if not given.get("run"):
        raise UserError("Which run? Type run=DIR, or run=latest for the newest one below ./outputs.")
    values = {key: READERS[key](key, value) for key, value in given.items() if value != "null"}
    out = values.get("out")
    if isinstance(out, Path) and "format" not in values and out.suffix[1:].lower() in FORMATS:
        values["format"] = out.suffix[1:].lower()
    return SampleOptions(**values)  # type: ignore[arg-type]


def _text(key: str, value: str) -> str:
    return value


def _path(key: str, value: str) -> Path:
    return Path(value).expanduser()


def _count(key: str, value: str) -> int:
    return _whole(key, value, least=1)


def _whole(key: str, value: str, least: int = 0) -> int:
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if number < least:
        raise UserError(f"{key}={value}: give a whole number, at least {least}, such as {key}=8.")
    return number


def _positive(key: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0.0 < number < float("inf"):
        raise UserError(f"{key}={value}: give a positive number, such as {key}=0.7.")
    return number


def _flag(key: str, value: str) -> bool:
    if value.lower() not in TRUE + FALSE:
        raise UserError(f"{key}={value}: give true or false.")
    return value.lower() in TRUE


def _format(key: str, value: str) -> str:
    if value not in FORMATS:
        raise UserError(f"{key}={value}: there is no such format. {did_you_mean(value, FORMATS)}")
    return value


READERS = {
    "run": _text,
    "n": _count,
    "seed": _whole,
    "label": _text,
    "truncation": _positive,
    "format": _format,
    "interpolation": _flag,
    "columns": _count,
    "out": _path,
    "overwrite": _flag,
    "device": _text,
}
