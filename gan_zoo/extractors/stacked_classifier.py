"""Stacked images, such as stacked MNIST: each channel is classified on its own, by one classifier.

A stack of C channels with K classes each has K**C classes; the digits (a, b, c) are class 100 a + 10 b + c.
Metz et al. 2017 (arXiv:1611.02163); VEEGAN's and PacGAN's protocol (arXiv:1705.07761, arXiv:1712.04086).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_zoo.errors import UserError
from gan_zoo.extractors.base import BATCH, EXTRACTORS, Extractor
from gan_zoo.extractors.classifier import Classifier
from gan_zoo.extractors.classifier_data import present_labels
from gan_zoo.extractors.inputs import Array, ExtractorData, as_tensor, check_samples, spread
from gan_zoo.extractors.labels import extractor_id

MOST = 60_000  # single images that are trained on or tested with: as many as MNIST has


@EXTRACTORS.register("stacked_classifier")
class StackedClassifier(Extractor):
    """Features of each channel side by side, and the probability of each combination of classes.

    Args:
        data: stacks `[N, C, H, W]` with labels in 0..K**C - 1, whose channels the classifier is trained on.
        classifier: a trained one to use instead; then only the shape of `data` counts.
        seed: of its training.
        epochs: passes over the single images; None: about 200,000 images.
        cache_dir: where trained classifiers are kept; None: ~/.cache/gan_zoo/extractors.
        progress: whether training shows a bar, on a terminal.
        device: where it is trained and run.
        batch_size: stacks that are looked at at once.

    Attributes:
        single: the classifier of one channel.
    """

    name = "stacked_classifier"
    has_probabilities = True
    knows_data_classes = True

    def __init__(
        self,
        data: ExtractorData,
        *,
        classifier: Classifier | None = None,
        seed: int = 0,
        epochs: float | None = None,
        cache_dir: str | Path | None = None,
        progress: bool = True,
        device: str | torch.device = "cpu",
        batch_size: int = BATCH,
    ) -> None:
        super().__init__(data, device, batch_size)
        self.channels = self.shape[0]
        if classifier is None:
            classifier = Classifier(
                one_by_one(data),
                seed=seed,
                epochs=epochs,
                cache_dir=cache_dir,
                progress=progress,
                device=device,
            )
        elif classifier.shape != (1, *self.shape[1:]):
            given, needed = "x".join(map(str, classifier.shape)), "x".join(map(str, (1, *self.shape[1:])))
            raise UserError(f"The classifier was trained on {given} images, the channels are {needed}.")
        self.single, self.device, self.note = classifier, classifier.device, classifier.note
        self.classes = classifier.classes**self.channels
        self.dimensions = classifier.dimensions * self.channels
        source = classifier.id.split("-")[1]
        self.id = extractor_id("stackedcls", source, "penult", self.dimensions, classifier.sha256)

    def channel_probabilities(self, images: Array) -> Tensor:
        """Return the probabilities of each channel's classes, float64 `[N, C, K]` on the CPU.

        Raises:
            UserError: for images of another form or type.
        """
        stacks = check_samples(as_tensor(images), self.shape, self.name)
        return self.single.probabilities(grey(stacks)).unflatten(0, (len(stacks), self.channels))

    def protocol(self) -> dict[str, Any]:
        """Return the classifier's protocol, and that it looks at channels."""
        return {**self.single.protocol(), **super().protocol(), "channels": "classified one by one"}

    def _look(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        features, logits = self.single._look(grey(batch))  # [B * C, 128], [B * C, K]
        return features.reshape(len(batch), -1), logits.reshape(len(batch), self.channels, -1)

    def _shares(self, logits: Tensor) -> Tensor:
        """Return the probability of each combination of classes, `[N, C, K]` to `[N, K**C]`."""
        each = torch.softmax(logits, dim=-1)
        joint = each[:, 0]
        for channel in range(1, self.channels):
            joint = (joint[:, :, None] * each[:, channel, None, :]).flatten(1)
        return joint


def one_by_one(data: ExtractorData) -> ExtractorData:
    """Return the channels of stacks as grey images with labels of their own.

    Raises:
        UserError: without labels, or where the classes are not all combinations of one set of classes.
    """
    channels = data.shape[0]
    present_labels(data)
    each = round(data.classes ** (1 / channels))
    if each**channels != data.classes:
        raise UserError(
            f"{data.classes} classes are not combinations of the same classes in {channels} channels. "
            "Type extractor=classifier."
        )
    train = _channels(data.train_images, data.train_labels, each)
    held_out = _channels(data.held_out_images, data.held_out_labels, each)
    return replace(
        data,
        train_images=train[0],
        train_labels=train[1],
        held_out_images=held_out[0],
        held_out_labels=held_out[1],
        classes=each,
        fingerprint=f"{data.fingerprint}/channels",
    )


def grey(stacks: Tensor) -> Tensor:
    """Return the channels of stacks `[N, C, H, W]` as images of their own, `[N * C, 1, H, W]`."""
    return stacks.flatten(0, 1)[:, None]


def _channels(images: Tensor | None, labels: Tensor | None, each: int) -> tuple[Any, Any]:
    if images is None or labels is None:
        return images, labels
    channels = images.shape[1]
    rows = spread(len(images), MOST // channels)
    places = each ** torch.arange(channels - 1, -1, -1)
    digits = labels[rows, None].cpu() // places % each  # [N, C]
    return grey(images[rows]), digits.flatten()
