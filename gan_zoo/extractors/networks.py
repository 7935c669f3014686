"""Networks that nothing trains anymore: kept in eval mode, without gradients, in full precision."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor, nn

from gan_zoo.errors import UserError


class Frozen(nn.Module):
    """A network that looks the same to every sample, whoever calls `train()` on it.

    Lightning puts every module that it finds into train mode; batch norm would then drift with the fakes.

    Args:
        network: what is frozen.
        device: where it goes.
    """

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        super().__init__()
        self.network = network.to(device).requires_grad_(False)
        super().train(False)

    def train(self, mode: bool = True) -> Frozen:
        """Stay in eval mode."""
        return self

    def forward(self, samples: Tensor) -> Any:
        """Run the network as it is."""
        return self.network(samples)


@contextlib.contextmanager
def in_full_precision(device: torch.device) -> Iterator[None]:
    """Run in the tensors' own precision and deterministically, whatever the run around it has chosen."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(torch.autocast(device.type, enabled=False))
        if device.type == "cuda":
            stack.enter_context(
                torch.backends.cudnn.flags(
                    enabled=True, benchmark=False, deterministic=True, allow_tf32=False
                )
            )
        yield


@contextlib.contextmanager
def on_one_thread() -> Iterator[None]:
    """Compute on one thread of the CPU: with another number of them, sums differ in their last bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def as_device(device: str | torch.device) -> torch.device:
    """Return a device that is there.

    Raises:
        UserError: for an unknown device, or one that this machine does not have.
    """
    try:
        torch.empty(0, device=device)
        return torch.device(device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"extractor.device={device} cannot be used: {reason}. Type cpu, or cuda.") from error


def read_weights(file: Path | IO[bytes], name: str) -> dict[str, Tensor]:
    """Read weights without running anything that the file might hold.

    Args:
        file: what `torch.save` wrote of a network's `state_dict()`.
        name: of the file, for messages.

    Raises:
        UserError: if the file is damaged, or holds anything but named tensors.
    """
    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError(
            f"{name} was refused: it is not a file of weights, or holds more than tensors, and loading that "
            "could run foreign code. Save network.state_dict() with torch.save."
        ) from error
    except (OSError, RuntimeError, EOFError, KeyError, AttributeError, ValueError) as error:
        raise UserError(f"{name} cannot be read as weights: it is damaged, or something else.") from error
    if isinstance(found, dict) and isinstance(found.get("state_dict"), dict):
        found = found["state_dict"]
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise UserError(f"{name} holds no weights by name. Save network.state_dict() with torch.save.")
    return dict(found)


def to_color(images: Tensor) -> Tensor:
    """Return `[N, 3, H, W]`; grey is repeated.

    Raises:
        UserError: for a number of channels that is neither grey nor color.
    """
    if images.shape[1] not in (1, 3):
        raise UserError(
            f"Images of {images.shape[1]} channels are neither grey nor color, and this network was trained "
            "on color. Type extractor=classifier, random_convolutions, projection or pixels."
        )
    return images.expand(-1, 3, -1, -1)


def resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Resize `[N, C, H, W]` bilinearly, antialiased where it shrinks; the right size stays as it is."""
    if tuple(images.shape[2:]) == size:
        return images
    return nn.functional.interpolate(images, size=size, mode="bilinear", align_corners=False, antialias=True)
