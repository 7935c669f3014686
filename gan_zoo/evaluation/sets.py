"""The samples of an evaluation: two disjoint parts of the real data, generated samples, and a collapsed set.

The reference is training data. The floor is real data that the reference does not contain: held-out samples
first, and training samples outside the reference where there are too few of those. The ceiling is what mode
collapse looks like: few real samples, over and over.

What a generator may remember is more than the reference: all of its training data. The others are the rest,
and looked up only when asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from gan_zoo.data.base import Samples
from gan_zoo.draws import Draws
from gan_zoo.errors import UserError

FAKE, FLOOR, CEILING = "fake", "floor", "ceiling"
COLLAPSED_IMAGES = 10  # distinct samples in the ceiling
COLLAPSED_VECTORS = 2  # of vectors fewer: ten draws already hit most modes of a ring


@dataclass(frozen=True)
class SampleSet:
    """Samples in a random order, so that the first n of them are a fair draw.

    Attributes:
        values: images, uint8 `[N, C, H, W]`, or vectors, float32 `[N, D]` in data units.
        labels: int64 `[N]`, or None.
        paths: samples along ways from one to another, `[P, S, ...]`, or None.
        origin: where they come from, in words.
    """

    values: Tensor
    labels: Tensor | None = None
    paths: Tensor | None = None
    origin: str = ""

    def __len__(self) -> int:
        return len(self.values)


class Rest:
    """Real samples that a generator may have seen, and that are in neither the reference nor the floor.

    Args:
        parts: splits, each with the rows that are meant, in a random order.
    """

    def __init__(self, *parts: tuple[Samples, Tensor]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self.parts)

    def take(self, places: Tensor) -> Tensor:
        """Return the samples at some places `[P]` in 0..len - 1, `[P, ...]`."""
        found, where, start = [], [], 0
        for samples, rows in self.parts:
            inside = ((places >= start) & (places < start + len(rows))).nonzero()[:, 0]
            found.append(samples.values[rows[places[inside] - start]])
            where.append(inside)
            start += len(rows)
        return torch.cat(found)[torch.cat(where).argsort()]


@dataclass(frozen=True)
class Sets:
    """What an evaluation looks at.

    Attributes:
        reference: real samples that all others are compared with.
        fake: generated samples.
        floor: real samples that are not in the reference; may be empty.
        ceiling: a collapsed set.
        compared: how many samples of each set a metric gets that compares them with the reference.
        real_split: how the real samples were divided, in words.
        floor_seen: which of the floor's samples the generator may have been trained on, bool, or None for
            none of them.
        rest: the others that it may have been trained on.
        warnings: what a reader must know of these sets.
        prepared: how images were resized or recolored before they became samples, in words.
    """

    reference: SampleSet
    fake: SampleSet
    floor: SampleSet
    ceiling: SampleSet
    compared: int
    real_split: str
    floor_seen: Tensor | None = None
    rest: Rest = field(default_factory=Rest)
    warnings: tuple[str, ...] = ()
    prepared: str = "as they are"

    def samples(self) -> dict[str, SampleSet]:
        """Return the sets that are measured, by name."""
        return {FAKE: self.fake, FLOOR: self.floor, CEILING: self.ceiling}


@dataclass(frozen=True)
class Reals:
    """The real samples of an evaluation, divided.

    Attributes:
        reference: training samples.
        floor: other real samples.
        split: how they were divided, in words.
        floor_seen: which of the floor's samples a generator may have been trained on, bool.
        rest: the others that it may have been trained on.
    """

    reference: SampleSet
    floor: SampleSet
    split: str
    floor_seen: Tensor
    rest: Rest


def divide(
    train: Samples, held_out: Samples, n: int, n_real: int | None, seed: int, all_seen: bool = False
) -> Reals:
    """Draw a reference and a floor of `n` samples each, as far as the data allow.

    Where held-out samples are fewer than `n`, the floor is filled up with training samples that the reference
    leaves out, so that both have the same size: a Frechet distance between 1,600 and 180 samples would be
    larger than one between 1,600 and 1,600 whatever the generator does.

    Args:
        train: what the generator was trained on.
        held_out: what it never saw; may be empty.
        n: wanted size of both.
        n_real: size of the reference where that shall be another one, as published protocols have it.
        seed: of the choice.
        all_seen: whether the generator may have been trained on the held-out samples, too.

    Raises:
        UserError: if `n_real` is more than there is.
    """
    total = len(train) + len(held_out)
    if n_real is not None and n_real > len(train):
        raise UserError(f"n_real={n_real}: there are {len(train)} training samples. Give at most that many.")
    size = n_real or max(1, min(n, len(train), max(len(held_out), total // 2)))
    order = torch.randperm(len(train), generator=Draws(seed).generator("evaluate/reference"))
    late = torch.randperm(len(held_out), generator=Draws(seed).generator("evaluate/floor"))
    chosen, spare = order[:size], order[size:]
    late, later = late[:n], late[n:]
    spare, rest = spare[: n - len(late)], spare[n - len(late) :]
    floor, joined = _joined(_taken(held_out, late), _taken(train, spare), seed)
    split = f"reference: {size} of {len(train)} training samples; floor: {len(late)} held-out samples"
    split += f" and {len(spare)} training samples outside the reference" if len(spare) else ""
    seen = (joined >= len(late)) | all_seen
    others = Rest((train, rest), (held_out, later if all_seen else later[:0]))
    return Reals(_taken(train, chosen), floor, split, seen, others)


def collapse(real: SampleSet, size: int) -> SampleSet:
    """Repeat the first few of the real samples: a generator that has lost almost everything.

    Args:
        real: samples outside the reference, so that a copy of the reference is not what is measured.
        size: of the set; in a small one fewer are repeated, or it would be the real samples themselves.
    """
    most = COLLAPSED_IMAGES if real.values.ndim == 4 else COLLAPSED_VECTORS
    few = max(1, min(most, len(real) // 2, size // 2))
    rows = torch.arange(size) % few
    labels = None if real.labels is None else real.labels[rows]
    return SampleSet(real.values[rows], labels, origin=f"{few} real samples, repeated")


def check_alike(reference: SampleSet, other: SampleSet, name: str, hint: str, color_hint: str = "") -> None:
    """Refuse samples that cannot be compared with the reference.

    Args:
        name: of the other set, for the message.
        hint: what to type where sizes differ.
        color_hint: what to type where channels differ, if that is something else.

    Raises:
        UserError: for other dimensions, channels or sizes, no samples, or values that are not finite.
    """
    if not len(other):
        raise UserError(f"There are no {name} samples.")
    real, given = list(reference.values.shape[1:]), list(other.values.shape[1:])
    if len(real) != len(given):
        raise UserError(f"The real samples have shape {real}, the {name} ones {given}: give both as images.")
    if len(real) == 3 and real[0] != given[0]:
        kinds = {1: "grey", 3: "color"}
        pair = [kinds.get(channels, f"{channels} channels") for channels in (real[0], given[0])]
        raise UserError(f"The real images are {pair[0]}, the {name} ones {pair[1]}. {color_hint or hint}")
    if real != given:
        what = "images" if len(real) == 3 else "vectors"
        raise UserError(f"The real {what} have shape {real}, the {name} ones {given}. {hint}")
    if other.values.is_floating_point():
        broken = int((~other.values.isfinite().flatten(1).all(dim=1)).sum())
        if broken:
            raise UserError(f"{broken} of {len(other)} {name} samples hold values that are not finite.")


def _taken(samples: Samples, rows: Tensor) -> SampleSet:
    labels = None if samples.labels is None else samples.labels[rows]
    return SampleSet(samples.values[rows], labels)


def _joined(first: SampleSet, second: SampleSet, seed: int) -> tuple[SampleSet, Tensor]:
    """Return both in one random order, and that order `[N]`."""
    order = torch.randperm(len(first) + len(second), generator=Draws(seed).generator("evaluate/joined"))
    labels = None
    if first.labels is not None and second.labels is not None:
        labels = torch.cat([first.labels, second.labels])[order]
    return SampleSet(torch.cat([first.values, second.values])[order], labels), order
