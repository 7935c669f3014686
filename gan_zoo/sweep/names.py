"""Names of a sweep and its jobs: a function of what was typed, so that the same command finds them again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable

from gan_zoo.config.started import key_of

LONGEST = 100  # characters of one folder's name; W&B takes groups of 128, file systems names of 255 bytes
DIGEST = 8
SEED = "seed"
NAMELESS = ("resume",)  # says what is done with a job, not which one it is


def short(text: str, longest: int = LONGEST) -> str:
    """Return `text` as the name of a folder; where that loses anything but brackets, a hash tells it apart.

    Example:
        >>> short("stabilizer=[ema,packing]"), short("data.path=a/b")
        ('stabilizer=ema,packing', 'data.path=a-b-8e9d84af')
    """
    bare = re.sub(r"[\[\]\s]", "", text)
    name = re.sub(r"[^A-Za-z0-9_.,=+@~-]", "-", bare)
    if name == bare and len(name) <= longest and name.strip("."):
        return name
    return f"{name[: longest - DIGEST - 1]}-{digest(text)}"


def digest(text: str) -> str:
    """Return a short hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST]


def sweep_name(words: Iterable[str]) -> str:
    """Return the name of the sweep that these words start, in whatever order they are typed.

    What is swept comes first, so that it stays where a name must be cut.

    Example:
        >>> sweep_name(["seed=0,1", "loss=js,hinge", "kimg=20", "resume=auto"])
        'loss=js,hinge_seed=0,1_kimg=20'
    """
    named = sorted(each for each in words if key_of(each) not in NAMELESS)
    return short("_".join(sorted(named, key=lambda each: not re.search(r"[,(]", each))) or "default")


def method_name(words: Iterable[str], swept: Collection[str]) -> str:
    """Return what a job's repetitions with other seeds share.

    Args:
        words: of the job.
        swept: the keys that have several values in the sweep; if none but the seed has, all count.

    Example:
        >>> method_name(["model=mlp", "loss=js", "seed=1"], ["loss", "seed"])
        'loss=js'
    """
    named = [each for each in words if key_of(each) not in (SEED, *NAMELESS)]
    varied = [each for each in named if key_of(each) in swept]
    return short(",".join(sorted(varied or named)) or "default")


def job_name(words: Iterable[str], swept: Collection[str]) -> str:
    """Return the folder of a job inside its sweep: one per method, and in it one per seed that was typed.

    Example:
        >>> job_name(["model=mlp", "loss=js", "seed=1"], ["loss", "seed"])
        'loss=js/seed=1'
    """
    words = list(words)
    method = method_name(words, swept)
    seeds = [short(each) for each in words if key_of(each) == SEED]
    return f"{method}/{seeds[-1]}" if seeds else method


def differing(words: Iterable[str], of_all: Iterable[Iterable[str]]) -> list[str]:
    """Return those of a job's words that not every job has; all of them if there is no other.

    Example:
        >>> differing(["seed=1", "kimg=3"], [["kimg=3", "seed=0"], ["seed=1", "kimg=3"]])
        ['seed=1']
    """
    every = [set(each) for each in of_all]
    common = every[0].intersection(*every) if len(every) > 1 else set()
    return sorted(set(words) - common)
