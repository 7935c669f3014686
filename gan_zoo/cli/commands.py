"""The console command `gan-zoo`: each command imports what it needs when it runs."""

import os
import sys
from collections.abc import Callable

from gan_zoo.errors import UserError, did_you_mean


def _train(arguments: list[str]) -> None:
    from gan_zoo.cli.train import main as train

    train(arguments, program="gan-zoo train")


def _sample(arguments: list[str]) -> None:
    from gan_zoo.assemble.sampling import main as sample

    sample(arguments)


def _evaluate(arguments: list[str]) -> None:
    from gan_zoo.assemble.evaluating import main as evaluate

    evaluate(arguments)


def _export(arguments: list[str]) -> None:
    from gan_zoo.assemble.exporting import main as export

    export(arguments)


def _diagnose(arguments: list[str]) -> None:
    from gan_zoo.assemble.diagnosing import main as diagnose

    if diagnose(arguments):
        sys.exit(1)  # something was found


def _runs(arguments: list[str]) -> None:
    from gan_zoo.cli.runs import main as runs

    runs(arguments)


def _report(arguments: list[str]) -> None:
    from gan_zoo.cli.report import main as report

    report(arguments)


def _search(arguments: list[str]) -> None:
    from gan_zoo.cli.search import main as search

    if code := search(arguments):
        sys.exit(code)


def _dashboard(arguments: list[str]) -> None:
    from gan_zoo.dashboard.command import main as dashboard

    dashboard(arguments)


def _zoo(arguments: list[str]) -> None:
    from gan_zoo.cli.catalog import catalog

    print(catalog(arguments))


COMMANDS: dict[str, tuple[Callable[[list[str]], None], str]] = {
    "train": (_train, "train a GAN; `gan-zoo train --help` lists models, losses and all other choices"),
    "sample": (_sample, "make pictures from a run: gan-zoo sample run=latest n=64 seed=1"),
    "evaluate": (_evaluate, "measure a run against real data: gan-zoo evaluate run=latest metrics=[fast]"),
    "diagnose": (
        _diagnose,
        "what went wrong in a run: gan-zoo diagnose run=latest; exit code 1 if anything did",
    ),
    "runs": (_runs, "what runs there are and how they fare: gan-zoo runs, or gan-zoo runs DIR --watch"),
    "report": (_report, "a page about a run, or about many: gan-zoo report outputs/mine"),
    "search": (_search, "search for good settings: gan-zoo search model=mlp loss=js,hinge search.trials=20"),
    "dashboard": (_dashboard, "views of a project of Weights & Biases: gan-zoo dashboard print=true"),
    "export": (_export, "a generator for other programs: gan-zoo export run=latest format=safetensors"),
    "zoo": (_zoo, "what there is: gan-zoo zoo, or one group as in gan-zoo zoo loss"),
}


def usage() -> str:
    """Return the help text."""
    lines = [f"  {name:<10}{about}" for name, (_, about) in COMMANDS.items()]
    return "\n".join(["usage: gan-zoo COMMAND [arguments]", "", *lines])


def main(arguments: list[str] | None = None) -> None:
    """Run one command; mistakes of the user end with one message on stderr and exit code 2."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] in ("--help", "-h", "help"):
        print(usage())
        return
    name, rest = given[0], given[1:]
    if name not in COMMANDS and "=" in name:  # `gan-zoo model=dcgan`; Lightning starts further processes so
        name, rest = "train", given
    if code := run_program(lambda: _run(name, rest)):
        sys.exit(code)


def _run(name: str, arguments: list[str]) -> None:
    if name not in COMMANDS:
        raise UserError(f"Unknown command '{name}'. {did_you_mean(name, COMMANDS)}")
    COMMANDS[name][0](arguments)


def run_program(program: Callable[[], int | None]) -> int:
    """Run what a command or a script does, and return its exit code.

    A mistake of the user ends with one message on stderr and 2. Where the reader of our output has left, as
    `head` does, there is nobody to tell: 141 without a word, as a shell says of what SIGPIPE ends.
    """
    try:
        code = program() or 0
        sys.stdout.flush()  # here, or Python does it at its end and complains
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        return 141
    return code
