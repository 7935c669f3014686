"""The names of our signs, by which a table of other origin is read."""

from __future__ import annotations

KIMG = "progress/kimg"
SHARE = "vitals/run_share"
NOT_FINITE = "vitals/not_finite"
VITALS = "vitals/"  # collapse/ has further sources
SKIPPED = "_skipped_steps"  # logged when steps were left out, whether or not somebody looks
SAMPLES = "collapse/"
LOSSES = ("generator/", "discriminator/")
# Of samples: they make a row a look where a table has nothing under `vitals/`.
OF_SAMPLES = frozenset(
    f"collapse/{name}{of}"
    for name in (
        "diversity", "energy_distance", "pair_diversity", "mode_seeking", "feature_diversity", "coverage",
        "modes", "high_quality", "copy_distance", "drift", "ms_ssim",
    )
    for of in ("", "_live")
)  # fmt: skip
# Numbers at every look of a sound run. Others are undefined in some: where nothing is held out, or as 0 / 0.
SOUND = frozenset(
    {
        *(f"collapse/{name}{of}" for name in ("diversity", "energy_distance") for of in ("", "_live")),
        *(f"vitals/{name}" for name in ("logit_gap", "separation", "accuracy_train", "accuracy_fake")),
        *(
            f"vitals/{player}_{name}"
            for player in ("generator", "discriminator")
            for name in ("weight_norm", "gradient_norm", "update_ratio")
        ),
    }
)
# Signs that we log at every look once they have begun, so that they do not end by themselves.
LASTING = OF_SAMPLES | SOUND | {"vitals/accuracy_held_out", "vitals/overfitting"}


def makes_look(name: str) -> bool:
    """Say whether a row with this column is a look at the vital signs.

    Example:
        >>> makes_look("vitals/separation"), makes_look("vitals/generator_skipped_steps")
        (True, False)
    """
    return name.startswith(VITALS) and SKIPPED not in name


def is_sign(name: str) -> bool:
    """Say whether a column tells how a run does.

    Example:
        >>> is_sign("vitals/separation"), is_sign("collapse/drift"), is_sign("vitals/run_share")
        (True, True, False)
    """
    return name in OF_SAMPLES or (name.startswith(VITALS) and name not in (SHARE, NOT_FINITE))
