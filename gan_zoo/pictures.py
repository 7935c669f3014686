"""Pictures of samples: grids, scatter plots, interpolations; from tensors to PNG, nothing random."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

CELL = 64  # pixels that a cell of a grid has at least, so that people can see it
GAP = 2  # pixels between cells
BACKGROUND = 255
NAME_LENGTH = 14


def to_uint8(images: Tensor) -> Tensor:
    """Map images in [-1, 1] to uint8 on the CPU, same shape; what is not a number becomes black."""
    levels = torch.nan_to_num(images.detach().float().cpu(), nan=-1.0).add(1.0).mul(127.5)
    return levels.round().clamp(0.0, 255.0).to(torch.uint8)


def magnification(height: int, width: int, cell: int = CELL) -> int:
    """Return the whole factor by which an image is enlarged to have at least `cell` pixels on its short side.

    Example:
        >>> [magnification(size, size) for size in (4, 28, 32, 64, 128)]
        [16, 3, 2, 1, 1]
    """
    return max(1, math.ceil(cell / min(height, width)))


def as_color(pixels: Tensor) -> Tensor:
    """Return uint8 images `[N, C, H, W]` as `[N, 3, H, W]`: grey is repeated, the third one is 0 or kept."""
    channels = pixels.shape[1]
    if channels == 1:
        return pixels.expand(-1, 3, -1, -1)
    if channels == 2:
        return torch.cat([pixels, torch.zeros_like(pixels[:, :1])], dim=1)
    return pixels[:, :3]


def grid(images: Tensor, columns: int, row_names: Sequence[str] = ()) -> Image.Image:
    """Lay out images row by row, each enlarged by a whole factor (nearest neighbor).

    Args:
        images: `[N, C, H, W]`, floating point in [-1, 1] or uint8.
        columns: cells per row.
        row_names: texts at the left of the rows, or none.

    Raises:
        ValueError: if there are no images, or no columns.
    """
    if images.ndim != 4 or len(images) == 0 or columns < 1:
        raise ValueError(f"A grid needs images [N, C, H, W], got {list(images.shape)} in {columns} columns.")
    pixels = as_color(images.cpu() if images.dtype == torch.uint8 else to_uint8(images))
    factor = magnification(*pixels.shape[2:])
    pixels = pixels.repeat_interleave(factor, dim=2).repeat_interleave(factor, dim=3)
    height, width = pixels.shape[2] + GAP, pixels.shape[3] + GAP
    margin = _margin(row_names)
    rows = math.ceil(len(pixels) / columns)
    size = (3, rows * height + GAP, margin + columns * width + GAP)
    canvas = torch.full(size, BACKGROUND, dtype=torch.uint8)
    for index, picture in enumerate(pixels):
        top, left = index // columns * height + GAP, margin + index % columns * width + GAP
        canvas[:, top : top + height - GAP, left : left + width - GAP] = picture
    picture = Image.fromarray(canvas.permute(1, 2, 0).contiguous().numpy())
    draw = ImageDraw.Draw(picture)
    for row, name in enumerate(row_names[:rows]):
        middle = row * height + GAP + (height - GAP) // 2
        draw.text((margin - GAP - 2, middle), _short(name), fill=(0, 0, 0), font=_font(), anchor="rm")
    return picture


def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(12)


def _short(name: str) -> str:
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"


def _margin(names: Sequence[str]) -> int:
    return math.ceil(max((_font().getlength(_short(name)) for name in names), default=-8.0)) + 8


def png(picture: Image.Image) -> bytes:
    """Return the picture as a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def image_png(pixels: Tensor) -> bytes:
    """Return one image `[C, H, W]` in uint8 as a PNG at its own size: grey for one channel, else color."""
    if pixels.shape[0] == 1:
        return png(Image.fromarray(pixels[0].contiguous().numpy()))
    return png(Image.fromarray(as_color(pixels[None])[0].permute(1, 2, 0).contiguous().numpy()))


def plane(points: Tensor) -> Tensor:
    """Return the first two coordinates `[N, 2]` of points `[N, D]`; a missing second one is 0."""
    flat = points.detach().float().cpu()
    return torch.cat([flat, torch.zeros_like(flat)], dim=1)[:, :2] if flat.shape[1] == 1 else flat[:, :2]


def scatter(real: Tensor | None, generated: Tensor | None, title: str = "") -> Image.Image:
    """Draw real and generated points in one plane, in the units of the data.

    The frame follows the real points, so that pictures of one run can be compared; points outside it
    are counted in the legend.

    Args:
        real: `[N, D]` or None.
        generated: `[N, D]` or None.
        title: above the picture; how many coordinates are not shown is added.

    Raises:
        ValueError: if both are None.
    """
    shown = real if real is not None else generated
    if shown is None:
        raise ValueError("A scatter plot needs real or generated points.")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.0, 6.0), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    center, reach = _frame(plane(shown))
    groups = (("real", real, "#9a9a9a", 9.0), ("generated", generated, "#d1495b", 6.0))
    for name, points, color, size in groups:
        if points is None:
            continue
        flat = plane(points)
        inside = ((flat - center).abs() <= reach).all(dim=1)  # what is not finite is outside, too
        outside = len(flat) - int(inside.sum())
        label = f"{name} ({len(flat)}{f', {outside} outside' if outside else ''})"
        across, up = flat[inside].T.numpy()
        axes.scatter(across, up, s=size, color=color, alpha=0.7, linewidths=0.0, label=label)
    axes.set_xlim(float(center[0] - reach), float(center[0] + reach))
    axes.set_ylim(float(center[1] - reach), float(center[1] + reach))
    axes.set_aspect("equal")
    hidden = f"coordinates 1 and 2 of {shown.shape[1]}" if shown.shape[1] > 2 else ""
    axes.set_title(", ".join(filter(None, (title, hidden))), fontsize=11)
    figure.legend(loc="outside lower center", ncols=2, markerscale=3.0, frameon=False)
    canvas.draw()
    return Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba().tobytes()).convert("RGB")


def _frame(points: Tensor) -> tuple[Tensor, Tensor]:
    """Return center `[2]` and half the side `[]` of a square with all finite points and a margin."""
    finite = points[points.isfinite().all(dim=1)]
    if len(finite) == 0:
        return torch.zeros(2), torch.ones(())
    low, high = finite.amin(dim=0), finite.amax(dim=0)
    return (low + high) / 2.0, ((high - low).amax() / 2.0 * 1.25).clamp_min(1e-6)


def spherical(start: Tensor, end: Tensor, shares: Tensor) -> Tensor:
    """Interpolate on the arc between latents (Shoemake 1985; White 2016, arXiv:1609.04468, section 2.1).

    A straight line between two normal vectors of many dimensions passes through lengths that the generator
    was never trained on; the arc keeps them.

    Args:
        start: `[R, Z]`.
        end: `[R, Z]`.
        shares: `[S]` in [0, 1].

    Returns:
        `[R, S, Z]`; parallel vectors are joined by a straight line.
    """
    unit = torch.nn.functional.normalize
    angle = (unit(start, dim=1) * unit(end, dim=1)).sum(dim=1).clamp(-1.0, 1.0).acos()[:, None, None]
    share = shares[None, :, None]  # [1, S, 1]
    sine = angle.sin()
    straight = sine < 1e-4
    safe = torch.where(straight, torch.ones_like(sine), sine)
    from_start = torch.where(straight, 1.0 - share, ((1.0 - share) * angle).sin() / safe)
    from_end = torch.where(straight, share.expand_as(from_start), (share * angle).sin() / safe)
    return from_start * start[:, None] + from_end * end[:, None]
