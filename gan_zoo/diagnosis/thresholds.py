"""Every number that the rules compare with, in one place and with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """Limits of the rules; all but the first few and `far` are relative to what reals score.

    They were fixed on the `calibration` configurations of `scripts/prove_alarm.py`, not on those that it
    reports.

    Attributes:
        grace_share: share of the run that is never judged, since an untrained generator looks collapsed; what
            is not finite or far away counts at once.
        grace_steps: steps of G that are never judged, so that a run of a few dozen is not called collapsed.
        window_share: a condition must last for this share of the run; healthy runs pass through bad moments.
        window_looks: and for this many looks, in runs with few of them.
        steady: share of a window's looks at which the condition must hold; one look has 64 to 128 samples.
        stalled: a run is getting better while its distance falls below this part within a window.
        diversity: below this part of the reals' mean pairwise distance a generator is collapsed. Two of eight
            modes on a ring have .5 on average, a single one .01; healthy runs stay above .8.
        pair_diversity: the same between two latents of one class, whose reals differ less.
        apart: energy distance, in units of the distance between two reals, from which fakes are not the data.
            Healthy runs fall below .05 within a third of their length; one mode has 1.
        modes: share of a mixture's modes that must be covered; .9 lets a missing one of 8 be found.
        cells: the same for cells of k-means, of which a look of 64 samples misses some by chance.
        better_coverage: a run is getting better while its coverage grows by this much within a window.
        overfitting: probability that D scores a training real above a held-out one; .5 without overfitting,
            with a standard error of .06 for one look and .02 for a window; healthy runs stayed below .57 over
            any window, 72 images gave .9.
        copy_distance: median distance of fakes to their nearest training sample, in units of that of held-out
            reals, below which fakes are copies.
        separation: probability that D scores a real above a fake, from which D has won.
        no_gradient: norm of G's gradient, as a part of its weights' norm, that is none; where G learns it is
            above 1e-4.
        drift: how far samples of fixed latents move between two looks, in units of the distance between two
            reals. Healthy runs have .6 in their first tenth and .05 to .4 later.
        far: energy distance from which fakes lie outside the data: twice as far away as the data are wide.
        explosion: growth of D's score gap or of a player's weights, against the part that is never judged,
            from which training diverges while the fakes do not come closer.
    """

    grace_share: float = 0.15
    grace_steps: int = 100
    window_share: float = 0.2
    window_looks: int = 5
    steady: float = 0.8
    stalled: float = 0.8
    diversity: float = 0.4
    pair_diversity: float = 0.25
    apart: float = 0.15
    modes: float = 0.9
    cells: float = 0.7
    better_coverage: float = 0.06
    overfitting: float = 0.7
    copy_distance: float = 0.5
    separation: float = 0.98
    no_gradient: float = 1e-7
    drift: float = 0.5
    far: float = 3.0
    explosion: float = 100.0
