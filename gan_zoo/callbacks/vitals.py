"""Watches cheap signs of collapse about fifty times per run, in eval mode, without disturbing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytorch_lightning as pl
import torch
from torch import Tensor

from gan_zoo.callbacks import vital_signs as signs
from gan_zoo.callbacks.loggers import KIMG, log_histograms, log_values
from gan_zoo.callbacks.observer import Every, Interval, Observer, as_images, checked
from gan_zoo.callbacks.vital_probe import Judged, Probe, Stand
from gan_zoo.callbacks.vital_reference import Reference, ms_ssim
from gan_zoo.errors import UserError

if TYPE_CHECKING:
    from gan_zoo.game.player import Player
    from gan_zoo.module import GANModule

LEAST, MOST = 20, 50  # looks per run
BATCHES = 50  # between two looks at least, since a look costs about as much as a step
CENTERED = ("js", "dragan", "hinge")  # losses under which a score of 0 divides reals from fakes
# Undefined only where samples or scores are; a ratio such as that of features may be 0 / 0.
FINITE = ("collapse/diversity", "collapse/diversity_live", "vitals/logit_gap")
Values = dict[str, Tensor]


class Vitals(Observer):
    """Logs `vitals/<name>` (scores, gradients, weights) and `collapse/<name>` (samples against reals).

    The live generator is what D plays against, so scores, drift and `_live` are of it; coverage, diversity
    and energy distance are of the averaged one, which is what a run leaves.

    Args:
        every_kimg: between two looks; `auto` makes fifty per run, fewer in a short one, but at least twenty.
        samples: fakes and reals of a look; `auto` is two batches or a thousandth of the run's images, within
            64 to 128.

    Raises:
        UserError: if a number is out of range.
    """

    def __init__(self, every_kimg: Interval = "auto", samples: int | str = "auto") -> None:
        whole = isinstance(samples, int) and not isinstance(samples, bool) and samples >= 8
        if samples != "auto" and not whole:
            raise UserError(f"vitals: samples={samples!r}; give a whole number of at least 8, or auto.")
        self.every_kimg, self.samples = checked(every_kimg), samples
        self.latest: dict[str, float] = {}
        self.looks = 0

    def prepare(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Choose latents and reals."""
        game = module.game
        self._probe = Probe(module, None if isinstance(self.samples, str) else self.samples)
        batches = game.total_images // (game.batch_size_at(0) * game.packs)
        parts = max(LEAST, min(MOST, batches // BATCHES))
        images = as_images(self.every_kimg, game.total_images, parts)
        if self.every_kimg == "auto":
            images = max(images, 2 * self._probe.count)
        self._due = Every(images, game.images)
        self._reference: tuple[Stand, Reference] | None = None
        self._weights: dict[str, list[Tensor]] = {}
        self._gradients: Values = {}  # of the steps before a checkpoint that the run goes on from
        self._game = game
        self._fakes: Tensor | None = None
        self._logits: Values = {}  # of the last look, `[N]` each
        loss = module.config.get("loss", {})
        self._centered = loss.get("objective", loss.get("name")) in CENTERED

    def start(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Look at the untrained networks."""
        self.look(trainer, module)

    def step(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Look when an interval was crossed."""
        if self._due(module.game.images):
            self.look(trainer, module)

    def state_dict(self) -> dict[str, Any]:
        """Return what the next look is compared with, and norms of gradients that no checkpoint keeps."""
        gradients: Values = {}
        for name, player in self._game.players.items():
            gradients |= _gradient(name, player)
        return {
            "gradients": {**self._gradients, **gradients},
            "looks": self.looks,
            "latest": dict(self.latest),
            "weights": {name: list(weights) for name, weights in self._weights.items()},
            "fakes": self._fakes,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what the last look saw."""
        self.looks, self.latest = state_dict["looks"], dict(state_dict["latest"])
        self._weights = {name: list(weights) for name, weights in state_dict["weights"].items()}
        self._fakes, self._gradients = state_dict["fakes"], dict(state_dict["gradients"])

    @torch.no_grad()
    def look(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Measure, log, and keep the numbers as `latest`."""
        game = module.game
        samples, players = self._samples(module), self._players(module)
        wrong = signs.not_finite([samples[name] for name in FINITE] + list(players.values()))
        found = {**samples, **players, "vitals/not_finite": wrong}
        numbers = torch.stack([value.float().to(self._probe.device) for value in found.values()]).tolist()
        values = dict(zip(found, numbers, strict=True))
        values["vitals/run_share"] = game.images / game.total_images
        for name, player in game.players.items():
            values[f"vitals/{name}_lr"] = float(player.optimizer_config["lr"])
            values[f"vitals/{name}_steps"] = float(player.steps)
        log_values(trainer, values, game.images)
        log_histograms(trainer, self._logits, game.images)
        self.latest = {**values, KIMG: game.images / 1000.0}
        self.looks += 1

    # Samples ---------------------------------------------------------------------------------------------

    def _known(self, module: GANModule) -> Reference:
        """Return what the reals score at this stage of growth; measured once per stage."""
        stand = self._probe.stand
        if self._reference is None or self._reference[0] != stand:
            self._reference = (stand, Reference.of(self._probe, module.dataset))
        return self._reference[1]

    def _samples(self, module: GANModule) -> Values:
        probe, real = self._probe, self._known(module)
        live = probe.live()
        found = self._live(live, real)
        found |= self._averaged(probe.averaged(), real)
        found |= self._scores(live)
        return found

    def _live(self, live: Tensor, real: Reference) -> Values:
        """Return what is watched of the generator that plays."""
        rows = signs.flat(live)
        found = _apart(rows, real, "_live")
        found["collapse/mode_seeking"] = signs.mode_seeking_ratio(live, self._probe.latents)
        found["collapse/pair_diversity"] = signs.pair_distance(rows) / real.pair
        if self._fakes is not None and self._fakes.shape == rows.shape:
            found["collapse/drift"] = (rows - self._fakes).norm(dim=1).mean() / real.within
        self._fakes = rows
        return found

    def _averaged(self, samples: Tensor, real: Reference) -> Values:
        """Return what is watched of the generator that the run leaves."""
        rows = signs.flat(samples)
        found = _apart(rows, real, "")
        distances, cells = signs.nearest(rows, real.centers)
        count = len(real.centers)
        histogram = signs.shares(cells, count)
        found["collapse/coverage"] = signs.covered(histogram, real.expected)
        found["collapse/coverage_of_reals"] = real.coverage
        divergence = signs.jensen_shannon_divergence(histogram, real.expected)
        found["collapse/jensen_shannon_divergence"] = divergence
        found["collapse/jensen_shannon_divergence_of_reals"] = real.divergence
        if real.radius is not None:
            good = distances <= real.radius
            hits = torch.zeros_like(real.expected).index_add_(0, cells, good.float())
            found["collapse/high_quality"] = good.float().mean()
            found["collapse/modes"] = (hits >= max(1.0, signs.ENOUGH * len(rows) / count)).sum()
            found["collapse/modes_of_data"] = torch.tensor(float(count), device=rows.device)
        if real.bank is not None and real.distance is not None:
            found["collapse/copy_distance"] = signs.nearest(rows, real.bank)[0].median() / real.distance
        if real.ms_ssim is not None:
            found["collapse/ms_ssim"] = ms_ssim(samples)  # type: ignore[assignment]  # as large as the reals
            found["collapse/ms_ssim_of_reals"] = real.ms_ssim
        return found

    # Scores ----------------------------------------------------------------------------------------------

    def _scores(self, live: Tensor) -> Values:
        """Return what D says of fakes, of training reals and of reals that it has never seen."""
        probe = self._probe
        fake, train = probe.judge_fakes(live), probe.judge_reals(probe.train, "train")
        unseen = train if probe.held_out is None else probe.judge_reals(probe.held_out, "held_out")
        self._logits = {"vitals/logits_fake": fake.scores, "vitals/logits_train": train.scores}
        if probe.held_out is not None:
            self._logits["vitals/logits_held_out"] = unseen.scores
        middle = self._middle(unseen, fake)
        found = {
            "vitals/logit_gap": unseen.scores.mean() - fake.scores.mean(),
            "vitals/separation": signs.probability_above(unseen.scores, fake.scores),
            "vitals/accuracy_fake": (fake.scores < middle).float().mean(),
            "vitals/accuracy_train": (train.scores > middle).float().mean(),
        }
        if probe.held_out is not None:
            found["vitals/accuracy_held_out"] = (unseen.scores > middle).float().mean()
            found["vitals/overfitting"] = signs.probability_above(train.scores, unseen.scores)
        if fake.features is not None and unseen.features is not None:
            found["collapse/feature_diversity"] = signs.within(fake.features) / signs.within(unseen.features)
        return found

    def _middle(self, real: Judged, fake: Judged) -> Tensor:
        """Return the score that divides reals from fakes: zero, or the midpoint where zero is arbitrary."""
        if self._centered and self._probe.discriminator.score_kind == "logit":
            return torch.zeros((), device=real.scores.device)
        return 0.5 * (real.scores.mean() + fake.scores.mean())

    # Players ---------------------------------------------------------------------------------------------

    def _players(self, module: GANModule) -> Values:
        """Return the norms of weights and last gradients, and how far weights went since the last look."""
        found: Values = {}
        for name, player in module.game.players.items():
            weights = [parameter.detach() for parameter in player.parameters]
            found[f"vitals/{name}_weight_norm"] = size = signs.norm(weights)
            found |= _gradient(name, player) or _only(self._gradients, f"vitals/{name}_gradient_norm")
            if name in self._weights:
                steps = signs.norm(torch._foreach_sub(weights, self._weights[name]))
                found[f"vitals/{name}_update_ratio"] = steps / size
            self._weights[name] = [weight.clone() for weight in weights]
        return found


def _gradient(name: str, player: Player) -> Values:
    """Return the norm of the gradient of the last step, as the optimizer saw it; nothing before the first."""
    gradients = [parameter.grad for parameter in player.parameters if parameter.grad is not None]
    return {f"vitals/{name}_gradient_norm": signs.norm(gradients)} if gradients else {}


def _only(values: Values, name: str) -> Values:
    return {name: values[name]} if name in values else {}


def _apart(rows: Tensor, real: Reference, suffix: str) -> Values:
    """Return the diversity of fakes `[N, D]` against the reals', and the distance between the two sets."""
    fake, both = signs.within(rows), signs.between(rows, real.rows)
    return {
        f"collapse/diversity{suffix}": fake / real.within,
        f"collapse/energy_distance{suffix}": signs.energy_distance(fake, real.within, both),
    }
