"""The options of `scripts/evaluate.py`, read and checked without torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from gan_zoo.assemble.option_readers import count, path, text, whole
from gan_zoo.errors import UserError, did_you_mean

HELP = """\
Measure a trained generator, or images made by anything else, against real data.

usage: {command} run=DIR [metrics=[all]] [n=10000] [option=value ...]
       {command} fake=PATH real=PATH [option=value ...]

  run=DIR            run directory, checkpoint file, or latest (the newest run below ./outputs); its data set
                     is loaded as the run had it, and must still be the same
  fake=PATH          instead: generated samples in a folder, a .zip, or a .npy or .npz file
  real=PATH          what they shall be like, likewise; sub-folders are classes
  metrics=[all]      all that make sense for the data, [fast], or names: [frechet_distance,ndb]
  n=10000            how many samples; fewer where there are fewer real ones to compare with
  n_real=60000       size of the reference alone, as published protocols have it
  seed=0             of all that is drawn
  extractor=auto     what features come from: classifier (data with labels), random_convolutions, pixels,
                     projection, torchvision_network, inception; auto is the classifier where one can be
                     trained, else random_convolutions, and for vectors pixels (their coordinates)
  swd_patches=16     patches per image of the sliced Wasserstein distance; 128 in its paper
  size=32            of images in files: cut the largest centered square out of each, and resize it to this
                     height and width (bicubic); real and generated ones alike
  channels=1         of images in files: 1 makes all grey, 3 all color
  out=PATH           the .json file to write; in the run directory unless given, replaced if it is there
  device=cpu         cpu, cuda, mps

  data.KEY=VALUE         replaces a value of the run's data set, as in data.root=DIR
  extractor.KEY=VALUE    a parameter of the extractor, as in extractor.weights=FILE
  METRIC.KEY=VALUE       a parameter of a metric, as in ndb.bins=50
"""


@dataclass(frozen=True)
class EvaluateOptions:
    """What to evaluate and how.

    Attributes:
        run: run directory, checkpoint file, or `latest`; None with `fake` and `real`.
        fake: generated samples in files, or None.
        real: real samples in files, or None.
        metrics: names, `all` or `fast`.
        n: samples.
        n_real: size of the reference, or None for as many as there are others.
        seed: of all that is drawn.
        extractor: name of the feature extractor, or `auto`.
        size: of images in files, or None.
        channels: of images in files, or None.
        out: the file to write, or None.
        device: where the generator runs.
        data: replaced values of the run's data set.
        extractor_options: parameters of the extractor.
        settings: parameters of metrics, by metric.
        command: what was typed.
    """

    run: str | None = None
    fake: Path | None = None
    real: Path | None = None
    metrics: tuple[str, ...] = ("all",)
    n: int = 10_000
    n_real: int | None = None
    seed: int = 0
    extractor: str = "auto"
    size: int | None = None
    channels: int | None = None
    out: Path | None = None
    device: str = "cpu"
    data: dict[str, Any] = field(default_factory=dict)
    extractor_options: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    command: str = ""

    def __post_init__(self) -> None:
        if self.run is None and (self.fake is None or self.real is None):
            raise UserError(
                "What shall be evaluated? Type run=DIR (or run=latest), or both fake=PATH and real=PATH."
            )
        if self.run is not None and (self.fake is not None or self.real is not None):
            raise UserError("Give run=DIR, or fake=PATH and real=PATH, but not both.")
        for name in ("size", "channels") if self.run is not None else ():
            if getattr(self, name) is not None:
                raise UserError(f"{name}= is about images in files; a run makes its own. Leave it out.")
        if self.fake is not None and self.data:
            raise UserError("data.KEY=VALUE is about the data set of a run. Leave it out.")
        if self.out is not None and self.out.suffix.lower() != ".json":
            raise UserError(f"out={self.out} must end in .json, as in out=evaluation.json.")


def read_options(arguments: Sequence[str], command: str = "") -> EvaluateOptions:
    """Read `key=value` arguments.

    Args:
        command: what was typed before them.

    Raises:
        UserError: for an unknown key, a value of the wrong kind, or nothing to evaluate.
    """
    given: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals:
            raise UserError(f"'{argument}' is not of the form key=value. Type for example run=latest n=1000")
        if key in given:
            raise UserError(f"'{key}' is given twice: {given[key]} and {value}. Give it once.")
        given[key] = value
    dotted = {key: value for key, value in given.items() if "." in key}
    plain = {key: value for key, value in given.items() if "." not in key and value != "null"}
    for key in plain:
        if key not in READERS:
            raise UserError(f"Unknown option '{key}'. {did_you_mean(key, READERS)}")
    if "swd_patches" in plain:
        patches = READERS["swd_patches"]("swd_patches", plain.pop("swd_patches"))
        dotted.setdefault("sliced_wasserstein.patches_per_image", str(patches))
    values = {key: READERS[key](key, value) for key, value in plain.items()}
    typed = " ".join([command, *arguments])
    return EvaluateOptions(**values, **_groups(dotted), command=typed)


def _groups(dotted: Mapping[str, str]) -> dict[str, Any]:
    """Sort `group.key` options by group; values are read as YAML."""
    found: dict[str, dict[str, Any]] = {"data": {}, "extractor": {}}
    for name, value in dotted.items():
        group, _, key = name.partition(".")
        try:
            found.setdefault(group, {})[key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise UserError(f"{name}={value} cannot be read. Give a number, a text or a [list].") from error
    return {"data": found.pop("data"), "extractor_options": found.pop("extractor"), "settings": found}


def _names(key: str, value: str) -> tuple[str, ...]:
    inner = value.strip().removeprefix("[").removesuffix("]")
    return tuple(dict.fromkeys(name.strip().strip("\"'") for name in inner.split(",") if name.strip()))


def _channels(key: str, value: str) -> int:
    if value not in ("1", "3"):
        raise UserError(f"channels={value}: give 1 (grey) or 3 (color).")
    return int(value)


READERS: dict[str, Callable[[str, str], Any]] = {
    "run": text,
    "fake": path,
    "real": path,
    "metrics": _names,
    "n": count,
    "n_real": count,
    "seed": whole,
    "extractor": text,
    "swd_patches": count,
    "size": count,
    "channels": _channels,
    "out": path,
    "device": text,
}
