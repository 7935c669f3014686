"""All that must be equal before two values of a metric may be compared."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from typing import Any

from gan_zoo.evaluation.measures import Measure
from gan_zoo.evaluation.sets import Sets
from gan_zoo.evaluation.views import Context
from gan_zoo.version import versions

PACKAGES = ("numpy", "scipy", "scikit-learn", "POT", "torch-fidelity")
WHAT_IS_SEEN = {True: "uint8 0..255", False: "data units"}


def library_versions() -> dict[str, str | None]:
    """Return the versions of everything that numbers depend on; None where one is not installed."""
    found = versions()
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found


def protocol_of(
    measure: Measure, context: Context, sets: Sets, counts: Mapping[str, int], troubles: Mapping[str, str]
) -> dict[str, Any]:
    """Return the protocol of one metric as plain data.

    Args:
        counts: samples that the metric saw of each set.
        troubles: why the floor or the ceiling could not be measured.
    """
    extractor = context.extractor if measure.sees_features() else None
    seen = {} if extractor is None else extractor.protocol()
    settings = measure.protocol()
    return {
        **counts,
        "real_split": sets.real_split,
        "fake": sets.fake.origin,
        "ceiling": sets.ceiling.origin,
        "prepared": sets.prepared,
        "seed": context.seed,
        "extractor": None if extractor is None else extractor.id,
        "extractor_sha256": seen.get("sha256"),
        "resize": seen.get("resize", "none"),
        "value_range": seen.get("value_range", WHAT_IS_SEEN[context.is_image]),
        **settings,
        **{f"{kind}_error": message for kind, message in troubles.items()},
        "versions": library_versions(),
        "comparable_to_floor": not measure.counts_matter or counts["n_fake"] == counts["n_floor"],
        "comparable_to_published": _comparable(measure, context, counts, settings),
    }


def _comparable(
    measure: Measure, context: Context, counts: Mapping[str, int], settings: Mapping[str, Any]
) -> bool:
    """Say whether the value may stand beside published ones: the same weights, settings and numbers."""
    canonical = context.extractor is not None and context.extractor.canonical
    fewest = min(counts["n_fake"], counts["n_real"])
    enough = measure.published_n is not None and fewest >= measure.published_n
    alike = all(settings.get(name) == value for name, value in measure.published.items())
    return measure.sees_features() and canonical and enough and alike
