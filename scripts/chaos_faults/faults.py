"""Which faults are tried, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from chaos_faults.damages import DAMAGES, all_damaged, damaged, torn_row
from chaos_faults.kills import (
    OTHER_WRITES,
    killed_again,
    killed_at_the_end,
    killed_from_outside,
    killed_inside,
)
from chaos_faults.lab import Lab, Result
from chaos_faults.non_finite import CASES, endless, poisoned
from chaos_faults.outages import ROOMS, SPOILED, cut_cache, full_disk, no_permission, spoiled_images
from chaos_faults.subjects import SUBJECTS

Fault = Callable[[Lab], Result]
QUICK = 9  # SIGKILLs


def chosen(kills: int, quick: bool) -> list[Fault]:
    """Return all faults in order; the moments and places are drawn when they are tried.

    Args:
        kills: how many SIGKILLs; of other kinds there are a fifth as many, at least two.
        quick: whether only a few of each kind are wanted.
    """
    kills = min(kills, QUICK) if quick else kills
    others = 1 if quick else max(2, kills // 5)
    found: list[Fault] = [*_kills(kills), partial(killed_at_the_end, subject="mlp")]
    for kind in DAMAGES:
        found += _spread(partial(damaged, kind=kind), others)
    for each in (all_damaged, torn_row):
        found += _spread(each, others)
    found += _outages(max(2, others))
    found += [partial(spoiled_images, how=how, killed=False) for how in SPOILED[: 1 if quick else None]]
    found += [partial(spoiled_images, how=how, killed=True) for how in SPOILED[:1]]
    found.append(cut_cache)
    cases = CASES[::4] if quick else CASES
    for subject in list(SUBJECTS)[-1 if quick else 0 :]:
        found += [
            partial(poisoned, subject=subject, where=where, value=value, player=player)
            for where, value, player in cases
        ]
    return [*found, *_spread(partial(endless, player="discriminator"), 1 if quick else 2)]


def _kills(count: int) -> Iterable[Fault]:
    """Return kills, more than a third of them inside a step and as many inside a checkpoint's write."""
    scopes = ("step", "checkpoint", "step", "checkpoint", "step", "checkpoint", "outside", "other", "again")
    for number in range(count):
        scope, subject = scopes[number % len(scopes)], list(SUBJECTS)[number // 2 % len(SUBJECTS)]
        if scope == "outside":
            yield partial(killed_from_outside, subject=subject)
        elif scope == "again":
            yield partial(killed_again, subject=subject)
        else:
            other = OTHER_WRITES[number // len(scopes) % len(OTHER_WRITES)]
            yield partial(killed_inside, subject=subject, scope=other if scope == "other" else scope)


def _outages(count: int) -> Iterable[Fault]:
    """Return full disks and missing rights, of which some end in time and some outlast the run."""
    for number in range(count):
        subject = list(SUBJECTS)[number % len(SUBJECTS)]
        lasts = bool((number + number // 2) % 2)
        yield partial(full_disk, subject=subject, room=ROOMS[number % len(ROOMS)], lasts=lasts)
        yield partial(no_permission, subject=subject, lasts=lasts)


def _spread(fault: Callable[..., Result], count: int) -> list[Fault]:
    """Return a fault as often as asked for, over all subjects in turn."""
    return [partial(fault, subject=list(SUBJECTS)[number % len(SUBJECTS)]) for number in range(count)]
