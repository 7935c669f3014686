"""MNIST and its relatives: 28x28 grey images in torchvision's layout, `ROOT/<class name>/raw`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gan_zoo.data.base import Dataset, DataSource, Samples, fingerprint
from gan_zoo.data.checks import flag, whole
from gan_zoo.data.download import fetched
from gan_zoo.data.pictures import ImageRules, to_pixels
from gan_zoo.errors import UserError
from gan_zoo.types import DataSpec

CLASSES = 10
BORDERED = 32  # the size that is reached by a border instead of by interpolation


@dataclass(frozen=True, kw_only=True)
class IdxImages(DataSource):
    """A source of 28x28 grey images in IDX files, read through torchvision.

    Args:
        root: folder that holds torchvision's folder of the data set.
        download: whether to fetch missing files.
        size: 28 keeps the images, 32 adds a black border of 2 pixels, any other size is bicubic.
    """

    root: str = "data"
    download: bool = True
    size: int = 32

    def __post_init__(self) -> None:
        flag("download", self.download)
        whole("size", self.size, least=4)

    def read(self, name: str, kind: str) -> tuple[Samples, Samples]:
        """Read the training and the test split, uint8 `[N, 1, size, size]`.

        Args:
            name: of the data set, for messages.
            kind: torchvision's class.

        Raises:
            UserError: if files are missing, or hold something else.
        """
        import torchvision.datasets

        def split(train: bool) -> Samples:
            files = fetched(
                name,
                self.root,
                self.download,
                lambda root, download: getattr(torchvision.datasets, kind)(root, train, download=download),
            )
            _check(name, files.data, files.targets)
            return Samples(resized(files.data, self.size), files.targets.long())

        return split(train=True), split(train=False)

    def labeled(self, name: str, kind: str, class_names: tuple[str, ...]) -> Dataset:
        """Return the data set with its own test split held out."""
        train, test = self.read(name, kind)
        spec = DataSpec(name, (1, self.size, self.size), len(class_names), class_names)
        return Dataset(spec, train, test, fingerprint(train))


def _check(name: str, images: Tensor, labels: Tensor) -> None:
    """Check what the files hold; torchvision looks at their names only.

    Raises:
        UserError: for other sizes than 28x28, or labels that are not one of 0 to 9 per image.
    """
    fits = images.dtype == torch.uint8 and images.shape[1:] == (28, 28) and labels.shape == images.shape[:1]
    if not fits or not len(labels) or not 0 <= int(labels.min()) <= int(labels.max()) < CLASSES:
        given = f"images {list(images.shape)} and labels {list(labels.shape)}"
        among = f", {int(labels.min())} to {int(labels.max())}" if labels.numel() else ""
        raise UserError(
            f"data={name}: the files hold {given}{among}; images [N, 28, 28] and labels 0 to {CLASSES - 1} "
            f"are needed. Remove them and type data.download=true, or give others with data.root=FOLDER."
        )


def resized(images: Tensor, size: int) -> Tensor:
    """Bring uint8 images `[N, 28, 28]` to `[N, 1, size, size]` by the rule of `IdxImages`."""
    if size == images.shape[-1]:
        return images[:, None].clone()
    if size == BORDERED:
        border = (BORDERED - images.shape[-1]) // 2
        return torch.nn.functional.pad(images[:, None], (border,) * 4)
    rules = ImageRules((size, size))
    return torch.from_numpy(np.stack([to_pixels(Image.fromarray(image), rules) for image in images.numpy()]))
