"""Runs that differ only in their seed, and what tells such groups apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gan_zoo.config.started import key_of
from gan_zoo.report.commands import typed
from gan_zoo.run_files import RunFiles

NOT_METHOD = ("seed", "run_dir", "resume", "callbacks", "logger")  # what makes no other method
FIRST_TOLD = ("experiment", "method", "model", "loss", "data", "regularizer", "stabilizer")
DEFAULT = "default"
MOST_TOLD = 3  # settings of configurations, where what was typed does not tell runs apart


@dataclass
class Group:
    """One method: the same settings with one or several seeds.

    Attributes:
        label: what is special about it.
        settings: the typed keys in which the groups differ, with their values.
        runs: by seed.
    """

    label: str
    settings: dict[str, str]
    runs: list[RunFiles]


def grouped(runs: Iterable[RunFiles]) -> list[Group]:
    """Return the groups of runs, in the order in which they come."""
    found: dict[str, list[RunFiles]] = {}
    for run in runs:
        found.setdefault(_identity(run), []).append(run)
    settings = differences([_settings(each[0]) for each in found.values()])
    _tell_apart(settings, [each[0] for each in found.values()])
    names = short_keys(dict.fromkeys(key for each in settings for key in each))
    labels = _unique([_label(each, names) for each in settings])
    if len(found) == 1:  # there is nothing to differ from: it is called by what all of its runs typed
        shared = _shared(next(iter(found.values())))
        labels = [_label(shared, short_keys(shared))]
    members = [sorted(each, key=lambda run: (seed_of(run) or 0, str(run.path))) for each in found.values()]
    return [Group(*each) for each in zip(labels, settings, members, strict=True)]


def _tell_apart(settings: list[dict[str, str]], runs: Sequence[RunFiles]) -> None:
    """Add what the configurations say where nothing that was typed tells two methods apart."""
    alike: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for place, each in enumerate(settings):
        alike.setdefault(tuple(each.items()), []).append(place)
    for places in alike.values():
        more = differences([_flat(_method(runs[place])) for place in places])
        for place, each in zip(places, more, strict=True):
            settings[place] |= dict(islice(each.items(), MOST_TOLD))


def seed_of(run: RunFiles) -> int | None:
    """Return the seed of a run, or None if it is not known."""
    known = (run.config.get("seed"), (run.summary or {}).get("seed"), run.asked.get("seed"), _typed_seed(run))
    return next((seed for seed in known if isinstance(seed, int)), None)


def _typed_seed(run: RunFiles) -> int | None:
    """Return the seed that was typed: of a run that was refused nothing else may be known."""
    words = [each.partition("=")[2] for each in typed(run) if key_of(each) == "seed"]
    return int(words[-1]) if words and words[-1].isdecimal() else None


def differences(sets: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return of each set the keys whose values are not the same in all.

    Example:
        >>> differences([{"loss": "js", "kimg": "2"}, {"loss": "wgan", "kimg": "2"}, {"kimg": "2"}])
        [{'loss': 'js'}, {'loss': 'wgan'}, {'loss': 'default'}]
    """
    keys = sorted(dict.fromkeys(key for each in sets for key in each), key=_importance)
    differ = [key for key in keys if len({each.get(key, DEFAULT) for each in sets}) > 1]
    return [{key: each.get(key, DEFAULT) for key in differ} for each in sets]


def value_of(run: RunFiles, key: str, otherwise: str) -> str:
    """Return the value that a typed key had in a run, also where it was not typed."""
    value: Any = run.config
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, Mapping):
        value = value.get("name", ", ".join(map(str, value)) or "none")
    return otherwise if value is None else str(value)


def _identity(run: RunFiles) -> str:
    """Return a text that only runs of one method share."""
    return json.dumps(_method(run) or _settings(run) or str(run.path), sort_keys=True, default=str)


def _method(run: RunFiles) -> dict[str, Any]:
    content = run.asked or run.config  # a guard may have changed what the run went on with
    return {key: value for key, value in content.items() if key not in NOT_METHOD}


def _settings(run: RunFiles) -> dict[str, str]:
    """Return what was typed, by key."""
    words = {key_of(each): each.partition("=")[2] or "left out" for each in typed(run)}
    return {key: value for key, value in words.items() if key.partition(".")[0] not in NOT_METHOD}


def _shared(runs: Sequence[RunFiles]) -> dict[str, str]:
    """Return what was typed alike for all runs, what matters most first."""
    sets = [_settings(run) for run in runs]
    keys = sorted(sets[0], key=_importance)
    return {key: sets[0][key] for key in keys if all(each.get(key) == sets[0][key] for each in sets)}


def _importance(key: str) -> int:
    """Return the place of a key in a label: what a method is comes before how it was computed."""
    known = (*FIRST_TOLD, "", "trainer")
    return known.index(key.partition(".")[0]) if key.partition(".")[0] in known else known.index("")


def _flat(plain: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in plain.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat


def short_keys(keys: Iterable[str]) -> dict[str, str]:
    """Return for each dotted key its shortest end that no other key has.

    Example:
        >>> short_keys(["loss", "optimizer.generator.lr", "optimizer.discriminator.lr", "loss.gamma"])
        {'loss': 'loss', 'optimizer.generator.lr': 'generator.lr', \
'optimizer.discriminator.lr': 'discriminator.lr', 'loss.gamma': 'gamma'}
    """
    known = list(keys)
    short = {}
    for key in known:
        parts = key.split(".")
        ends = [".".join(parts[place:]) for place in range(len(parts) - 1, -1, -1)]
        others = [other for other in known if other != key]
        short[key] = next(
            (end for end in ends if not any(f".{each}".endswith(f".{end}") for each in others)), key
        )
    return short


def _label(settings: Mapping[str, str], names: Mapping[str, str]) -> str:
    said = [f"{names[key]}={value}" for key, value in settings.items() if value != DEFAULT]
    return " ".join(said[:6]) + (" …" if len(said) > 6 else "") if said else "defaults"


def _unique(labels: Sequence[str]) -> list[str]:
    counts, seen, unique = Counter(labels), Counter[str](), []
    for label in labels:
        seen[label] += 1
        unique.append(f"{label} ({seen[label]})" if counts[label] > 1 else label)
    return unique
