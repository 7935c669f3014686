"""What a turn starts from: reals, latents and labels, dealt as pure functions of (seed, player, step)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from gan_zoo.draws import Draws
from gan_zoo.game.shares import by_packs
from gan_zoo.game.turns import Programme
from gan_zoo.networks.base import Generator, draw_latents
from gan_zoo.types import DISCRIMINATOR, GENERATOR, PlayerName

Batch = Mapping[str, Tensor | None]


@dataclass(frozen=True)
class Rules:
    """The numbers of a game that are neither networks nor terms.

    Attributes:
        total_images: where the run ends.
        batch_size: number of packs that D sees per step.
        labels: `none`, `batch` (fakes take the reals' labels) or `uniform` (drawn).
        generator_batch: G's batch as a multiple of D's.
        latent_pairs: whether both turns see pairs of fakes per condition.
        accumulation: pieces that a batch is processed in, to save memory.
        mixed_precision: whether the networks run under autocast.
    """

    total_images: int
    batch_size: int
    labels: str = "none"
    generator_batch: int = 1
    latent_pairs: bool = False
    accumulation: int = 1
    mixed_precision: bool = False


def images_in(batch: Batch) -> int:
    """Return the number of reals in a batch."""
    samples = batch["samples"]
    if samples is None:
        raise ValueError("A batch needs samples.")
    return len(samples)


class Dealer:
    """Deals the leaves of each turn.

    Args:
        rules: labels, pairs and pieces.
        programme: whether G's turn reuses the last critic step's latents.
        draws: the run's random numbers.
        generator: names the latent's length and prior.
        classes: of the data, 0 without labels.
        packs: samples that D judges together.
    """

    def __init__(
        self, rules: Rules, programme: Programme, draws: Draws, generator: Generator, classes: int, packs: int
    ) -> None:
        self.rules, self.programme, self.draws = rules, programme, draws
        self.generator, self.classes, self.packs = generator, classes, packs
        self._critic_step = 0

    def pieces(self, player: PlayerName, step: int, batch: Batch) -> list[dict[str, Any]]:
        """Return the leaves of a player's turn, split into pieces that are processed one after the other."""
        leaves = self.leaves(player, step, batch)
        count = self.rules.accumulation
        if count == 1:
            return [leaves]
        parts = list(zip(*(part.chunk(count) for part in leaves.pop("latent_parts")), strict=True))
        split = {k: [None] * count if v is None else v.chunk(count) for k, v in leaves.items()}
        return [{"latent_parts": parts[i], **{k: v[i] for k, v in split.items()}} for i in range(count)]

    def leaves(self, player: PlayerName, step: int, batch: Batch) -> dict[str, Any]:
        """Draw latents and labels for a player's committed step number `step` on a batch of reals."""
        samples, labels = batch["samples"], batch.get("labels")
        times = self.rules.generator_batch if player == GENERATOR else 1
        rows = images_in(batch) * times
        if player == DISCRIMINATOR:
            self._critic_step = step
        reuse = self.programme.reuse_latents and times == 1
        index = (DISCRIMINATOR, self._critic_step) if reuse else (player, step)
        device = samples.device  # type: ignore[union-attr]
        conditional = self.rules.labels != "none"
        return {
            "samples": samples,
            "labels": labels if conditional else None,
            "latent_parts": self._latents(rows, index, device),
            "fake_label_rows": self._labels(labels, rows, index, device) if conditional else None,
        }

    def _latents(self, rows: int, index: tuple[str, int], device: torch.device) -> tuple[Tensor, ...]:
        purposes = ("latents", "partners") if self.rules.latent_pairs else ("latents",)
        size, prior = self.generator.latent_dim, self.generator.latent_prior
        return tuple(
            draw_latents(self.draws, rows, size, purpose, *index, prior=prior, device=device)
            for purpose in purposes
        )

    def _labels(
        self, labels: Tensor | None, rows: int, index: tuple[str, int], device: torch.device
    ) -> Tensor:
        """Return the labels `[rows]` that fakes are made for; a pack shares one."""
        if self.rules.labels == "batch" and labels is not None:
            return labels.repeat(rows // len(labels))
        with by_packs(self.draws):
            drawn = self.draws.integers(self.classes, (rows // self.packs,), "labels", *index, device=device)
        return drawn.repeat_interleave(self.packs) if self.packs > 1 else drawn
