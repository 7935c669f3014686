"""`gan-zoo report` and `scripts/report.py`: the report of one run, or a comparison of many, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_zoo.errors import UserError, did_you_mean
from gan_zoo.run_files import RunFiles, find_runs

HELP = """\
Write report.html of a run again, or one page that compares many runs, from their files alone.

usage: {command} [DIR ...] [option=value ...]

  DIR                runs, sweeps or folders of them, or latest (the newest run below outputs); outputs unless
                     given. One run gets its report.html; of several a comparison is written
  out=PATH           the page: unless given report.html in the run, or comparison.html in DIR (in the current
                     folder for several DIR)
  by=NUMBER          what runs are ranked by, as in collapse/coverage; the first that most of them have
  each=true          write report.html of every compared run, too; the comparison links to them

A page is one file that opens without a network. Every run writes its own report.html at its end, so this is
for runs that were killed, that were evaluated since, or that are still going on.
"""
OUTPUTS = Path("outputs")
LATEST = "latest"
COMPARISON = "comparison.html"
KEYS = ("out", "by", "each")


@dataclass(frozen=True)
class ReportOptions:
    """What to report.

    Attributes:
        roots: where to look for runs.
        out: the page, or None for its usual place.
        by: number by which runs are ranked, or None.
        each: whether every compared run gets its report, too.
    """

    roots: tuple[Path, ...] = (OUTPUTS,)
    out: Path | None = None
    by: str | None = None
    each: bool = False


def main(arguments: Sequence[str], command: str = "gan-zoo report") -> None:
    """Read options, write the page, and say where it is.

    Args:
        arguments: what the user typed after the command.
        command: how the user called this, for the help.

    Raises:
        UserError: for options that cannot be read, no runs, or a disk that refuses.
    """
    if any(argument in ("-h", "--help", "help") for argument in arguments):
        print(HELP.format(command=command), end="")
        return
    options = read_options(arguments)
    runs = runs_of(options)
    try:
        for line in write(options, runs):
            print(line)
    except OSError as error:
        name = error.filename or "the report"
        raise UserError(
            f"Cannot write {name}: {error.strerror or error}. Give another place: out=PATH"
        ) from error


def read_options(arguments: Sequence[str]) -> ReportOptions:
    """Read folders and `key=value` arguments.

    Raises:
        UserError: for an unknown option or value, or a folder that is not there.
    """
    roots: list[Path] = []
    given: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        place = Path(argument).expanduser()
        if equals and key in KEYS:
            if key in given:
                raise UserError(f"'{key}' is given twice: {given[key]} and {value}. Give it once.")
            given[key] = value
        elif place.is_dir():  # a folder's name may contain a `=`
            roots.append(place)
        elif argument == LATEST:
            roots.append(_latest())
        elif equals:
            raise UserError(f"Unknown option '{key}'. {did_you_mean(key, KEYS)}")
        else:
            raise UserError(f"There is no folder {argument}. Give a run, a sweep, or {LATEST}.")
    if given.get("each", "false") not in ("true", "false"):
        raise UserError(f"each={given['each']}: give each=true or each=false.")
    out = Path(given["out"]).expanduser() if given.get("out") else None
    return ReportOptions(
        tuple(roots) or (OUTPUTS,), out, given.get("by") or None, given.get("each") == "true"
    )


def runs_of(options: ReportOptions) -> list[RunFiles]:
    """Return the runs to report.

    Raises:
        UserError: if there are none, or an option does not fit their number.
    """
    runs = find_runs(*options.roots)
    if not runs:
        where = ", ".join(map(str, options.roots))
        raise UserError(f"There is no run in {where}: a run has a config.yaml. Train one: python train.py")
    if len(runs) == 1 and (options.by or options.each):
        raise UserError(f"by= and each= are for several runs; there is only {runs[0].path}. Leave them out.")
    return runs


def write(options: ReportOptions, runs: Sequence[RunFiles]) -> list[str]:
    """Write what is asked for; return what is to be said.

    Raises:
        UserError: if no run has the number to rank by.
        OSError: if the disk refuses.
    """
    from gan_zoo.report import FILE, write_comparison, write_report

    if len(runs) == 1:
        return [f"Report: {write_report(runs[0], _inside(options.out, FILE))}"]
    if options.each:
        for run in runs:
            write_report(run)
    usual = options.roots[0] / COMPARISON if len(options.roots) == 1 else Path(COMPARISON)
    page = write_comparison(runs, _inside(options.out, COMPARISON) or usual, options.by)
    return [f"Comparison of {len(runs)} runs: {page}"]


def _inside(out: Path | None, name: str) -> Path | None:
    """Return the page, where only its folder is given."""
    return out / name if out is not None and out.is_dir() else out


def _latest() -> Path:
    """Return the newest run below `outputs`.

    Raises:
        UserError: if there is none.
    """
    runs = find_runs(OUTPUTS)
    if not runs:
        raise UserError(f"{LATEST}: there is no run below ./{OUTPUTS}. Train one: python train.py")
    return max(
        (run.path for run in runs), key=lambda path: ((path / "config.yaml").stat().st_mtime_ns, str(path))
    )
