"""Histories made by hand: a healthy run, with what a test plants."""

from collections.abc import Callable
from typing import Any

import pytest

LOOKS = 51
KIMG = 100.0


def healthy(share: float) -> dict[str, float]:
    """Return the vital signs of a run that learns within its first quarter."""
    far = max(0.0, 1.0 - 4.0 * share)  # of the start
    return {
        "progress/kimg": KIMG * share,
        "vitals/run_share": share,
        "vitals/generator_steps": 1e4 * share,
        "vitals/not_finite": 0.0,
        "vitals/logit_gap": 1.0 + far,
        "vitals/separation": 0.7 + 0.3 * far,
        "vitals/accuracy_train": 0.7,
        "vitals/accuracy_held_out": 0.7,
        "vitals/overfitting": 0.5,
        "vitals/generator_gradient_norm": 1.0,
        "vitals/generator_weight_norm": 8.0 + share,
        "vitals/discriminator_weight_norm": 8.0 + 4.0 * share,
        "vitals/generator_lr": 1e-3,
        "vitals/discriminator_lr": 1e-3,
        "collapse/diversity": 1.0 - 0.9 * far,
        "collapse/diversity_live": 1.0 - 0.9 * far,
        "collapse/energy_distance": 0.01 + far,
        "collapse/energy_distance_live": 0.01 + far,
        "collapse/pair_diversity": 0.9 - 0.8 * far,
        "collapse/drift": 0.1 + 0.6 * far,
        "collapse/coverage": 1.0 - 0.8 * far,
        "collapse/coverage_of_reals": 1.0,
        "collapse/copy_distance": 1.3 + far,
    }


def make(**planted: Any) -> list[dict[str, float]]:
    """Return a run's rows; each planted value is a number, or a function of (share of the run, look).

    Names stand without their prefix; a value of None leaves the column out.
    """
    rows = []
    for look in range(LOOKS):
        row = healthy(look / (LOOKS - 1))
        names = {name.partition("/")[2]: name for name in row}
        for short, value in planted.items():
            name = names.get(short, f"collapse/{short}")
            found = value(look / (LOOKS - 1), look) if callable(value) else value
            row.pop(name, None)
            if found is not None:
                row[name] = found
        rows.append(row)
    return rows


@pytest.fixture
def rows() -> Callable[..., list[dict[str, float]]]:
    return make
