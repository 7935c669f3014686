"""A picture of bins or modes: how often real and generated samples fall into each, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gan_zoo import pictures

if TYPE_CHECKING:
    from gan_zoo.evaluation.measures.ndb import Binned

REAL, SAME, LESS, MORE = "#d5d8dc", "#4a6fa5", "#c8553d", "#e0a458"
INK, FAINT = "#2b2d33", "#8a8f98"
COLUMNS, MEMBERS = 7, 4  # of a gallery: bins, and samples of each
WIDTH, BARS, MARGIN, GUTTER = 11.0, 4.2, 0.75, 0.3  # inches: all, bars' height, borders, between galleries
TALLEST = 4.0  # bars are cut above this many times the largest real share, else those could not be seen
MOST_LABELS = 40  # bars that get a name each
MOST_LETTERS = 95  # of the title; the end says most


@dataclass(frozen=True)
class Shares:
    """Two histograms over the same bins.

    Attributes:
        real: share of real samples in each bin `[K]`.
        generated: share of generated samples `[K]`.
        different: whether a bin's shares differ significantly, bool `[K]`.
        title: above the picture.
        axis: what the bins are.
        words: what a bin is called whose generated share differs downwards, and upwards.
        ordered: whether the order of the bins means something, and so is kept.
    """

    real: Tensor
    generated: Tensor
    different: Tensor
    title: str
    axis: str
    words: tuple[str, str] = ("significantly less", "significantly more")
    ordered: bool = False


@dataclass(frozen=True)
class Gallery:
    """Samples of some bins: one column per bin.

    Attributes:
        title: what these bins have in common.
        color: of the title.
        headers: one text per column.
        images: uint8 `[columns, members, 3, H, W]`.
    """

    title: str
    color: str
    headers: list[str]
    images: Tensor


def bins_picture(shares: Shares, galleries: Sequence[Gallery] = ()) -> Image.Image:
    """Draw the histograms, and below them the galleries side by side."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = max((_height(each) for each in galleries), default=0.0)
    cell = (WIDTH - 2 * MARGIN - GUTTER) / 2.0
    below = cell * rows + 0.95 if galleries else 0.0
    height = BARS + below
    figure = Figure(figsize=(WIDTH, height), dpi=110, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    area = (MARGIN / WIDTH, (below + 0.6) / height, 1.0 - 2 * MARGIN / WIDTH, (BARS - 1.5) / height)
    _bars(figure.add_axes(area), shares)
    figure.text(
        area[0], 1.0 - 0.33 / height, shares.title, fontsize=13, color=INK, weight="bold", va="center"
    )
    for index, gallery in enumerate(galleries):
        left = MARGIN + index * (cell + GUTTER)
        part = (left / WIDTH, 0.15 / height, cell / WIDTH, (below - 0.75) / height)
        _draw_gallery(figure, gallery, part, (below - 0.25) / height)
    canvas.draw()
    size = canvas.get_width_height()
    return Image.frombuffer("RGBA", size, canvas.buffer_rgba().tobytes()).convert("RGB")


def _bars(axes: Any, shares: Shares) -> None:
    """Draw real shares as wide bars and generated ones as narrow bars before them."""
    count = len(shares.real)
    order = torch.arange(count) if shares.ordered else shares.real.argsort(descending=True, stable=True)
    real, generated = (100.0 * values[order].double().numpy() for values in (shares.real, shares.generated))
    marked = shares.different[order].numpy()
    places = np.arange(count)
    axes.bar(places, real, width=0.92, color=REAL, label="real", zorder=2)
    groups = [
        ("generated", ~marked, SAME),
        (f"generated, {shares.words[0]}", marked & (generated < real), LESS),
        (f"generated, {shares.words[1]}", marked & (generated >= real), MORE),
    ]
    for label, chosen, color in groups:
        if chosen.any():
            text = f"{label} ({int(chosen.sum())})"
            axes.bar(places[chosen], generated[chosen], width=0.5, color=color, label=text, zorder=3)
    gone = generated == 0.0  # a bar of no height is not seen
    axes.plot(places[gone], np.zeros(int(gone.sum())), "v", color=LESS, markersize=5, clip_on=False, zorder=4)
    _cut(axes, places, generated, TALLEST * float(real.max()))
    axes.set_xlim(-0.8, count - 0.2)
    axes.set_ylabel("share of samples, %", color=INK)
    axes.set_xlabel(shares.axis, color=INK)
    axes.set_xticks(places if count <= MOST_LABELS else [])
    if count <= MOST_LABELS:
        axes.set_xticklabels([str(int(index)) for index in order], fontsize=8)
    axes.tick_params(colors=FAINT, length=0)
    axes.grid(axis="y", color="#ececec", zorder=0)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(REAL)
    place = {"loc": "lower left", "bbox_to_anchor": (-0.008, 1.05), "borderaxespad": 0.2}
    axes.legend(**place, ncols=4, frameon=False, fontsize=9, labelcolor=INK, handlelength=1.2)


def _cut(axes: Any, places: np.ndarray, generated: np.ndarray, most: float) -> None:
    """Cut bars at `most` and write above them how long they are."""
    if generated.max(initial=0.0) <= most or most <= 0.0:
        return
    axes.set_ylim(0.0, most)
    for place in np.flatnonzero(generated > most):
        text = f"{generated[place]:.0f} %"
        axes.text(places[place], most, text, fontsize=8, color=INK, ha="center", va="bottom")


def _height(gallery: Gallery) -> float:
    """Return a gallery's height, as a part of the width of one with all its columns."""
    height, width, _ = _tiles(gallery.images).shape
    return height / width * len(gallery.headers) / COLUMNS


def _draw_gallery(figure: Any, gallery: Gallery, part: tuple[float, ...], top: float) -> None:
    """Draw the columns of a gallery in a part of the figure, with its title at the height `top`."""
    columns = len(gallery.headers)
    tiles = _tiles(gallery.images)
    axes = figure.add_axes((part[0], part[1], part[2] * columns / COLUMNS, part[3]), anchor="NW")
    axes.imshow(tiles, interpolation="nearest")
    axes.set_axis_off()
    step = tiles.shape[1] / columns
    for index, header in enumerate(gallery.headers):
        axes.text((index + 0.47) * step, -0.08 * step, header, fontsize=8, color=FAINT, ha="center")
    figure.text(part[0], top, gallery.title, fontsize=10.5, color=gallery.color, weight="bold", va="center")


def _tiles(images: Tensor) -> np.ndarray:
    """Lay out `[columns, members, 3, H, W]` as one picture `[height, width, 3]` with white gaps."""
    gap = max(1, images.shape[-1] // 16)
    padded = torch.nn.functional.pad(images, (0, gap, 0, gap), value=255)
    return padded.permute(1, 3, 0, 4, 2).flatten(2, 3).flatten(0, 1).numpy()


def of_bins(binned: Binned, title: str) -> Image.Image:
    """Draw NDB's bins; of images also what is missing and what comes too often."""
    result = binned.result
    shares = Shares(
        result.train_proportions,
        result.proportions,
        result.different,
        title,
        f"{len(result.proportions)} k-means bins of the real samples, by real share",
    )
    if binned.sample[0].values.ndim != 4:
        return bins_picture(shares)
    change = result.proportions - result.train_proportions
    galleries = []
    for name, color, rows, (view, bins) in (
        ("Too rare: real samples (real % → generated %)", LESS, change, binned.reference),
        ("Too frequent: generated samples of these bins", MORE, -change, binned.sample),
    ):
        order = rows.argsort(stable=True)
        chosen = [int(index) for index in order if result.different[index] and rows[index] < 0.0][:COLUMNS]
        if chosen:
            headers = [
                f"{100 * result.train_proportions[index]:.1f} → {100 * result.proportions[index]:.1f}"
                for index in chosen
            ]
            galleries.append(Gallery(name, color, headers, _members(view.values, bins, chosen)))
    return bins_picture(shares, galleries)


def _members(values: Tensor, bins: Tensor, chosen: Sequence[int]) -> Tensor:
    """Return the first members of each chosen bin in color, `[columns, MEMBERS, 3, H, W]`, else white."""
    columns = []
    for index in chosen:
        found = pictures.as_color(values[(bins == index).nonzero()[:MEMBERS, 0]])
        missing = found.new_full((MEMBERS - len(found), *found.shape[1:]), 255)
        columns.append(torch.cat([found, missing]))
    return torch.stack(columns)


def of_modes(counts: Tensor, title: str) -> Image.Image:
    """Draw how many high-quality samples `[K]` each mode of a mixture with equal weights has."""
    total = float(counts.sum()) or 1.0
    generated = counts.double() / total
    real = torch.full_like(generated, 1.0 / len(counts))
    few = generated < 0.1 * real  # what `modes` does not count
    words = ("missing", "")
    return bins_picture(Shares(real, generated, few, title, "modes of the mixture", words, ordered=True))
