"""A network of torchvision with weights from a file that the user gives; nothing is ever downloaded.

Images are resized to the size that the network was trained at, and normalized by ImageNet's mean and
deviation, as torchvision's own presets do.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.extractors.base import BATCH, EXTRACTORS, Extractor
from gan_zoo.extractors.digests import digest_file
from gan_zoo.extractors.inputs import ExtractorData
from gan_zoo.extractors.labels import extractor_id
from gan_zoo.extractors.networks import Frozen, read_weights, resized, to_color

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NAMED_HASH = re.compile(
    r"-([0-9a-f]{8,64})\.pth$"
)  # torchvision names its files by the start of their SHA-256
OWN_INITIALIZATION = ("googlenet", "inception_v3")  # they warn, and take a minute, unless told not to


@EXTRACTORS.register("torchvision_network")
class TorchvisionNetwork(Extractor):
    """A layer of a torchvision network whose weights lie in a file of yours.

    Args:
        data: gives the shape.
        architecture: torchvision's name of it, such as `resnet18`.
        weights: file with its `state_dict`; a hash in the name (`resnet18-f37072fd.pth`) must be right.
        layer: name of the module whose output is the feature, such as `avgpool`; maps are averaged.
        outputs: number of classes of the weights.
        size: height and width that images are resized to.
        device: where it runs.
        batch_size: samples at once.
    """

    name = "torchvision_network"
    has_probabilities = True

    def __init__(
        self,
        data: ExtractorData,
        *,
        architecture: str | None = None,
        weights: str | Path | None = None,
        layer: str | None = None,
        outputs: int = 1000,
        size: int = 224,
        device: str | torch.device = "cpu",
        batch_size: int = BATCH,
    ) -> None:
        super().__init__(data, device, batch_size)
        to_color(torch.empty(0, *self.shape))
        network = build_network(architecture, outputs)
        if layer is None or layer not in dict(network.named_modules()) or not layer:
            top = ", ".join(name for name, _ in network.named_children())
            raise UserError(
                f"extractor.layer={layer}: {architecture} has no such layer. At the top it has {top}."
            )
        path = weights_file(weights)
        self.digest = digest_file(path)
        check_named_hash(path, self.digest)
        load_weights(network, path, str(architecture))
        self.architecture, self.layer, self.size, self.classes = str(architecture), layer, size, outputs
        self._seen: list[Tensor] = []
        network.get_submodule(layer).register_forward_hook(lambda *call: self._seen.append(call[-1]))
        self.network = Frozen(network, self.device)
        self.dimensions = self.extract(torch.zeros(1, *self.shape, dtype=torch.uint8)).features.shape[1]
        self.id = extractor_id("torchvision", self.architecture, layer, self.dimensions, self.digest)

    def protocol(self) -> dict[str, Any]:
        """Return file, layer and preprocessing."""
        return {
            **super().protocol(),
            "architecture": self.architecture,
            "layer": self.layer,
            "sha256": self.digest,
            "resize": f"bilinear, antialiased, to {self.size}x{self.size}; grey repeated to three channels",
            "value_range": "0..255 to 0..1, then ImageNet's mean and deviation",
        }

    def _look(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        images = resized(to_color(batch.float().div_(255.0)), (self.size, self.size))
        mean, std = (images.new_tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
        self._seen.clear()
        logits = self.network((images - mean) / std)
        features = pooled(self._seen[-1], self.layer)
        self._seen.clear()
        return features, logits


def build_network(architecture: str | None, outputs: int) -> nn.Module:
    """Return a torchvision classifier without trained weights; torch's global generator stays as it was.

    Raises:
        UserError: for an unknown name.
    """
    import torchvision

    known = torchvision.models.list_models(module=torchvision.models)
    if architecture not in known:
        hint = did_you_mean(architecture, known) if architecture else "Type for example resnet18."
        raise UserError(f"extractor.architecture={architecture}: torchvision has no such network. {hint}")
    options = {"init_weights": False} if architecture in OWN_INITIALIZATION else {}
    with torch.random.fork_rng(devices=[]):
        return torchvision.models.get_model(architecture, weights=None, num_classes=outputs, **options)


def weights_file(weights: str | Path | None) -> Path:
    """Return the path of the weights.

    Raises:
        UserError: if none is given, or there is no such file.
    """
    if weights is None:
        raise UserError(
            "extractor=torchvision_network needs a file of weights, and downloads none. Type "
            "extractor.weights=FILE, such as resnet18-f37072fd.pth from download.pytorch.org/models."
        )
    path = Path(weights).expanduser()
    if not path.is_file():
        raise UserError(f"extractor.weights={weights}: there is no such file.")
    return path


def check_named_hash(path: Path, digest: str) -> None:
    """Check a file against the hash in its name, where it has one.

    Raises:
        UserError: if it is another one.
    """
    named = NAMED_HASH.search(path.name)
    if named and not digest.startswith(named.group(1)):
        raise UserError(
            f"{path} is not what its name says: its SHA-256 starts with {digest[: len(named.group(1))]}, not "
            f"{named.group(1)}. The download was cut off, or the file was changed; get it again."
        )


def load_weights(network: nn.Module, path: Path, architecture: str) -> None:
    """Load weights from a file that may not run anything.

    Raises:
        UserError: if they are of another network.
    """
    try:
        network.load_state_dict(read_weights(path, str(path)))
    except RuntimeError as error:
        problem = str(error).splitlines()[1].strip() if "\n" in str(error) else str(error)
        raise UserError(
            f"{path} does not fit {architecture}: {problem} Give the file of that architecture, or "
            "extractor.outputs=N for another number of classes."
        ) from error


def pooled(output: Any, layer: str) -> Tensor:
    """Return a layer's output as vectors `[B, D]`: maps and tokens are averaged.

    Raises:
        UserError: if it is no tensor with a batch.
    """
    if not isinstance(output, Tensor) or output.ndim not in (2, 3, 4):
        raise UserError(f"extractor.layer={layer} gives no vectors, tokens or maps. Choose another layer.")
    if output.ndim == 4:
        return output.mean((2, 3))
    return output.mean(1) if output.ndim == 3 else output
