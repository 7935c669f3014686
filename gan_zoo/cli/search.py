"""`gan-zoo search` and `scripts/search.py`: Optuna beside Hydra, over any option of `train.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gan_zoo.cli.arguments import translate
from gan_zoo.cli.catalog import about, configuration_folder, groups
from gan_zoo.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from gan_zoo.search.plan import Plan

GROUP = "search"
DEFAULT = "default"
HELP = """\
Search for good settings: each trial is a run of train.py, and what collapses is pruned.

usage: {command} [search=NAME] [group=choice ...] [key=value ...] [search.OPTION=VALUE ...]

Values to search over are typed as Hydra's sweeps are:
  loss=js,hinge                               one of these
  optimizer.lr=interval(1e-4,1e-2)            a number between
  'optimizer.lr=tag(log,interval(1e-4,1e-2))' likewise, by its logarithm
  'model.latent_dim=int(interval(8,64))'      a whole number between
  'batch_size=range(32,129,step=32)'          in steps, the end excluded
or come from search=NAME:
{names}

  search.trials=20       runs in all, those of earlier times included
  search.jobs=2          runs side by side
  'search.objectives={{collapse/energy_distance: minimize, collapse/coverage: maximize}}'
                         columns of metrics.csv; quality/... needs metrics=fast
  search.average=3       how many of a column's last values are averaged
  search.sampler=tpe     or random; search.startup=10 trials are random before tpe learns
  search.seed=0          of the sampler
  search.prune=[collapse,divergence]   findings that make a finished run count as pruned
  search.out=DIR         folder of the search

The same command goes on where it was stopped, with the runs that were interrupted first.
"""


def main(arguments: Sequence[str], command: str = "gan-zoo search") -> int:
    """Read options, check what would be tried, and search.

    Args:
        arguments: what the user typed after the command.
        command: how the user called this, for the help.

    Returns:
        The exit code: 0; 1 if no trial is complete; 75 or 130 if it was asked to end.

    Raises:
        UserError: for whatever cannot work, before anything is written.
    """
    if any(argument in ("-h", "--help", "help") for argument in arguments):
        names = "\n".join(f"  {name:<12}{about(GROUP, name)}" for name in groups()[GROUP])
        print(HELP.format(command=command, names=names), end="")
        return 0
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        raise UserError("A search needs the package optuna. Type: pip install 'gan-zoo[search]'") from error
    plan = read(arguments)
    check(plan)
    from gan_zoo.search.main import search

    return search(plan)


def read(arguments: Sequence[str]) -> Plan:
    """Read what was typed.

    Raises:
        UserError: for flags, an unknown search, an unknown option, or nothing to search over.
    """
    from gan_zoo.search.plan import read_plan

    for word in arguments:
        if word.startswith("-"):
            raise UserError(f"'{word}' is no option of a search; it takes key=value. See --help.")
    chosen = [word.partition("=")[2] for word in arguments if word.partition("=")[0] == GROUP]
    name = chosen[-1] if chosen else DEFAULT
    if name not in groups()[GROUP]:
        raise UserError(f"search={name}: there is no such search. {did_you_mean(name, groups()[GROUP])}")
    text = (configuration_folder() / GROUP / f"{name}.yaml").read_text(encoding="utf-8")
    words = translate([word for word in arguments if word.partition("=")[0] != GROUP])
    return read_plan(name, text, words)


def check(plan: Plan) -> None:
    """Compose every choice once, so that a spelling mistake does not come up in the tenth trial.

    Raises:
        UserError: naming what is wrong.
    """
    from gan_zoo.cli.composing import compose_run
    from gan_zoo.config import RunConfig
    from gan_zoo.search.space import examples, typed

    for values in examples(plan.space):
        composed = compose_run([*plan.fixed, *typed(values)])
        RunConfig.from_hydra(composed.config, composed.words, run_dir=str(composed.folder))
