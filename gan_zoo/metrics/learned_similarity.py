"""The LPIPS network: torchvision's AlexNet under the linear heads of Zhang et al. 2018 (arXiv:1801.03924).

The heads, version 0.1, come with torchmetrics; the trunk is a file that the user gives, never downloaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import pickle
from pathlib import Path

import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError

TRUNK = "alexnet-owt-7be5be79.pth"  # torchvision's name; it ends in the start of the file's SHA-256
SOURCE = f"https://download.pytorch.org/models/{TRUNK}"
SHIFT, SCALE = (
    (-0.030, -0.088, -0.188),
    (0.458, 0.448, 0.450),
)  # of pixels in [-1, 1], equation of version 0.1
ENDS = (2, 5, 8, 10, 12)  # layers of AlexNet after which a ReLU's output is compared
SMALLEST = 32  # below it AlexNet's poolings leave nothing


class LearnedSimilarity(nn.Module):
    """Distance of image pairs: weighted squared differences of normalized AlexNet features.

    Args:
        trunk: path of torchvision's AlexNet weights.
        canonical: refuse other weights; their figures must not be called LPIPS.

    Raises:
        UserError: without a trunk, for a file that is no AlexNet, or other weights where `canonical`.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, trunk: Path | str | None, canonical: bool = True) -> None:
        super().__init__()
        with torch.device("meta"):  # initial weights would be drawn from the global generator
            layers = alexnet_features()
        try:
            layers.load_state_dict(_read_trunk(find_trunk(trunk), canonical), assign=True)
        except (RuntimeError, TypeError, AttributeError) as error:
            raise UserError(f"lpips: {trunk} does not hold torchvision's AlexNet. Get {SOURCE}.") from error
        starts = (0, *ENDS[:-1])
        self.slices = nn.ModuleList(layers[start:end] for start, end in zip(starts, ENDS, strict=True))
        self.register_buffer("shift", torch.tensor(SHIFT).view(1, 3, 1, 1))
        self.register_buffer("scale", torch.tensor(SCALE).view(1, 3, 1, 1))
        self.heads = [head.flatten().double() for head in read_heads()]
        self.requires_grad_(False).eval()

    def features(self, images: Tensor) -> list[Tensor]:
        """Return five layers of uint8 images `[B, C, H, W]`, each `[B, K, H', W']`, unit vectors over K."""
        values = images.expand(-1, 3, -1, -1).float() / 127.5 - 1.0
        values = (values - self.shift) / self.scale
        found = []
        for layers in self.slices:
            values = layers(values)
            found.append(values / (values.square().sum(1, keepdim=True) + 1e-8).sqrt())
        return found

    @torch.no_grad()
    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Return the distance of each pair of uint8 images, `[B]`, float64."""
        total = torch.zeros(len(first), dtype=torch.float64)
        for head, one, other in zip(self.heads, self.features(first), self.features(second), strict=True):
            total += (one - other).square().mean(dim=(2, 3), dtype=torch.float64) @ head
        return total


def alexnet_features() -> nn.Sequential:
    """Return the convolutions of torchvision's AlexNet (Krizhevsky 2014, arXiv:1404.5997), untrained."""
    return nn.Sequential(
        *(nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
        *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU()),
    )


def find_trunk(trunk: Path | str | None) -> Path:
    """Return the path of the trunk's weights.

    Raises:
        UserError: without one, or if there is no such file.
    """
    if trunk is None:
        raise UserError(
            f"lpips needs AlexNet's weights, which are never downloaded silently. Get {SOURCE} "
            "and give its path as trunk=..."
        )
    path = Path(trunk)
    if not path.is_file():
        raise UserError(f"lpips: there is no file {path}. Get {SOURCE} and give its path as trunk=...")
    return path


def _read_trunk(path: Path, canonical: bool) -> dict[str, Tensor]:
    """Return the weights of `alexnet_features` from a file of torchvision's."""
    begin = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    if canonical and begin not in TRUNK:
        raise UserError(
            f"lpips: {path} has SHA-256 {begin}..., expected {TRUNK}. Other weights do not give LPIPS: "
            "give that file, or canonical=False and another name."
        )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        convolutions = {name: value for name, value in state.items() if name.startswith("features.")}
        return {name.removeprefix("features."): value for name, value in convolutions.items()}
    except (RuntimeError, AttributeError, pickle.UnpicklingError, EOFError, KeyError) as error:
        raise UserError(f"lpips: {path} is no file of torch weights. Get {SOURCE}.") from error


def read_heads() -> list[Tensor]:
    """Return the weights of the five linear heads, from the package torchmetrics.

    Raises:
        UserError: if it is not installed or does not bring them.
    """
    package = importlib.util.find_spec("torchmetrics")
    folder = Path(package.origin).parent if package and package.origin else Path()
    path = folder / "functional" / "image" / "lpips_models" / "alex.pth"
    if not path.is_file():
        raise UserError(
            "lpips takes its linear heads from torchmetrics 1.0 or later: pip install torchmetrics."
        )
    state = torch.load(path, map_location="cpu", weights_only=True)
    return [state[f"lin{layer}.model.1.weight"] for layer in range(len(ENDS))]
