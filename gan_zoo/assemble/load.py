"""From a checkpoint, or what was exported from one, to a working generator, with no data set and no YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from gan_zoo import checkpoint
from gan_zoo.assemble import safetensors_file
from gan_zoo.assemble.build import build_generator, generator_state
from gan_zoo.errors import UserError
from gan_zoo.networks.base import Generator
from gan_zoo.types import DataSpec
from gan_zoo.version import VERSION

OUTPUTS = Path("outputs")
NAMES = (checkpoint.LAST, checkpoint.INTERRUPTED)


@dataclass(frozen=True)
class Trained:
    """A generator out of a checkpoint, and what is known of its run.

    Attributes:
        generator: in eval mode, averaged where the run averages.
        spec: of the data that it was trained on.
        images: real images that its run had seen.
        path: of the checkpoint.
        about: what the file says of it, plain: `config`, `spec`, `images`, `condition`, `versions`.
    """

    generator: Generator
    spec: DataSpec
    images: int
    path: Path
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def run_dir(self) -> Path:
        """The run directory that the checkpoint lies in, or else its folder."""
        folder = self.path.parent
        return folder.parent if folder.name == "checkpoints" else folder


def load(path: str | Path, device: str = "cpu") -> Generator:
    """Return the generator of a run in eval mode.

    Args:
        path: a run directory, one of its checkpoints, an exported `.safetensors` file, or `latest`.
        device: where the generator shall live.

    Raises:
        UserError: if there is no checkpoint that can be read.
    """
    return load_trained(path, device).generator


def load_trained(path: str | Path, device: str = "cpu") -> Trained:
    """Rebuild the generator of a run from the configuration in its checkpoint, and say where it comes from.

    Raises:
        UserError: if there is no checkpoint that can be read, or its weights do not fit its configuration.
    """
    file = find_checkpoint(path)
    weights, about = safetensors_file.read(file) if file.suffix == safetensors_file.SUFFIX else _saved(file)
    spec = checkpoint.read_spec(about["spec"])
    generator = build_generator(about["config"], spec)
    try:
        generator.load_state_dict(weights)
    except RuntimeError as error:
        raise UserError(
            f"The weights in {file} do not fit the generator that its configuration describes. They were "
            f"written by gan_zoo {checkpoint.writer(about)}; this is {VERSION}. {_first_lines(error)}"
        ) from error
    if about["condition"]:
        generator.register_forward_pre_hook(partial(_at_stage, about["condition"]), with_kwargs=True)
    generator.eval().requires_grad_(False).to(device)
    return Trained(generator, spec, about["images"], file, about)


def _saved(file: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the averaged generator's weights in a checkpoint, and what it says of them."""
    contents = checkpoint.load(file)
    weights, condition = generator_state(contents["game"])
    about = {key: contents[key] for key in ("config", "spec", "images", "versions")}
    return weights, {**about, "condition": condition}


def _at_stage(
    condition: Mapping[str, Any], module: nn.Module, inputs: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Let a generator that grows run where its run had grown to, unless the caller says otherwise."""
    return inputs, {**condition, **keywords}


def _first_lines(error: Exception) -> str:
    return " ".join(str(error).split("\n\t")[:2])[:300]


def find_checkpoint(path: str | Path) -> Path:
    """Return the checkpoint file of a run directory, of a file, or of `latest`.

    In a directory that is the newest one that is good; those that are passed over are named.

    Raises:
        UserError: if there is none.
    """
    place = Path(path)
    if str(path) == "latest" and not place.exists():
        return checkpoint.newest_good(_newest().parent)
    if not place.exists():
        raise UserError(f"There is no run or checkpoint {place}. Give run=DIR, run=FILE.ckpt or run=latest.")
    if place.is_file():
        return place
    for folder in (place / "checkpoints", place):
        if checkpoint.candidates(folder):
            return checkpoint.newest_good(folder)
    raise UserError(
        f"The directory {place} holds no checkpoints/last.ckpt: the run has not saved anything yet, it ran "
        f"with callbacks=none, or this is not a run directory. Give run=DIR or run=latest."
    )


def _newest() -> Path:
    """Return the checkpoint of the run below ./outputs that saved last."""
    found = [file for name in NAMES for file in OUTPUTS.glob(f"**/checkpoints/{name}")]
    if not found:
        raise UserError("run=latest: no run below ./outputs has a checkpoint. Train one: python train.py")
    return max(found, key=lambda file: (file.stat().st_mtime_ns, str(file)))
