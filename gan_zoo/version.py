"""The versions of this package and of what it stands on; without torch, so that every layer may import it."""

import platform
from importlib import metadata

VERSION = "0.1.0"
PACKAGES = {
    "torch": "torch",
    "torchvision": "torchvision",
    "pytorch_lightning": "pytorch-lightning",
    "hydra": "hydra-core",
}


def versions() -> dict[str, str | None]:
    """Return the versions of Python, of gan_zoo and of what it stands on; None where one is not installed."""
    found: dict[str, str | None] = {"python": platform.python_version(), "gan_zoo": VERSION}
    for name, package in PACKAGES.items():
        try:
            found[name] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found
