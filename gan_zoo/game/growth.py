"""Progressive growing (Karras et al. 2018, arXiv:1710.10196): from the image count to (level, fade)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

from gan_zoo.types import Stage


@dataclass(frozen=True)
class Growth:
    """The schedule: train the first level, then for each next one fade it in and train it.

    Attributes:
        levels: resolutions, smallest first.
        start_level: index of the first trained level.
        train_kimg: thousands of images at each level after its fade.
        fade_kimg: thousands of images of each fade.
        batch_size: by resolution; a resolution that is not listed takes the next smaller listed one's.

    Example:
        >>> growth = Growth((4, 8), train_kimg=1.0, fade_kimg=2.0)
        >>> growth.stage(500), growth.stage(2000), growth.stage(3000)
        (Stage(level=0, fade=1.0), Stage(level=1, fade=0.5), Stage(level=1, fade=1.0))
    """

    levels: tuple[int, ...]
    train_kimg: float
    fade_kimg: float
    start_level: int = 0
    batch_size: Mapping[int, int] = field(default_factory=dict)

    def _place(self, images: int) -> tuple[int, float]:
        """Return the level, and the images since its fade began (since the start, at the first)."""
        train, fade = self.train_kimg * 1000.0, self.fade_kimg * 1000.0
        past = images - train
        if past < 0 or self.start_level == len(self.levels) - 1:
            return self.start_level, float(images)
        jumps = int(past // (train + fade)) if train + fade > 0 else len(self.levels)
        level = min(self.start_level + 1 + jumps, len(self.levels) - 1)
        return level, past - (level - self.start_level - 1) * (train + fade)

    def stage(self, images: int) -> Stage:
        """Return the level and the weight of its new path after `images` images."""
        level, since = self._place(images)
        fade = self.fade_kimg * 1000.0
        if level == self.start_level or since >= fade:
            return Stage(level, 1.0)
        return Stage(level, since / fade)

    def stage_images(self, images: int) -> int:
        """Return the number of images since the current level began to fade in."""
        return int(self._place(images)[1])

    def phase(self, images: int) -> tuple[int, bool]:
        """Return (level, fading); whenever it changes, moments are reset (A.4 of the official code)."""
        level, since = self._place(images)
        return level, level > self.start_level and since < self.fade_kimg * 1000.0

    def batch_at(self, images: int, default: int) -> int:
        """Return the batch size after `images` images."""
        return self.batch_at_level(self._place(images)[0], default)

    def batch_at_level(self, level: int, default: int) -> int:
        """Return the batch size of a level."""
        listed = sorted(self.batch_size)
        at = bisect_right(listed, self.levels[level])
        return self.batch_size[listed[at - 1]] if at else default
