"""The batch plan: which samples come next is a pure function of (seed, image count)."""

from __future__ import annotations

import torch
from torch import Tensor

from gan_zoo.draws import Draws


class Plan:
    """The order of packs.

    Pack p has `packs` members. Member k is element p % N of a permutation drawn from (seed, k, p // N), so
    every member goes through all N samples once per epoch, each in an order of its own. With `classes`,
    members from the second on are drawn with replacement from the class of the first instead.

    Args:
        count: number of samples N.
        seed: the run's seed.
        packs: members of a pack.
        classes: labels `[N]` on the CPU where the members of a pack share one, else None.
        flip: whether half of the images are mirrored.
        device: where the indices are used.
    """

    def __init__(
        self, count: int, seed: int, packs: int = 1, classes: Tensor | None = None, flip: bool = False,
        device: torch.device | str = "cpu",
    ) -> None:  # fmt: skip
        self.count, self.packs, self.classes, self.flip, self.device = count, packs, classes, flip, device
        self.draws = Draws(seed)
        self._epochs: dict[int, tuple[Tensor, Tensor]] = {}
        if classes is not None:
            self._sorted = classes.argsort(stable=True)
            self._sizes = classes.bincount()
            self._starts = self._sizes.cumsum(0) - self._sizes

    def rows(self, first: int, packs: int, rank: int = 0, world: int = 1) -> tuple[Tensor, Tensor]:
        """Return packs `first + rank, first + rank + world, ...` of the `packs` that follow `first`.

        Returns:
            Indices `[packs / world * m]`, member after member, and whether to mirror each.
        """
        epoch, position = divmod(first, self.count)
        self._epochs = {number: drawn for number, drawn in self._epochs.items() if number >= epoch}
        parts = []
        while packs > 0:
            taken = min(packs, self.count - position)
            parts.append([table[position : position + taken] for table in self._epoch(epoch)])
            epoch, position, packs = epoch + 1, 0, packs - taken
        indices, mirrored = parts[0] if len(parts) == 1 else map(torch.cat, zip(*parts, strict=True))
        return indices[rank::world].reshape(-1), mirrored[rank::world].reshape(-1)

    def _epoch(self, epoch: int) -> tuple[Tensor, Tensor]:
        """Draw one epoch: indices `[N, m]` and mirrored `[N, m]`, once."""
        if epoch not in self._epochs:
            members = [self._member(member, epoch) for member in range(self.packs)]
            if self.classes is not None:
                members[1:] = [self._same_class(members[0], member, epoch) for member in range(1, self.packs)]
            indices = torch.stack(members, dim=1)
            mirrored = torch.zeros(indices.shape, dtype=torch.bool)
            if self.flip:
                mirrored = self.draws.uniform((self.count, self.packs), "data/flip", epoch) < 0.5
            self._epochs[epoch] = (indices.to(self.device), mirrored.to(self.device))
        return self._epochs[epoch]

    def _member(self, member: int, epoch: int) -> Tensor:
        return torch.randperm(self.count, generator=self.draws.generator("data/order", member, epoch))

    def _same_class(self, leaders: Tensor, member: int, epoch: int) -> Tensor:
        """Draw one sample `[N]` of each leader's class."""
        assert self.classes is not None
        label = self.classes[leaders]
        uniform = self.draws.uniform((self.count,), "data/pack", member, epoch).double()
        return self._sorted[self._starts[label] + (uniform * self._sizes[label]).long()]
