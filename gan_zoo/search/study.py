"""The memory of a search: an Optuna study in an SQLite file, which survives whatever ends the search."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import optuna
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from gan_zoo.errors import UserError
from gan_zoo.search.outcome import Outcome
from gan_zoo.search.plan import Plan, identity

FILE = "study.db"
NAME = "search"
ASKED = "asked"  # attribute of the study: the plan's identity
REASON = "reason"  # attribute of the study, with the number of a trial without values
STATES = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}


class Memory:
    """What was tried, and what to try next.

    Args:
        plan: the search.

    Raises:
        UserError: if the folder holds another search.
    """

    def __init__(self, plan: Plan) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.plan = plan
        plan.out.mkdir(parents=True, exist_ok=True)
        self._study = optuna.create_study(
            storage=f"sqlite:///{(plan.out / FILE).absolute()}",
            study_name=NAME,
            directions=list(plan.objectives.values()),
            load_if_exists=True,
        )
        asked = json.loads(json.dumps(identity(plan.config, plan.fixed, plan.space)))
        before = self._study.user_attrs.get(ASKED, asked)
        if before != asked:
            differing = ", ".join(sorted(key for key in asked if before.get(key) != asked[key]))
            raise UserError(
                f"search.out={plan.out} holds a search that differs in: {differing}. Type the same as then "
                f"to go on with it (search.trials and search.jobs may change), or another search.out=DIR."
            )
        self._study.set_user_attr(ASKED, asked)

    def trials(self) -> list[FrozenTrial]:
        """Return all trials in order."""
        return self._study.get_trials(deepcopy=False)

    def interrupted(self) -> list[FrozenTrial]:
        """Return the trials that were begun and not ended."""
        return [trial for trial in self.trials() if trial.state == TrialState.RUNNING]

    def ask(self) -> FrozenTrial:
        """Return a new trial; its values follow from the seed, its number and what has ended before it."""
        self._study.sampler = make_sampler(self.plan, len(self.trials()))
        number = self._study.ask(fixed_distributions=self.plan.space).number
        return self.trials()[number]

    def tell(self, trial: FrozenTrial, outcome: Outcome) -> None:
        """Note how a trial ended; one that was interrupted stays open."""
        if outcome.kind == "interrupted":
            return
        if outcome.reason:
            self._study.set_user_attr(f"{REASON} {trial.number}", outcome.reason)
        values = list(outcome.values) if outcome.kind == "complete" else None
        self._study.tell(trial.number, values, STATES[outcome.kind])

    def reason(self, trial: FrozenTrial) -> str:
        """Return why a trial has no values."""
        return str(self._study.user_attrs.get(f"{REASON} {trial.number}", ""))

    def best(self) -> list[FrozenTrial]:
        """Return the trials that no other one beats in every objective."""
        if not any(trial.state == TrialState.COMPLETE for trial in self.trials()):
            return []
        return sorted(self._study.best_trials, key=lambda trial: trial.number)


def make_sampler(plan: Plan, number: int) -> BaseSampler:
    """Return what chooses the values of a trial; after a restart the same as without one."""
    text = f"{plan.config.seed} {number}"
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    if plan.config.sampler == "random":
        return RandomSampler(seed=seed)
    return TPESampler(seed=seed, n_startup_trials=plan.config.startup, multivariate=True)


def folder_of(plan: Plan, trial: FrozenTrial) -> Path:
    """Return where a trial's run writes."""
    return plan.out / "trials" / f"{trial.number:04d}"
