"""A classifier that the framework trains on the data set's own training split.

The most honest stand-in where no pretrained network fits the data: it sees what the classes differ in, and
is blind to the rest (background, texture within a class). Practice since stacked MNIST (arXiv:1611.02163) and
the kernel distance on MNIST (Binkowski et al. 2018, arXiv:1801.01401).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.extractors.base import BATCH, EXTRACTORS, Extractor, scaled
from gan_zoo.extractors.classifier_cache import Trained, default_directory, read, write
from gan_zoo.extractors.classifier_data import checked_labels, held_out
from gan_zoo.extractors.classifier_network import untrained
from gan_zoo.extractors.classifier_training import TESTED, TrainingRecipe, accuracy, train_classifier
from gan_zoo.extractors.digests import digest_plain, digest_tensors
from gan_zoo.extractors.inputs import ExtractorData, spread
from gan_zoo.extractors.labels import extractor_id
from gan_zoo.extractors.networks import Frozen


@EXTRACTORS.register("classifier")
class Classifier(Extractor):
    """The last hidden layer and the class probabilities of a classifier trained on the training split.

    Args:
        data: what it is trained on; test accuracy is measured on its held-out split.
        seed: of weights, order and shifts.
        epochs: passes over the training split; None: about 200,000 images, at most 20 passes.
        cache_dir: where trained classifiers are kept; None: ~/.cache/gan_zoo/extractors.
        progress: whether training shows a bar, on a terminal.
        device: where it is trained and run.
        batch_size: samples that are looked at at once.
    """

    name = "classifier"
    has_probabilities = True
    knows_data_classes = True

    def __init__(
        self,
        data: ExtractorData,
        *,
        seed: int = 0,
        epochs: float | None = None,
        cache_dir: str | Path | None = None,
        progress: bool = True,
        device: str | torch.device = "cpu",
        batch_size: int = BATCH,
    ) -> None:
        super().__init__(data, device, batch_size)
        if epochs is not None and (isinstance(epochs, bool) or not epochs > 0):
            raise UserError(f"extractor.epochs={epochs!r}: a number above 0 is needed, or null.")
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise UserError(f"extractor.seed={seed!r}: a whole number is needed.")
        self.recipe = TrainingRecipe(seed=seed, epochs=None if epochs is None else float(epochs))
        self.classes, self.dimensions = data.classes, self.recipe.hidden
        labels = checked_labels(data)
        directory = default_directory() if cache_dir is None else Path(cache_dir).expanduser()
        trained = self._cached(data, labels, directory, progress)
        network = self._empty()
        network.load_state_dict(trained.weights)
        self.network = Frozen(network, self.device)
        self.sha256, self.facts = trained.sha256, trained.facts
        self.id = extractor_id("cls", data.name, "penult", self.dimensions, self.sha256)

    @property
    def test_accuracy(self) -> float | None:
        """Share of held-out images that it classifies rightly, in [0, 1]; None without held-out images."""
        return self.facts["test_accuracy"]

    def protocol(self) -> dict[str, Any]:
        """Return recipe, hash and test accuracy."""
        return {
            **super().protocol(),
            "layer": "last hidden, after ReLU",
            "sha256": self.sha256,
            **self.facts,
            "recipe": self.recipe.plain(),
        }

    def _look(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        return self.network(scaled(batch))

    def _empty(self) -> torch.nn.Module:
        return untrained(self.shape, self.classes, self.recipe.widths, self.recipe.hidden)

    def _cached(self, data: ExtractorData, labels: Tensor, directory: Path, progress: bool) -> Trained:
        """Read the classifier that an earlier run kept, or train one and keep it."""
        key = self._key(data, labels)
        path = directory / f"classifier-{key[:32]}.pt"
        damaged = path.is_file()
        if damaged:
            form = {name: tuple(value.shape) for name, value in self._empty().state_dict().items()}
            found = read(path, key, form)
            if found is not None:
                self.note = f"classifier read from {path}"
                return found
        trained = self._train(data, labels, progress)
        problem = write(path, key, trained)
        kept = f"could not be kept: {problem}" if problem else f"kept in {path}"
        self.note = f"classifier trained {'again, its file was damaged' if damaged else 'now'}; {kept}"
        return trained

    def _train(self, data: ExtractorData, labels: Tensor, progress: bool) -> Trained:
        title, count, tested = f"Training a classifier of {data.name}", len(labels), held_out(data)
        network = train_classifier(
            data.train_images, labels, self.classes, self.recipe, self.device, title, progress
        )
        steps = self.recipe.steps(count)
        facts = {
            "seed": self.recipe.seed,
            "epochs": round(steps * self.recipe.batch / count, 3),
            "train_images": count,
            "test_images": 0 if tested is None else min(len(tested[0]), TESTED),
            "test_accuracy": None if tested is None else accuracy(network, *tested, self.device),
            "trained_on": self.device.type,
            "trained_with": f"torch {torch.__version__}",
        }
        weights = {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}
        return Trained(weights, facts, digest_tensors(weights))

    def _key(self, data: ExtractorData, labels: Tensor) -> str:
        """Return a hash of all that decides weights and test accuracy."""
        tested = held_out(data)
        sources: dict[str, Any] = {
            "recipe": self.recipe.plain(),
            "fingerprint": data.fingerprint,
            "shape": list(self.shape),
            "labels": digest_tensors({"labels": labels}),
            "classes": self.classes,
        }
        if tested is not None:
            rows = spread(len(tested[0]), TESTED)
            sources["held_out"] = digest_tensors({"images": tested[0][rows], "labels": tested[1][rows]})
        return digest_plain(sources)
