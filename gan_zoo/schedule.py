"""Numbers that change over kimg: constant, linear, cosine, geometric, with warm-up."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gan_zoo.errors import UserError, did_you_mean

KINDS = ("constant", "linear", "cosine", "geometric")


@dataclass(frozen=True)
class Schedule:
    """A number as a function of kimg.

    Before `start_kimg` it is `start`, after `end_kimg` it is `end`, and between them it follows `kind`.

    Example:
        >>> Schedule(start=1.0, end=0.0, kind="linear", start_kimg=0.0, end_kimg=10.0)(2.5)
        0.75
    """

    start: float
    end: float
    kind: str = "constant"
    start_kimg: float = 0.0
    end_kimg: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UserError(f"Unknown schedule '{self.kind}'. {did_you_mean(self.kind, KINDS)}")
        if not all(map(math.isfinite, (self.start, self.end, self.start_kimg, self.end_kimg))):
            raise UserError(f"A schedule needs finite numbers, got {self}.")
        if self.kind != "constant" and self.end_kimg <= self.start_kimg:
            given = f"start_kimg={self.start_kimg}, end_kimg={self.end_kimg}"
            raise UserError(f"A {self.kind} schedule needs end_kimg > start_kimg, got {given}.")
        if self.kind == "geometric" and self.start * self.end <= 0.0:
            given = f"start={self.start}, end={self.end}"
            raise UserError(f"A geometric schedule needs start and end of one sign and not 0, got {given}.")

    def __call__(self, kimg: float) -> float:
        """Return the value at `kimg`."""
        if self.kind == "constant" or kimg <= self.start_kimg:
            return self.start
        if kimg >= self.end_kimg:
            return self.end
        share = (kimg - self.start_kimg) / (self.end_kimg - self.start_kimg)
        if self.kind == "geometric":
            return float(self.start * (self.end / self.start) ** share)
        if self.kind == "cosine":
            share = 0.5 * (1.0 - math.cos(math.pi * share))
        return self.start + share * (self.end - self.start)


def as_schedule(value: float | Mapping[str, Any] | Schedule) -> Schedule:
    """Read a number, or `{kind, start, end, start_kimg, end_kimg}`, as a schedule.

    Raises:
        UserError: for anything else.

    Example:
        >>> as_schedule(10)(123.0)
        10.0
    """
    if isinstance(value, Schedule):
        return value
    if isinstance(value, Mapping):
        known = ("kind", "start", "end", "start_kimg", "end_kimg")
        for key in value:
            if key not in known:
                raise UserError(f"A schedule has no key '{key}'. {did_you_mean(str(key), known)}")
        try:
            fields: dict[str, Any] = {k: v if k == "kind" else float(v) for k, v in value.items()}
            return Schedule(**fields)
        except (TypeError, ValueError) as error:
            raise UserError(
                f"{dict(value)} is not a schedule ({error}). Give all of: {', '.join(known)}."
            ) from error
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UserError(f"Expected a number or a schedule over kimg, got {value!r}.")
    return Schedule(float(value), float(value))
