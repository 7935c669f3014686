"""Pictures and tables as Weights & Biases shows them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image
from torch import Tensor

from gan_zoo import pictures
from gan_zoo.checkpoint import image_name

if TYPE_CHECKING:
    from gan_zoo.evaluation.measures.ndb import Binned
    from gan_zoo.module import GANModule

MEMBERS = 4  # samples of a bin in one picture
COLUMNS = ("bin", "real share", "generated share", "difference", "p-value", "verdict")
EXAMPLES = ("real", "generated")


def grid_key(is_image: bool) -> str:
    """Return under which key the samples of a run are shown: a grid of images, or points in a plane."""
    return "samples/grid" if is_image else "samples/plane"


def saved_pictures(folder: Path, images: int, module: GANModule | None) -> dict[str, Image.Image]:
    """Return the picture of samples that a run wrote at an image count, by key; empty if there is none."""
    path = folder / "samples" / f"{image_name(images)}.png"
    if module is None or not path.exists():
        return {}
    with Image.open(path) as picture:
        return {grid_key(module.game.spec.is_image): picture.convert("RGB")}


def bins_table(binned: Binned) -> Any:
    """Return the bins of NDB as a table of W&B, what is missing most first; images with some of each bin."""
    import wandb

    shows = binned.sample[0].values.ndim == 4
    columns = [*COLUMNS, *(EXAMPLES if shows else ())]
    return wandb.Table(columns=columns, data=[_cells(binned, index, shows) for index in _order(binned)])


def _order(binned: Binned) -> list[int]:
    change = binned.result.proportions - binned.result.train_proportions
    return [int(index) for index in change.argsort(stable=True)]


def _cells(binned: Binned, index: int, shows: bool) -> list[Any]:
    """Return one row: shares, the test, and members of the bin."""
    result = binned.result
    real, generated = float(result.train_proportions[index]), float(result.proportions[index])
    verdict = "alike"
    if bool(result.different[index]):
        verdict = "too frequent" if generated > real else "missing" if generated == 0.0 else "too rare"
    cells: list[Any] = [index, real, generated, generated - real, float(result.p_values[index]), verdict]
    if shows:
        sets = (binned.reference, binned.sample)
        cells += [_members(view.values, bins, index) for view, bins in sets]
    return cells


def _members(values: Tensor, bins: Tensor, index: int) -> Any:
    """Return the first members of a bin side by side, None where there are none."""
    import wandb

    found = (bins == index).nonzero()[:MEMBERS, 0]
    if not len(found):
        return None
    images = values[found]
    shown = images if images.dtype == torch.uint8 else images.round().clamp(0.0, 255.0).to(torch.uint8)
    return wandb.Image(pictures.grid(shown, len(found)))


def histogram(values: Tensor) -> Any:
    """Return a histogram of W&B of the finite ones of `values` `[N]`, None without any."""
    import wandb

    finite = values[values.isfinite()].float().cpu()
    return wandb.Histogram(finite.tolist()) if len(finite) else None
