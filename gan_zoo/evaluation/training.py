"""What a generator may remember: its training samples, as a metric that looks for copies sees them.

A training set may be too large to be looked at through an extractor as a whole. Then a part is, and besides,
for each sample in question, the training sample that is nearest to it in coarse pixels, and the one nearest
to that: so a copy is found wherever its original is, and neighborhoods are as dense there as in the whole.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from gan_zoo.evaluation.sets import Rest
from gan_zoo.evaluation.views import View

COARSE = 8  # pixels a side
ROWS = 512  # samples that are looked up or compared at once


class Training:
    """Real samples that a generator may have been trained on.

    Args:
        reference: all of it may be remembered.
        floor: of this only what `floor_seen` says.
        floor_seen: bool `[N]`, or None for none of it.
        rest: others, in a random order.
    """

    def __init__(self, reference: View, floor: View, floor_seen: Tensor | None, rest: Rest) -> None:
        self.reference, self.floor, self.rest = reference, floor, rest
        self.seen = torch.zeros(len(floor), dtype=torch.bool) if floor_seen is None else floor_seen
        self._looked_at: dict[int, Tensor] = {}

    def __len__(self) -> int:
        return len(self.reference) + int(self.seen.sum()) + len(self.rest)

    def spare(self, most: int) -> int:
        """Return how many samples of the rest are looked at where `most` are to be looked at in all."""
        return max(0, min(len(self.rest), most - (len(self) - len(self.rest))))

    def features(self, sample: View, most: int, with_floor: bool) -> Tensor:
        """Return features `[N, D]` of the training samples that `sample` is to be compared with.

        Args:
            sample: generated or real samples.
            most: how many to look at; what is seen anyway and what is nearest comes on top.
            with_floor: whether the floor's training samples count, too; never for the floor itself.
        """
        parts = [self.reference.features, self._beginning(self.spare(most))]
        if with_floor and self.seen.any():
            parts.append(self.floor.features[self.seen])
        if self.spare(most) < len(self.rest):
            places = self._nearest_places(sample.values, self.spare(most))
            parts.append(self._features_of(places))
        return torch.cat(parts)

    def _beginning(self, count: int) -> Tensor:
        """Return features of the first samples of the rest; they are extracted once."""
        if count not in self._looked_at:
            self._looked_at[count] = self._features_of(torch.arange(count))
        return self._looked_at[count]

    def _features_of(self, places: Tensor) -> Tensor:
        """Return features of some of the rest, `[P, D]`."""
        extractor = self.reference.seen.extractor
        if extractor is None or not len(places):
            return self.reference.features[:0]
        return torch.cat([extractor.features(self.rest.take(part)) for part in places.split(ROWS)])

    def _nearest_places(self, values: Tensor, start: int) -> Tensor:
        """Return where in the rest, from `start` on, what is nearest to the samples is, and next to that."""
        rest = self._coarse_rest[start:]
        first = _closest(coarse(values), rest).unique()
        second = _closest(rest[first], rest, own=first) if len(rest) > 1 else first
        return torch.cat([first, second]).unique() + start

    @cached_property
    def _coarse_rest(self) -> Tensor:
        places = torch.arange(len(self.rest))
        return torch.cat([coarse(self.rest.take(part)) for part in places.split(ROWS)])


def coarse(values: Tensor) -> Tensor:
    """Return images reduced to at most 8 x 8 pixels and flattened, or vectors as they are, float32."""
    if values.ndim != 4:
        return values.float()
    height, width = (min(COARSE, side) for side in values.shape[2:])
    return adaptive_avg_pool2d(values.float(), (height, width)).flatten(1)


def _closest(rows: Tensor, points: Tensor, own: Tensor | None = None) -> Tensor:
    """Return which of `points` `[U, D]` is nearest to each of `rows` `[M, D]`, `[M]`; never its `own` one."""
    center = points.mean(0)  # single precision will do for candidates, near the origin
    rows, points = rows - center, points - center
    lengths, found = points.square().sum(1), []
    for start in range(0, len(rows), ROWS):
        distances = torch.addmm(lengths, rows[start : start + ROWS], points.T, alpha=-2.0)
        if own is not None:
            distances[torch.arange(len(distances)), own[start : start + ROWS]] = torch.inf
        found.append(distances.argmin(1))
    return torch.cat(found)
