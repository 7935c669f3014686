"""The columns that findings are read from, so that a table without them is not taken for a healthy run."""

from __future__ import annotations

from gan_zoo.diagnosis.findings import Kind
from gan_zoo.diagnosis.history import History
from gan_zoo.diagnosis.symptom import COVERAGE, DIVERSITY, ENERGY, SEPARATION

LIVE = ENERGY + "_live"
# Each line is one way to find it, and needs all of its columns. What is not finite is always looked for.
NEEDS: dict[Kind, tuple[tuple[str, ...], ...]] = {
    "divergence": ((LIVE,),),
    "collapse": ((DIVERSITY,), (DIVERSITY + "_live",), ("collapse/pair_diversity",)),
    "discriminator_overpowering": (
        (SEPARATION, LIVE),
        ("vitals/generator_gradient_norm", "vitals/generator_weight_norm"),
    ),
    "oscillation": (("collapse/drift", LIVE),),
    "memorization": (("vitals/overfitting",), ("collapse/copy_distance",)),
    "partial_mode_loss": ((COVERAGE, "collapse/coverage_of_reals"),),
}


def not_looked_for(history: History) -> dict[Kind, tuple[str, ...]]:
    """Return the findings that no way leads to, each with the columns that the nearest way lacks.

    A column without any finite number counts as missing. Divergence is here where only numbers that are not
    finite could be found.
    """
    looks = range(len(history))
    missing = {
        kind: min((tuple(name for name in way if not history.values(looks, name)) for way in ways), key=len)
        for kind, ways in NEEDS.items()
    }
    return {kind: names for kind, names in missing.items() if names}


def in_words(missing: dict[Kind, tuple[str, ...]]) -> str:
    """Return what was not looked for as one line.

    Example:
        >>> in_words({"memorization": ("vitals/overfitting",)})
        'Not looked for, as their columns are missing: memorization (vitals/overfitting).'
    """
    parts = (f"{_title(kind)} ({', '.join(names)})" for kind, names in missing.items())
    return f"Not looked for, as their columns are missing: {', '.join(parts)}."


def _title(kind: Kind) -> str:
    return "divergence of finite numbers" if kind == "divergence" else kind.replace("_", " ")
