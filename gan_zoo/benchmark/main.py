"""`scripts/collapse_benchmark.py`: read options, compose, compare, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from gan_zoo.benchmark.options import help_text, read_options
from gan_zoo.benchmark.work import Train, work


def main(arguments: Sequence[str], command: str, train: Train, configuration: Path) -> int:
    """Compare methods as asked.

    Args:
        arguments: what the user typed after the command.
        command: how the user called this.
        train: the command line of `train.py`; must survive pickling.
        configuration: folder of the configuration files.

    Returns:
        The exit code: 1 if any run failed.

    Raises:
        UserError: for options or configurations that cannot be read.
    """
    if any(argument in ("-h", "--help", "help") for argument in arguments):
        print(help_text(command), end="")  # noqa: T201
        return 0
    options = read_options(arguments)
    from gan_zoo.benchmark.compare import compare, plan  # imports Hydra
    from gan_zoo.benchmark.workers import Workers

    planned = plan(configuration, options)
    from gan_zoo.benchmark.report import write_report  # imports torch
    from gan_zoo.callbacks.source import git_commit

    report = partial(write_report, planned, command=command, commit=git_commit())
    # A document that changes in between would make the commit of later runs `-dirty`.
    between = partial(report, replace(options, docs=None))
    with Workers(options.jobs, work(train), options.threads) as workers:
        compare(planned, options, workers, between)
    files = ", ".join(map(str, report(options)))
    failed = sum(len(each.failed) for each in planned)
    print(f"Done, {failed} runs failed: {files}" if failed else f"Done: {files}")  # noqa: T201
    return 1 if failed else 0
