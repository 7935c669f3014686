"""Random numbers as pure functions of (seed, purpose, index), never of a generator's history.

So a run continued from a checkpoint draws what it would have drawn, and N processes together draw what
one would: each draws the whole tensor and keeps rows `rank::world`.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Index = tuple[int | str, ...]


class Draws:
    """All random numbers of a run.

    Args:
        seed: the run's seed.
        rank: this process among `world` processes.
        world: number of processes that share each global draw.
    """

    def __init__(self, seed: int, rank: int = 0, world: int = 1) -> None:
        self.seed, self.rank, self.world = seed, rank, world
        self.position: Index = ()
        self._generators: dict[torch.device, torch.Generator] = {}

    @contextmanager
    def at(self, *position: int | str) -> Iterator[None]:
        """Say where in the game the networks run now; stochastic layers draw at this position."""
        before, self.position = self.position, position
        try:
            yield
        finally:
            self.position = before

    def generator(
        self, purpose: str, *index: int | str, device: torch.device | str = "cpu"
    ) -> torch.Generator:
        """Return a generator seeded by (seed, purpose, index); valid until the next call."""
        device = torch.device(device)
        if device not in self._generators:
            self._generators[device] = torch.Generator(device)
        key = f"{self.seed}/{purpose}/{'/'.join(map(str, index))}".encode()
        number = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little") >> 1
        return self._generators[device].manual_seed(number)

    def _rows(self, whole: Tensor) -> Tensor:
        return whole if self.world == 1 else whole[self.rank :: self.world]

    def _global(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (shape[0] * self.world, *shape[1:])

    def normal(
        self, shape: tuple[int, ...], purpose: str, *index: int | str, device: torch.device | str = "cpu"
    ) -> Tensor:
        """Draw N(0, 1), this process' rows of the global draw, `[shape]`."""
        source = self.generator(purpose, *index, device=device)
        return self._rows(torch.randn(self._global(shape), generator=source, device=device))

    def uniform(
        self, shape: tuple[int, ...], purpose: str, *index: int | str, device: torch.device | str = "cpu"
    ) -> Tensor:
        """Draw U[0, 1), this process' rows of the global draw, `[shape]`."""
        source = self.generator(purpose, *index, device=device)
        return self._rows(torch.rand(self._global(shape), generator=source, device=device))

    def integers(
        self,
        high: int,
        shape: tuple[int, ...],
        purpose: str,
        *index: int | str,
        device: torch.device | str = "cpu",
    ) -> Tensor:
        """Draw integers uniform in [0, high), this process' rows of the global draw, `[shape]`, int64."""
        source = self.generator(purpose, *index, device=device)
        return self._rows(torch.randint(high, self._global(shape), generator=source, device=device))


class StochasticLayer(nn.Module):
    """A layer that draws random numbers (dropout, activation noise).

    Inside a game `draws` and `path` are set by `connect_draws`, and the numbers are a function of the game's
    position. A network used on its own falls back to torch's global generator.
    """

    draws: Draws | None = None
    path: str = ""

    def uniform_like(self, x: Tensor) -> Tensor:
        """Draw U[0, 1) in the shape, device and type of `x`."""
        if self.draws is None:
            return torch.rand_like(x)
        drawn = self.draws.uniform(tuple(x.shape), self.path, *self.draws.position, device=x.device)
        return drawn.to(x.dtype)

    def normal_like(self, x: Tensor) -> Tensor:
        """Draw N(0, 1) in the shape, device and type of `x`."""
        if self.draws is None:
            return torch.randn_like(x)
        drawn = self.draws.normal(tuple(x.shape), self.path, *self.draws.position, device=x.device)
        return drawn.to(x.dtype)


def connect_draws(network: nn.Module, draws: Draws, name: str) -> None:
    """Let every stochastic layer of `network` draw from `draws` under its own path."""
    for path, module in network.named_modules():
        if isinstance(module, StochasticLayer):
            module.draws, module.path = draws, f"{name}.{path}"
