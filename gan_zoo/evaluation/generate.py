"""Generated samples as metrics want them: uint8 images at the data's size, or vectors in data units."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import interpolate
from tqdm import tqdm

from gan_zoo import pictures
from gan_zoo.config.latent_prior import latent_signs
from gan_zoo.draws import Draws
from gan_zoo.errors import UserError
from gan_zoo.evaluation.sets import SampleSet
from gan_zoo.networks.base import Generator, draw_latents
from gan_zoo.types import DataSpec

BATCH = 250
PATHS, STEPS = 32, 17  # of a walk through latent space: ways, and samples along each

Call = Callable[[Tensor, Tensor | None], Tensor]


def generate(
    generator: Generator, spec: DataSpec, n: int, seed: int, labels: Tensor | None = None,
    call: Call | None = None, paths: bool = False, show_progress: bool = False,
) -> SampleSet:  # fmt: skip
    """Draw `n` samples; the same arguments give the same samples, and no global random state is touched.

    Args:
        generator: in eval mode.
        spec: of the data that it was trained on.
        n: how many.
        seed: of the latents.
        labels: real ones, whose frequencies a conditional generator's labels take over.
        call: how to run it, where it takes more than latents and labels.
        paths: whether to walk between latents, too.
        show_progress: whether to draw a bar, on a terminal.

    Raises:
        UserError: if samples hold values that are not finite.
    """
    draws, call = Draws(seed), call or generator
    prior, width = generator.latent_prior, generator.latent_dim
    latents = draw_latents(draws, n, width, "evaluate/latents", prior=prior)
    given = _labels(generator.classes, n, labels)
    walks = None
    if paths:
        ends = draw_latents(draws, 2 * PATHS, width, "evaluate/paths", prior=prior)
        ways = walk(ends[:PATHS], ends[PATHS:], prior).flatten(0, 1)
        along = None if given is None else given[torch.arange(PATHS) % n].repeat_interleave(STEPS)
        walks = _run(generator, call, spec, ways, along)[0].unflatten(0, (PATHS, STEPS))
    values, note = _run(generator, call, spec, latents, given, show_progress)
    return SampleSet(values, given, walks, f"{n} samples of the generator{note}")


def walk(start: Tensor, end: Tensor, prior: str) -> Tensor:
    """Return latents `[P, S, Z]` on ways from `start` to `end` `[P, Z]`: arcs, or lines inside a cube.

    Signs stay those of the start: there is nothing between two of them.
    """
    shares = torch.linspace(0.0, 1.0, STEPS)
    if prior == "uniform":
        return torch.lerp(start[:, None], end[:, None], shares[None, :, None])
    signs = latent_signs(prior)
    arcs = pictures.spherical(start[:, signs:], end[:, signs:], shares)
    return torch.cat([start[:, None, :signs].expand(-1, STEPS, -1), arcs], dim=2)


def real_paths(real: SampleSet, jump: bool) -> SampleSet:
    """Give real samples paths from one to another: cross-fades, or jumps half-way as from copied samples.

    A cross-fade is as smooth as a path can be in pixels, a jump as rough.
    """
    values = real.values[torch.arange(2 * PATHS) % len(real)].float()
    shares = torch.linspace(0.0, 1.0, STEPS).reshape(1, STEPS, *[1] * (values.ndim - 1))
    shares = (shares > 0.5).float() if jump else shares
    paths = torch.lerp(values[:PATHS, None], values[PATHS:, None], shares)
    paths = paths.round().to(torch.uint8) if real.values.dtype == torch.uint8 else paths
    return SampleSet(real.values, real.labels, paths, real.origin)


def _labels(classes: int, n: int, real: Tensor | None) -> Tensor | None:
    """Return labels `[n]` as frequent as the real ones, or the classes in turn; None without classes."""
    if not classes:
        return None
    return torch.arange(n) % classes if real is None else real[torch.arange(n) % len(real)]


@torch.no_grad()
def _run(
    generator: Generator, call: Call, spec: DataSpec, latents: Tensor, labels: Tensor | None,
    show_progress: bool = False,
) -> tuple[Tensor, str]:  # fmt: skip
    """Return samples on the CPU, and a remark if they were enlarged."""
    device = next(generator.parameters()).device
    made, broken, note = [], 0, ""
    hidden = None if show_progress else True  # None: only where there is no terminal
    with tqdm(total=len(latents), desc="Generating", unit="img", leave=False, disable=hidden) as bar:
        for start in range(0, len(latents), BATCH):
            rows = slice(start, start + BATCH)
            given = None if labels is None else labels[rows].to(device)
            batch = call(latents[rows].to(device), given).float().cpu()
            broken += int((~batch.isfinite().flatten(1).all(dim=1)).sum())
            if spec.is_image and batch.shape[2:] != spec.shape[1:]:
                note = f", enlarged from {batch.shape[2]} to {spec.shape[1]} pixels (nearest neighbor)"
                batch = interpolate(batch, spec.shape[1:], mode="nearest")
            made.append(pictures.to_uint8(batch) if spec.is_image else batch * spec.scale)
            bar.update(len(batch))
    if broken:
        raise UserError(
            f"{broken} of {len(latents)} generated samples hold values that are not finite: the run has "
            f"diverged. Evaluate an earlier checkpoint, as in run=DIR/checkpoints/NNNNNN.NNNkimg.ckpt."
        )
    return torch.cat(made), note
