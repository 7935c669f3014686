"""Combinations in which every pair of choices that is possible occurs at least once."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence

Choice = tuple[str, str]
Pair = frozenset[Choice]
Combination = dict[str, str]
TRIES = 12


def pairwise(
    factors: Mapping[str, Sequence[str]], possible: Callable[[Combination], bool], seed: int = 0
) -> tuple[list[Combination], set[Pair]]:
    """Return combinations that cover all pairs, and the pairs that no combination was found for.

    Args:
        factors: choices by factor.
        possible: whether a whole combination can be built.
        seed: of the order in which pairs are tried.
    """
    source = random.Random(seed)
    waiting = {
        frozenset(((one, a), (two, b)))
        for one, two in itertools.combinations(factors, 2)
        for a in factors[one]
        for b in factors[two]
    }
    found: list[Combination] = []
    hopeless: set[Pair] = set()
    while waiting:
        pair = min(waiting, key=lambda each: sorted(each))
        made = (_filled(pair, factors, waiting, source, attempt) for attempt in range(TRIES))
        combination = next((each for each in made if possible(each)), None)
        if combination is None:
            hopeless.add(pair)
            waiting.discard(pair)
            continue
        found.append(combination)
        waiting -= pairs_of(combination)
    return found, hopeless


def pairs_of(combination: Combination) -> set[Pair]:
    """Return all pairs of choices in a combination."""
    return {frozenset(pair) for pair in itertools.combinations(combination.items(), 2)}


def _filled(
    pair: Pair, factors: Mapping[str, Sequence[str]], waiting: set[Pair], source: random.Random, attempt: int
) -> Combination:
    """Add a choice for every other factor: those with the most new pairs at first, any at later attempts."""
    chosen = dict(pair)
    for factor, choices in factors.items():
        if factor in chosen:
            continue
        if attempt == TRIES - 1:
            chosen[factor] = choices[0]
            continue
        shuffled = source.sample(list(choices), len(choices))
        gains = {
            choice: sum(frozenset(((factor, choice), other)) in waiting for other in chosen.items())
            for choice in shuffled
        }
        best = max(gains.values())
        chosen[factor] = next(c for c in shuffled if gains[c] == best) if attempt == 0 else shuffled[0]
    return {factor: chosen[factor] for factor in factors}
