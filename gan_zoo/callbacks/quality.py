"""A cheap subset of the metrics while a run trains: on the averaged generator, from fixed latents."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytorch_lightning as pl

from gan_zoo.callbacks.loggers import log_bins, log_values
from gan_zoo.callbacks.observer import Every, Interval, Observer, as_images, checked, evaluating
from gan_zoo.errors import UserError
from gan_zoo.evaluation.choose import check_names, choose
from gan_zoo.evaluation.evaluate import record_name
from gan_zoo.evaluation.extraction import AUTO, check_extractor, make_extractor
from gan_zoo.evaluation.generate import generate
from gan_zoo.evaluation.measures.ndb import Binned
from gan_zoo.evaluation.record import finite
from gan_zoo.evaluation.sets import SampleSet, divide
from gan_zoo.evaluation.views import Context, View, whole

if TYPE_CHECKING:
    from gan_zoo.module import GANModule


BINS = "collapse/ndb_bins"  # a table, which only Weights & Biases shows


class Quality(Observer):
    """Logs `quality/NAME` and `collapse/NAME`, and once the same of real data as `quality_floor/NAME`.

    Everything is drawn from the run's seed by purpose, so neither the run's random numbers nor its weights
    notice. Numbers of few samples are biased: compare them with their floor and with each other only.

    Args:
        every_kimg: between two looks; `auto` looks ten times per run. The last moment is always measured.
        n: samples; fewer where there are fewer real ones to compare with.
        metrics: names, or `fast`.
        extractor: of features; `auto` is a random projection for images, the coordinates for vectors.
        bins: of the metric `ndb`.

    Raises:
        UserError: for a number out of range, or an unknown metric or extractor.
    """

    def __init__(
        self, every_kimg: Interval = "auto", n: int = 1000, metrics: Sequence[str] = ("fast",),
        extractor: str = AUTO, bins: int = 20,
    ) -> None:  # fmt: skip
        self.every_kimg = checked(every_kimg)
        for name, value, least in (("n", n, 20), ("bins", bins, 2)):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise UserError(f"quality: {name}={value!r}; give a whole number of at least {least}.")
        self.n, self.metrics, self.extractor = n, tuple(metrics), extractor
        self.settings: dict[str, dict[str, Any]] = {"ndb": {"bins": bins}}
        check_names(self.metrics, self.settings)
        check_extractor(extractor)
        self.latest: dict[str, float] = {}
        self._bins: Binned | None = None  # of the samples that were measured last

    def prepare(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Look at the real data: fit each metric to the reference, and measure the floor."""
        game, dataset = module.game, module.dataset
        self._due = Every(as_images(self.every_kimg, game.total_images, 10), game.images)
        self._looked_at: int | None = None
        reals = divide(dataset.train, dataset.held_out, self.n, None, game.draws.seed)
        self._labels, self._n = reals.reference.labels, min(self.n, len(reals.floor) or self.n)
        name = self.extractor
        if name == AUTO:
            name = "projection" if game.spec.is_image else "pixels"
        self._context = Context(
            seed=game.draws.seed,
            extractor=make_extractor(name, dataset),
            is_image=game.spec.is_image,
            classes=game.spec.classes,
            conditional=game.averaged_generator().classes > 0,
            modes=dataset.modes,
            mode_std=dataset.mode_std,
            data=game.spec.name,
        )
        self._measures, refused = choose(self.metrics, self.settings, self._context)
        reference = whole(reals.reference, self._context.extractor)
        for each, measure in dict(self._measures).items():
            try:
                measure.fit(reference.first(self._n if measure.paired else None), self._context)
            except UserError as error:
                refused[each] = str(error)
                del self._measures[each]
        self._troubles: set[str] = set()
        self._tell(refused)
        self._floor = self._measured(reals.floor, "_floor") if len(reals.floor) else {}

    def step(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Measure when an interval was crossed."""
        if self._due(module.game.images):
            self.look(trainer, module)

    def finish(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Measure the end of the run, unless that was just done."""
        if self._looked_at != module.game.images:
            self.look(trainer, module)

    def state_dict(self) -> dict[str, Any]:
        """Return what was measured last; the floor is logged once per run."""
        return {"looked_at": self._looked_at, "latest": dict(self.latest), "floor_is_logged": not self._floor}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what was measured last."""
        self._looked_at, self.latest = state_dict["looked_at"], dict(state_dict["latest"])
        if state_dict["floor_is_logged"]:
            self._floor = {}

    def look(self, trainer: pl.Trainer, module: GANModule) -> None:
        """Generate, measure and log."""
        game = module.game
        generator, condition = game.averaged_generator(), game.condition()
        self._looked_at = game.images
        try:
            with evaluating(generator), game.draws.at("quality", game.images):
                fake = generate(
                    generator,
                    game.spec,
                    self._n,
                    game.draws.seed,
                    self._labels,
                    # Eager, not compiled: what looks must not trigger a compilation.
                    lambda latents, labels: generator.forward(latents, labels, **condition),
                )
        except UserError as error:  # samples that are not finite: the run may still recover
            self._tell({"samples": str(error)})
            return
        self.latest = self._measured(fake)
        values, self._floor = {**self._floor, **self.latest}, {}
        if values:
            log_values(trainer, values, game.images)
        if self._bins is not None:
            log_bins(trainer, BINS, self._bins, game.images)

    def _measured(self, samples: SampleSet, group: str = "") -> dict[str, float]:
        """Return what the metrics say of samples, by log key; what fails is told once."""
        view: View = whole(samples, self._context.extractor)
        self._bins = None
        values: dict[str, float] = {}
        for name, measure in self._measures.items():
            try:
                found = measure.measure(view.first(measure.most))
            except Exception as error:  # noqa: BLE001  (what looks must not end a run)
                self._tell({name: str(error)})
                continue
            self._bins = found.detail if isinstance(found.detail, Binned) else self._bins
            for number, value in found.numbers.items():
                key = record_name(number, measure, self._context)
                if finite(value) is not None:
                    values[f"{measure.quantity(number).shows}{group}/{key}"] = value
        return values

    def _tell(self, troubles: dict[str, str]) -> None:
        """Say what is not measured, once each."""
        for name, message in troubles.items():
            if name not in self._troubles:
                self._troubles.add(name)
                print(f"metrics: {name} is not measured: {message}", file=sys.stderr)  # noqa: T201
