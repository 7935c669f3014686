"""The network that FID, KID and IS are defined by: Inception of 2015-12-05, as TensorFlow published it.

Heusel et al. 2017 (arXiv:1706.08500), Binkowski et al. 2018 (arXiv:1801.01401), Salimans et al. 2016
(arXiv:1606.03498). Architecture and TensorFlow 1's resize are torch-fidelity's; the weights come from a file
whose hash is checked before anything is read from it. Nothing is ever downloaded.
"""

from __future__ import annotations

import hashlib
import importlib
import io
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError
from gan_zoo.extractors.base import BATCH, EXTRACTORS, Extractor
from gan_zoo.extractors.inputs import ExtractorData
from gan_zoo.extractors.labels import extractor_id
from gan_zoo.extractors.networks import Frozen, read_weights, to_color

FILE = "weights-inception-2015-12-05-6726825d.pth"
DIGEST = "6726825d"  # the start of its SHA-256
ORIGIN = f"https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/{FILE}"
LAYERS = ["2048", "logits_unbiased"]  # pool3, and the logits without bias that OpenAI's score is made of
OUTPUTS = 1008


@EXTRACTORS.register("inception")
class Inception(Extractor):
    """The canonical Inception network, from a file whose hash is checked: the only one that gives `FID`.

    Args:
        data: gives the shape.
        weights: path of weights-inception-2015-12-05-6726825d.pth.
        device: where it runs.
        batch_size: samples at once.
    """

    name = "inception"
    canonical = True
    has_probabilities = True
    dimensions = 2048
    classes = OUTPUTS

    def __init__(
        self,
        data: ExtractorData,
        *,
        weights: str | Path | None = None,
        device: str | torch.device = "cpu",
        batch_size: int = BATCH,
    ) -> None:
        super().__init__(data, device, batch_size)
        to_color(torch.empty(0, *self.shape))
        content, self.digest = canonical_weights(weights)
        self.network = Frozen(build_network(content), self.device)
        self.id = extractor_id("inception", "2015_12_05", "pool3", self.dimensions, self.digest)

    def protocol(self) -> dict[str, Any]:
        """Return hash and preprocessing."""
        return {
            **super().protocol(),
            "layer": "pool3; logits without bias",
            "sha256": self.digest,
            "resize": "bilinear to 299x299 as TensorFlow 1 does; grey repeated to three channels",
            "value_range": "0..255 to -1..1 by (x - 128) / 128",
        }

    def _look(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        features, logits = self.network(to_color(batch).contiguous())
        return features, logits


def canonical_weights(weights: str | Path | None) -> tuple[bytes, str]:
    """Return the content of the canonical file and its SHA-256.

    Raises:
        UserError: if no file is given, or it is not the canonical one.
    """
    advice = f"Get {FILE} from {ORIGIN} and type extractor.weights=FILE"
    if weights is None:
        raise UserError(f"extractor=inception needs the canonical weights, and downloads none. {advice}.")
    path = Path(weights).expanduser()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"extractor.weights={weights}: {error.strerror or error}. {advice}.") from error
    digest = hashlib.sha256(content).hexdigest()
    if not digest.startswith(DIGEST):
        raise UserError(
            f"{path} is not the canonical Inception: its SHA-256 starts with {digest[: len(DIGEST)]}, not "
            f"{DIGEST}. Numbers from other weights are no FID. {advice}; for another network, type "
            "extractor=torchvision_network."
        )
    return content, digest


def build_network(content: bytes) -> nn.Module:
    """Build torch-fidelity's Inception with these weights.

    Raises:
        UserError: if torch-fidelity is not installed, or the weights do not fit it.
    """
    try:
        module = importlib.import_module("torch_fidelity.feature_extractor_inceptionv3")
    except ImportError as error:
        raise UserError(
            f"extractor=inception needs the package torch-fidelity ({error}). "
            "Type pip install 'gan-zoo[metrics]'."
        ) from error
    read_weights(io.BytesIO(content), FILE)  # refuses code; torch-fidelity then reads the same bytes freely
    try:
        with torch.random.fork_rng(devices=[]):
            return module.FeatureExtractorInceptionV3(
                "inception-v3-compat", LAYERS, feature_extractor_weights_path=io.BytesIO(content)
            )
    except RuntimeError as error:
        raise UserError(f"{FILE} does not fit torch-fidelity's Inception: {error}") from error
