"""Shows fixed reals and generated samples to both networks as the game does, and changes neither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor

from gan_zoo.callbacks.observer import evaluating
from gan_zoo.callbacks.vital_signs import flat
from gan_zoo.data.base import Samples
from gan_zoo.draws import Draws
from gan_zoo.networks.base import Discriminator, Generator, draw_latents
from gan_zoo.systems.adversarial import at_stage
from gan_zoo.types import DISCRIMINATOR, GENERATOR, Stage

if TYPE_CHECKING:
    from gan_zoo.module import GANModule

LEAST, MOST = 64, 128  # samples of one look, unless their number is given
LEAST_HELD_OUT = 32  # fewer say nothing; training reals then take their place
BANK = 2048  # training reals that fakes are compared with, and the largest set that can be seen to be copied


@dataclass(frozen=True)
class Chosen:
    """Reals chosen once.

    Attributes:
        values: as the data set has them, `[N, ...]` on the CPU.
        labels: `[N]`, or None without classes.
    """

    values: Tensor
    labels: Tensor | None


@dataclass(frozen=True)
class Stand:
    """Where growth stands; what `at_stage` looks at."""

    stage: Stage | None
    levels: tuple[int, ...]


@dataclass(frozen=True)
class Judged:
    """What D says of samples: scores `[N / packs]`, high for real, and its last features `[N / packs, F]`."""

    scores: Tensor
    features: Tensor | None


class Probe:
    """Chooses latents and reals of a whole run, and runs the networks in eval mode, piece by piece.

    Args:
        module: the run.
        samples: how many fakes and reals a look takes, or None for two batches or a thousandth of the run's
            images, whichever is less, within 64 to 128. Cut to whole packs and groups.
    """

    def __init__(self, module: GANModule, samples: int | None) -> None:
        self.game, self.spec = module.game, module.game.spec
        self.generator = cast(Generator, self.game.networks[GENERATOR])
        self.discriminator = cast(Discriminator, self.game.networks[DISCRIMINATOR])
        self.draws = Draws(self.game.draws.seed)
        self.device = next(self.generator.parameters()).device
        self.conditional = self.game.rules.labels != "none"
        batch = self.game.batch_size_at(0) * self.game.packs
        count = samples or max(LEAST, min(MOST, 2 * batch, self.game.total_images // 1000))
        data = module.dataset
        self.train = self._choose(data.train, count, "train")
        held_out = len(data.held_out) >= LEAST_HELD_OUT
        self.held_out = self._choose(data.held_out, count, "held_out") if held_out else None
        self.bank = self._choose(data.train, BANK, "bank", whole_packs=False)
        self.sees_all = len(data.train) <= BANK
        self._labels = self._fake_labels(data.train, count)
        self.count = self._whole(count)
        self.latents = self._latents("fixed")

    # What is chosen --------------------------------------------------------------------------------------

    def _unit(self) -> int:
        """Return what a number of samples must be a multiple of: two halves of whole groups of packs."""
        groups = [getattr(module, "group_size", 1) or 1 for module in self.discriminator.modules()]
        return 2 * self.game.packs * max([1, *groups])

    def _whole(self, count: int) -> int:
        unit = self._unit()
        return max(unit, count // unit * unit)

    def _choose(self, data: Samples, count: int, purpose: str, whole_packs: bool = True) -> Chosen:
        """Choose up to `count` different samples; with packing and labels the members of a pack share one."""
        order = torch.randperm(len(data), generator=self.draws.generator("vitals", purpose))
        order = order[: min(count, len(data))]
        if whole_packs:
            order = self._packed(order, data.labels)
        labels = data.labels[order] if self.conditional and data.labels is not None else None
        return Chosen(data.values[order], labels)

    def _packed(self, order: Tensor, labels: Tensor | None) -> Tensor:
        packs = self.game.packs
        if packs > 1 and labels is not None and self.conditional:
            rows = [order[labels[order] == label] for label in labels[order].unique()]
            order = torch.cat([row[: len(row) // packs * packs] for row in rows])
        unit = self._unit() // 2
        return order[: max(len(order) // unit, 1) * unit]

    def _fake_labels(self, data: Samples, count: int) -> Tensor | None:
        """Return labels for fakes, `[count]`, as frequent as in the data; the halves are equal."""
        if not self.conditional or data.labels is None:
            return None
        half, packs = self._whole(count) // 2, self.game.packs
        drawn = torch.randint(len(data), (half // packs,), generator=self.draws.generator("vitals", "labels"))
        return data.labels[drawn].repeat_interleave(packs).repeat(2).to(self.device)

    def _latents(self, *purpose: int | str) -> Tensor:
        width, prior = self.generator.latent_dim, self.generator.latent_prior
        drawn = draw_latents(self.draws, self.count, width, "vitals/latents", *purpose, prior=prior)
        return drawn.to(self.device)

    # What is looked at -----------------------------------------------------------------------------------

    @property
    def stand(self) -> Stand:
        """Where growth stands now."""
        growth = self.game.growth
        return Stand(self.game.stage, growth.levels if growth is not None else ())

    def reals(self, chosen: Chosen) -> Tensor:
        """Return reals as the networks see them at this stage, `[N, ...]`."""
        values = chosen.values.to(self.device)
        if not self.spec.is_image:
            return values / self.spec.scale
        return at_stage(values.to(torch.float32).div_(127.5).sub_(1.0), cast(Any, self.stand))

    def live(self) -> Tensor:
        """Return what the generator makes of the fixed latents, `[N, ...]`; partners are N/2 rows apart."""
        return self._generate(self.generator, self.latents, "live")

    def averaged(self) -> Tensor:
        """Return new samples of the averaged generator, `[N, ...]`, others at every look."""
        latents = self._latents("fresh", self.game.images)
        return self._generate(self.game.averaged_generator(), latents, "averaged")

    @torch.no_grad()
    def _generate(self, generator: Generator, latents: Tensor, tag: str) -> Tensor:
        made = []
        with evaluating(generator):
            for number, rows in enumerate(self._pieces(len(latents))):
                with self.game.draws.at("vitals", self.game.images, tag, number):
                    labels = None if self._labels is None else self._labels[rows]
                    # Eager, not compiled: what looks must not trigger a compilation.
                    made.append(generator.forward(latents[rows], labels, **self.game.condition()).float())
        return torch.cat(made)

    def judge_fakes(self, samples: Tensor) -> Judged:
        """Show fakes to D."""
        return self._judge(samples, self._labels, "fake")

    def judge_reals(self, chosen: Chosen, tag: str) -> Judged:
        """Show reals to D."""
        labels = None if chosen.labels is None else chosen.labels.to(self.device)
        return self._judge(self.reals(chosen), labels, tag)

    @torch.no_grad()
    def _judge(self, samples: Tensor, labels: Tensor | None, tag: str) -> Judged:
        """Show samples to D as it sees them in training: augmented, noisy, packed, in this order."""
        scores, features = [], []
        sign = -1.0 if self.discriminator.score_kind == "energy" else 1.0
        with evaluating(self.discriminator):
            for number, rows in enumerate(self._pieces(len(samples))):
                seen = samples[rows]
                with self.game.draws.at("vitals", self.game.images, tag, number):
                    for stabilizer in self.game.views:
                        seen = stabilizer.view(seen, self.game.draws, self.game.kimg)
                    known = None if labels is None else labels[rows][:: self.game.packs]
                    output = self.discriminator.forward(seen, known, **self.game.condition())
                scores.append(sign * output.score.float())
                features += [flat(list(output.features.values())[-1], 4)] if output.features else []
        return Judged(torch.cat(scores), torch.cat(features) if features else None)

    def _pieces(self, count: int) -> Iterator[slice]:
        """Cut rows so that memory suffices: without a graph four batches need less than training's one."""
        piece = 4 * self.game.batch_size_at(self.game.images) * self.game.packs
        for start in range(0, count, piece):
            yield slice(start, min(start + piece, count))
