"""Draws samples in batches and writes them as one picture, one array, or one zip file."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

from gan_zoo import pictures
from gan_zoo.assemble.load import Trained
from gan_zoo.assemble.sample_options import SampleOptions
from gan_zoo.checkpoint import write_aside, write_bytes
from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.networks.base import draw_latents

BATCH = 64
PATH_STEPS = 8  # samples along one path of an interpolation
MOST_PIXELS = 100_000_000  # of one picture
MOST_CLASSES_AS_COLUMNS = 16
EPOCH = (1980, 1, 1, 0, 0, 0)  # of files in a zip, so that the same samples give the same bytes


def write(trained: Trained, options: SampleOptions, path: Path) -> int:
    """Draw what `options` ask for, write it to `path`, and return the number of samples.

    Raises:
        UserError: if an option does not fit the generator.
        OSError: if the disk refuses.
    """
    label = _label(trained, options.label)
    if options.interpolation:
        return _write_interpolation(trained, options, label, path)
    latents = _latents(trained, options, options.n)
    labels = _labels(trained, label, options.n)
    if options.format == "npy":
        write_aside(path, lambda file: _npy(trained, latents, labels, file))
    elif options.format == "zip":
        write_aside(path, lambda file: _zip(trained, latents, labels, file))
    else:
        _write_picture(trained, options, latents, labels, path)
    return options.n


def draw(trained: Trained, latents: Tensor, labels: Tensor | None) -> Iterator[Tensor]:
    """Yield samples on the CPU in batches: images in [-1, 1], or vectors in data units."""
    device = next(trained.generator.parameters()).device
    for start in range(0, len(latents), BATCH):
        rows = slice(start, start + BATCH)
        with torch.no_grad():
            batch_labels = None if labels is None else labels[rows].to(device)
            yield trained.generator(latents[rows].to(device), batch_labels).float().cpu() * trained.spec.scale


def _latents(trained: Trained, options: SampleOptions, n: int) -> Tensor:
    """Draw the latents that `Generator.sample` draws: all at once, because a shorter draw is another one."""
    generator = trained.generator
    if options.truncation is not None and generator.latent_prior != "normal":
        raise UserError(
            f"truncation cuts a normal distribution; this generator's latents are of the kind "
            f"{generator.latent_prior}. Leave it out."
        )
    prior, cut = generator.latent_prior, options.truncation
    return draw_latents(Draws(options.seed), n, generator.latent_dim, "sample", prior=prior, truncation=cut)


def _label(trained: Trained, label: str | None) -> int | None:
    """Return the index of a class given by number or name."""
    classes, names = trained.generator.classes, trained.spec.class_names
    if label is None:
        return None
    if not classes:
        raise UserError(f"label={label}: this generator knows no classes. Leave label out.")
    if label in names:
        return names.index(label)
    if label.isdecimal() and int(label) < classes:
        return int(label)
    known = f"0 to {classes - 1}" + (f", or a name: {', '.join(names[:20])}" if names else "")
    raise UserError(f"label={label} is not a class of this generator. Known: {known}.")


def _labels(trained: Trained, label: int | None, n: int) -> Tensor | None:
    """Return labels `[n]`: all the same, or the classes in turn."""
    classes = trained.generator.classes
    if not classes:
        return None
    return torch.full((n,), label) if label is not None else torch.arange(n) % classes


# One picture ---------------------------------------------------------------------------------------------


def _write_picture(
    trained: Trained, options: SampleOptions, latents: Tensor, labels: Tensor | None, path: Path
) -> None:
    if not trained.spec.is_image:
        points = torch.cat(list(draw(trained, latents, labels)))
        title = f"{trained.spec.name}, {trained.images / 1000:.1f} kimg"
        write_bytes(path, pictures.png(pictures.scatter(None, points, title)))
        return
    classes = trained.generator.classes
    in_turn = options.label is None and 1 < classes <= MOST_CLASSES_AS_COLUMNS
    columns = options.columns or (classes if in_turn else math.ceil(math.sqrt(options.n)))
    _write_grid(trained, latents, labels, min(columns, options.n), path)


def _write_interpolation(trained: Trained, options: SampleOptions, label: int | None, path: Path) -> int:
    """Write a grid whose rows lead from one latent to another; conditional rows keep one class each."""
    if not trained.spec.is_image:
        raise UserError("interpolation=true needs a generator of images; this one makes vectors.")
    steps = options.columns or PATH_STEPS
    rows = math.ceil(options.n / steps)
    ends = _latents(trained, options, 2 * rows)
    shares = torch.linspace(0.0, 1.0, steps)
    if trained.generator.latent_prior == "normal":
        paths = pictures.spherical(ends[:rows], ends[rows:], shares)
    else:  # a cube has no arcs: the straight line stays inside it
        paths = torch.lerp(ends[:rows, None], ends[rows:, None], shares[None, :, None])
    labels = _labels(trained, label, rows)
    labels = None if labels is None else labels.repeat_interleave(steps)
    _write_grid(trained, paths.flatten(0, 1), labels, steps, path)
    return rows * steps


def _write_grid(trained: Trained, latents: Tensor, labels: Tensor | None, columns: int, path: Path) -> None:
    height, width = trained.spec.shape[1:]
    factor = pictures.magnification(height, width)
    if len(latents) * height * width * factor**2 > MOST_PIXELS:
        raise UserError(f"{len(latents)} images are too many for one picture. Type format=zip or format=npy.")
    images = torch.cat([pictures.to_uint8(batch) for batch in draw(trained, latents, labels)])
    write_bytes(path, pictures.png(pictures.grid(images, columns)))


# Many samples --------------------------------------------------------------------------------------------


def _npy(trained: Trained, latents: Tensor, labels: Tensor | None, file: BinaryIO) -> None:
    """Write uint8 `[N, H, W, C]`, or float32 `[N, D]`, batch by batch."""
    written = False
    for batch in draw(trained, latents, labels):
        image = trained.spec.is_image
        rows = (pictures.to_uint8(batch).permute(0, 2, 3, 1) if image else batch).contiguous().numpy()
        if not written:
            shape = (len(latents), *rows.shape[1:])
            kind = np.lib.format.dtype_to_descr(rows.dtype)
            header = {"descr": kind, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            written = True
        file.write(rows.tobytes())


def _zip(trained: Trained, latents: Tensor, labels: Tensor | None, file: BinaryIO) -> None:
    """Write one PNG per image, below one folder per class where there are classes."""
    if not trained.spec.is_image:
        raise UserError("format=zip needs a generator of images; this one makes vectors. Type format=npy.")
    folders = class_folders(trained.spec.class_names, trained.generator.classes)
    index = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for batch in draw(trained, latents, labels):
            for pixels in pictures.to_uint8(batch):
                folder = "" if labels is None else f"{folders[int(labels[index])]}/"
                entry = zipfile.ZipInfo(f"{folder}{index:06d}.png", EPOCH)
                archive.writestr(entry, pictures.image_png(pixels))
                index += 1


def class_folders(names: tuple[str, ...], classes: int) -> list[str]:
    """Return a folder name per class: its name where that is fit for one, else with its number in front.

    Example:
        >>> class_folders(("cat", "dog/wolf"), 2)
        ['0_cat', '1_dog_wolf']
    """
    if len(names) != classes:
        return [f"{index:0{len(str(max(classes - 1, 0)))}d}" for index in range(classes)]
    clean = [re.sub(r"[^\w .+-]+", "_", name).strip(" .") for name in names]
    if tuple(clean) == names and len(set(clean)) == len(clean):
        return clean
    return [f"{index:0{len(str(classes - 1))}d}_{name}" for index, name in enumerate(clean)]
