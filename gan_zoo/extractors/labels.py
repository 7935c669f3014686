"""What extractors, and numbers made with them, are called.

`FID`, `KID`, `IS`, `LPIPS` and `CMMD` are names of one network with one set of weights each. What another
network gives is on another scale (by a factor of 10,000 between extractors), so it carries the extractor in
its name: `fd/cls-mnist-penult-128@3fa1c09b`.
"""

from __future__ import annotations

import re
from typing import Protocol

from gan_zoo.errors import UserError

RESERVED = {
    "fd": "FID",
    "kd": "KID",
    "cs": "IS",
}  # our name of a number, and what canonical weights make of it
WORDS = (*RESERVED.values(), "LPIPS", "CMMD")
DIGEST_LENGTH = 8
ID_PATTERN = re.compile(r"[a-z]+-[a-z0-9_.]+-[a-z0-9_.]+-[1-9][0-9]*@[0-9a-f]{8}")


class Labeled(Protocol):
    """Anything with an id that knows whether its weights are the canonical ones."""

    id: str
    canonical: bool


def extractor_id(kind: str, source: str, layer: str, dimensions: int, digest: str) -> str:
    """Return `<kind>-<data set or seed>-<layer>-<dimensions>@<first digits of a SHA-256>`.

    Args:
        kind: of extractor, lowercase letters.
        source: what it was made from: the name of a data set, a seed, an architecture.
        layer: what is read out.
        dimensions: numbers per sample.
        digest: SHA-256 of all that decides the features, hexadecimal.

    Example:
        >>> extractor_id("cls", "Fashion-MNIST", "penult", 128, "3fa1c09b77")
        'cls-fashion_mnist-penult-128@3fa1c09b'
    """
    return f"{kind}-{_word(source)}-{_word(layer)}-{dimensions}@{digest[:DIGEST_LENGTH]}"


def _word(text: str) -> str:
    return re.sub(r"[^a-z0-9_.]+", "_", text.lower()).strip("_") or "unnamed"


def metric_name(metric: str, extractor: Labeled) -> str:
    """Return the name of a number: a reserved word for canonical weights, otherwise `<metric>/<extractor>`.

    Args:
        metric: `fd` (Frechet distance), `kd` (kernel distance), `cs` (classifier score), or any other metric.
        extractor: what its features or probabilities come from.

    Raises:
        UserError: if a reserved word is asked for that the extractor may not bear.
    """
    word = metric.upper()
    if word in WORDS:
        own = {reserved: name for name, reserved in RESERVED.items()}.get(word)
        if own is None or not extractor.canonical:
            advice = f"; call it '{own}/{extractor.id}'" if own else ""
            raise UserError(
                f"'{metric}' is the name of a number from one network with published weights, and "
                f"{extractor.id} is not that network{advice}."
            )
        metric = own
    if extractor.canonical and metric in RESERVED:
        return RESERVED[metric]
    return f"{metric}/{extractor.id}"
