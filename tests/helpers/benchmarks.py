"""Settings, scores and results of a benchmark, made up; and a pool that needs no processes."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from gan_zoo.benchmark.compare import Results
from gan_zoo.benchmark.plan import Job, Setting
from gan_zoo.benchmark.suites import SUITES

RATES = (1e-3, 3e-3)


def make_score(
    method: str, seed: int, modes: int = 8, rate: float = 1e-3, suite: str = "ring", **figures: Any
) -> dict[str, Any]:
    """Return a score as a run leaves it."""
    some = {"modes": modes, "high_quality": 0.9, "kl": 0.01, "std_ratio": 1.0, "spacing": 1.0}
    some["published_modes"] = modes
    return {
        "suite": suite, "method": method, "seed": seed, "learning_rate": rate, "figures": {**some, **figures},
        "counts": [100] * SUITES[suite].modes, "points": [[1.0, 0.0], [0.0, 1.0]], "judged_by": {},
        "seconds": 10.0, "generator_steps": 2000, "kimg": 256.0, "device": "cpu", "commit": "abc",
    }  # fmt: skip


def make_setting(method: str, suite: str = "ring") -> Setting:
    """Return a method with two rates to choose from."""
    return Setting(
        suite, method, RATES, 2000, 1000, 128, "0123abcd", (f"benchmark={suite}",), {"name": suite}
    )


def make_results() -> Results:
    """Return two methods of the ring: js with two seeds, best with one, and a run that failed."""
    made = Results(SUITES["ring"], [make_setting("js"), make_setting("best")])
    made.real = make_score("real data", 0)
    made.tuning = [make_score(method, 100, rate=rate) for method in ("js", "best") for rate in RATES]
    made.chosen = {"js": 1e-3, "best": 3e-3}
    made.reported = [make_score("js", 0, 7), make_score("js", 1, 8), make_score("best", 0, 8, kl=0.0005)]
    made.failed = [(Job("ring", "best", 1, 3e-3, False, Path("nowhere")), "the disk is full")]
    return made


class Inline:
    """Does jobs here and now, and remembers them."""

    def __init__(self, task: Callable[[Job], Any]) -> None:
        self.task, self.done = task, []  # type: ignore[var-annotated]

    def run(self, jobs: Sequence[Job]) -> Iterator[tuple[Job, Any]]:
        for job in jobs:
            self.done.append(job)
            yield job, self.task(job)
