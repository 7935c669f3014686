"""From `metrics=[...]` to metrics that can run: names, the words `all` and `fast`, and what does not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.evaluation.measures import MEASURES, Measure
from gan_zoo.evaluation.views import Context

ALL, FAST = "all", "fast"
Settings = Mapping[str, Mapping[str, Any]]


def check_names(names: Sequence[str], settings: Settings) -> None:
    """Refuse names that are no metrics, before any work.

    Args:
        names: what was asked for.
        settings: parameters by metric.

    Raises:
        UserError: for a name or a parameter that there is not, or no name at all.
    """
    known = [ALL, FAST, *MEASURES]
    if not names:
        raise UserError(f"metrics=[] measures nothing. Type metrics=[all]. Known: {', '.join(known)}.")
    for name in names:
        if name not in known:
            raise UserError(f"Unknown metric '{name}'. {did_you_mean(name, known)}")
    for name, parameters in settings.items():
        MEASURES.build(name, **parameters)


def choose(
    names: Sequence[str], settings: Settings, context: Context
) -> tuple[dict[str, Measure], dict[str, str]]:
    """Build the metrics that `names` mean.

    What `all` and `fast` mean depends on the data; what was asked for by name and does not fit is reported.

    Returns:
        Metrics by name, and the reasons why others cannot run.

    Raises:
        UserError: if none of them fits.
    """
    check_names(names, settings)
    asked = [name for name in names if name not in (ALL, FAST)]
    wanted = _headlines_first(MEASURES) if ALL in names else list(asked)
    if FAST in names:
        wanted += [name for name in MEASURES if MEASURES[name].fast and name not in wanted]
    built = {name: MEASURES.build(name, **settings.get(name, {})) for name in wanted}
    reasons = {name: reason for name, measure in built.items() if (reason := measure.unfit(context))}
    fit = {name: measure for name, measure in built.items() if name not in reasons}
    refused = {name: reasons[name] for name in asked if name in reasons}
    if not fit:
        shown = "; ".join(f"{name}: {reason}" for name, reason in (refused or reasons).items())
        raise UserError(f"None of the metrics can be measured here. {shown}.")
    return fit, refused


def _headlines_first(names: Iterable[str]) -> list[str]:
    """Return names with the cheap and telling ones first, as a reader wants them."""
    return sorted(names, key=lambda name: (not MEASURES[name].fast, name))


def needs_extractor(names: Sequence[str]) -> bool:
    """Say whether any of the metrics looks through an extractor."""
    if ALL in names or FAST in names:
        return True
    return any(MEASURES[name].sees_features() for name in names)
