"""NaN and infinity in a batch, a loss and a gradient: the step is left out, and nothing else changes."""

from __future__ import annotations

import itertools

from chaos_faults.comparing import OF_SKIPPED, not_finite, unequal_games, unequal_pictures
from chaos_faults.lab import Lab, Result
from chaos_faults.plan import Poison
from chaos_faults.subjects import GENERATOR_STEPS, STEPS
from gan_zoo import checkpoint

BATCH, DISCRIMINATOR = "batch", "discriminator"
CASES = [
    (where, value, player)
    for where, value, player in itertools.product(
        (BATCH, "loss", "gradient"), ("nan", "inf"), (DISCRIMINATOR, "generator")
    )
    if where != BATCH or player == DISCRIMINATOR  # the generator's loss does not look at the reals
]
MOST = 5  # steps in a row, after which a run ends


def poisoned(lab: Lab, subject: str, where: str, value: str, player: str) -> Result:
    """Put a number that is not finite into one step, and compare with the run that leaves this step out."""
    steps = STEPS if player == DISCRIMINATOR else GENERATOR_STEPS[subject]
    step = lab.draw.randrange(2, steps - 4)
    kind = f"{'NaN' if value == 'nan' else 'Inf'} in a {where}"
    result = Result(kind, f"{subject}, {player}, step {step}", lab.new(f"{value} {where}"))
    ended = lab.train(result.run, subject, poison=Poison(where, value, player, step, step))
    result.expect(ended.code == 0, f"it left with {ended.code}: {ended.last_line}")
    result.expect(f"Steps of the {player} are not applied" in ended.said, "it did not name the player")
    named = f"the term {player}/adversarial" if where == "loss" else "a gradient"
    accepted = (named, f"the term {player}/") if where == BATCH else (named,)
    result.expect(any(each in ended.said for each in accepted), f"it did not name {named}")
    _compare(lab, result, subject, Poison("nowhere", value, player, step, step))
    return result


def endless(lab: Lab, subject: str, player: str) -> Result:
    """Put NaN into the loss from one step on: the run ends with its last good weights, and can go on."""
    first = lab.draw.randrange(4, 12)
    result = Result(
        "NaN in every loss from a step on", f"{subject}, {player}, step {first}", lab.new("endless")
    )
    more = [f"callbacks.non_finite.most_in_a_row={MOST}"]
    poison = Poison("loss", "nan", player, first, 10**9)
    ended = lab.train(result.run, subject, poison=poison, more=more)
    result.expect(ended.code not in (0, 75), f"it left with {ended.code}")
    result.expect(f"steps of the {player} were not applied" in ended.said, f"it said: {ended.last_line}")
    result.expect(f"{player}/adversarial" in ended.said, "it did not name the term")
    result.expect("Traceback" not in ended.said, "it showed a traceback")
    saved = checkpoint.load(lab.path(result.run) / "checkpoints" / "last.ckpt")
    result.problems += [f"not finite: {each}" for each in not_finite(lab.path(result.run))]
    going = lab.resume(result.run)
    result.expect(going.code == 0, f"going on left with {going.code}: {going.last_line}")
    if going.code == 0:
        last = int(saved["game"]["steps"][player]) - 1
        _compare(lab, result, subject, Poison("nowhere", "nan", player, first, last))
    return result


def _compare(lab: Lab, result: Result, subject: str, left_out: Poison) -> None:
    """Compare a run with one that leaves the same steps out."""
    other = f"{result.run}.left-out"
    lab.train(other, subject, poison=left_out)
    runs = lab.path(other), lab.path(result.run)
    result.compared(unequal_games(*runs, apart_from=OF_SKIPPED) + unequal_pictures(*runs))
    result.wrong += [f"not finite: {each}" for each in not_finite(runs[1])]
