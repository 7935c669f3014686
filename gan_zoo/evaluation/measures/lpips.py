"""LPIPS between random pairs of samples (Zhang 2018, arXiv:1801.03924), as a measure of diversity."""

from __future__ import annotations

from typing import Any

from gan_zoo.evaluation.measures.base import MEASURES, Measure, Measurement
from gan_zoo.evaluation.record import Quantity
from gan_zoo.evaluation.views import Context, View
from gan_zoo.extractors.digests import digest_file, digest_plain, digest_tensors
from gan_zoo.extractors.labels import extractor_id
from gan_zoo.metrics.functional import lpips_diversity
from gan_zoo.metrics.learned_similarity import find_trunk, read_heads


@MEASURES.register("lpips")
class Lpips(Measure):
    """Mean perceptual distance of random pairs; best is what real pairs have, and collapse is below it.

    Args:
        trunk: file with the canonical AlexNet weights of torchvision.
        pairs: of images.
    """

    needs = ("images",)
    quantities = {"LPIPS": Quantity("near")}

    def __init__(self, trunk: str | None = None, pairs: int = 1000) -> None:
        self.trunk, self.pairs = trunk, pairs

    def unfit(self, context: Context) -> str | None:
        """Refuse to run without weights: nothing is downloaded."""
        reason = super().unfit(context)
        if reason is None and self.trunk is None:
            return (
                "it needs AlexNet's weights, which you must have; type lpips.trunk=alexnet-owt-7be5be79.pth"
            )
        return reason

    def measure(self, sample: View) -> Measurement:
        """Compare random pairs."""
        draws = self.context.generator("lpips")
        return Measurement({"LPIPS": lpips_diversity(sample.values, self.trunk, self.pairs, generator=draws)})

    def least(self) -> tuple[int, str]:
        """Ask for different pairs."""
        return 20, "pairs of few samples are the same pairs again"

    def protocol(self) -> dict[str, Any]:
        """Say how, and by which weights."""
        trunk = digest_file(find_trunk(self.trunk))
        heads = read_heads()
        of_heads = digest_tensors({f"lin{layer}": head for layer, head in enumerate(heads)})
        digest = digest_plain({"trunk": trunk, "heads": of_heads})
        width = sum(head.numel() for head in heads)
        return {
            "extractor": extractor_id("lpips", "alexnet", "relu1_5", width, digest),
            "extractor_sha256": digest,
            "trunk_sha256": trunk,
            "heads_sha256": of_heads,
            "value_range": "0..255 to -1..1, then shifted and scaled by channel",
            "estimator": "AlexNet, heads of version 0.1, mean over random pairs",
            "pairs": self.pairs,
        }
