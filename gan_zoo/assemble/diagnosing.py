"""`scripts/diagnose.py` and `gan-zoo diagnose`: findings from a run or a table alone; torch is not needed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from gan_zoo.assemble.recorded import Recorded, left_behind
from gan_zoo.diagnosis import Finding, History, Thresholds, diagnose
from gan_zoo.diagnosis.needs import in_words, not_looked_for
from gan_zoo.errors import UserError, did_you_mean

HELP = """\
Say from the logged vital signs of a run what went wrong, since when, and what to try.

usage: {command} run=DIR [format=text]
       {command} csv=FILE [format=text]

  run=DIR            run directory (with its metrics.csv), or latest (the newest run below ./outputs)
  csv=FILE           a metrics.csv alone; columns progress/kimg, vitals/... and collapse/...
  format=json        print the findings as JSON, with what could not be looked for

The findings are those that the alarm reported while the run went on. Where guard=rollback went back, the
looks that were left behind do not count any more; what was found there, and what was done about it, is read
from findings.json in the run directory and told as well. A table without vitals/run_share counts as that of a
whole run. What could not be looked for, because the table lacks its columns, is named: of that, nothing found
says nothing.

exit code: 0 nothing found (or too little to judge, and it says so), 1 something found, also in what was left
behind, 2 a mistake in what was typed
"""
FORMATS = ("text", "json")
KEYS = ("run", "csv", "format")
OUTPUTS = Path("outputs")
TABLE = "metrics.csv"


@dataclass(frozen=True)
class DiagnoseOptions:
    """What to judge.

    Attributes:
        table: the metrics.csv.
        run_dir: the run directory it is of, or None for a table alone.
        format: `text` or `json`.
    """

    table: Path
    run_dir: Path | None = None
    format: str = "text"


def main(arguments: Sequence[str], command: str = "gan-zoo diagnose") -> int:
    """Read options, judge, and print.

    Args:
        arguments: what the user typed after the command.
        command: how the user called this, for the help.

    Returns:
        The exit code: 0 if nothing was found, 1 otherwise.

    Raises:
        UserError: for options or a table that cannot be read.
    """
    if any(argument in ("-h", "--help", "help") for argument in arguments):
        print(HELP.format(command=command), end="")  # noqa: T201
        return 0
    options = read_options(arguments)
    history = History.from_csv(options.table)
    findings = diagnose(history, parts=_parts(options.run_dir))
    recorded = left_behind(options.run_dir, findings)
    print(report(options, history, findings, recorded))  # noqa: T201
    return 1 if findings or recorded.findings else 0


def read_options(arguments: Sequence[str]) -> DiagnoseOptions:
    """Read `key=value` arguments.

    Raises:
        UserError: for an unknown key or value, neither or both of `run` and `csv`, or a run without a table.
    """
    given: dict[str, str] = {}
    for argument in arguments:
        key, equals, value = argument.partition("=")
        if not equals:
            raise UserError(f"'{argument}' is not of the form key=value. Type for example run=latest")
        if key not in KEYS:
            raise UserError(f"Unknown option '{key}'. {did_you_mean(key, KEYS)}")
        if key in given:
            raise UserError(f"'{key}' is given twice: {given[key]} and {value}. Give it once.")
        given[key] = value
    form = given.get("format", "text")
    if form not in FORMATS:
        raise UserError(f"format={form}: there is no such format. {did_you_mean(form, FORMATS)}")
    if bool(given.get("run")) == bool(given.get("csv")):
        raise UserError("Which run? Type run=DIR, run=latest or csv=FILE; one of them.")
    if given.get("csv"):
        return DiagnoseOptions(Path(given["csv"]).expanduser(), None, form)
    run_dir = _run_dir(given["run"])
    return DiagnoseOptions(run_dir / TABLE, run_dir, form)


def report(options: DiagnoseOptions, history: History, findings: list[Finding], recorded: Recorded) -> str:
    """Return what is printed."""
    missing, judged = not_looked_for(history), history.can_be_judged(Thresholds())
    if options.format == "json":
        plain = [*(finding.to_plain() for finding in findings), *recorded.to_plain()]
        content = {"findings": plain, "can_be_judged": judged, "not_looked_for": missing}
        return json.dumps(content, indent=2, ensure_ascii=False)
    looked = f"{len(history)} looks up to {history.kimg(len(history) - 1):.1f} kimg in {options.table}"
    lines = [line for finding in findings for line in finding.lines()]
    if findings:
        lines.append(f"({looked})")
    elif judged:
        lines.append(f"Nothing found in {looked}.")
    else:
        least, grace = Thresholds().window_looks, f"{100 * Thresholds().grace_share:.0f} %"
        lines.append(
            f"Too little to judge: {looked}. A verdict needs at least {least} looks after the first {grace} "
            f"of a run; only divergence was looked for."
        )
    if missing:
        lines.append(in_words(missing))
    return "\n".join([*lines, *recorded.lines()])


def _run_dir(text: str) -> Path:
    """Return the directory of a run that has a table.

    Raises:
        UserError: if there is none.
    """
    place = Path(text).expanduser()
    if text == "latest" and not place.exists():
        tables = list(OUTPUTS.glob(f"**/{TABLE}"))
        if not tables:
            raise UserError(f"run=latest: no run below ./outputs has a {TABLE}. Train one: python train.py")
        return max(tables, key=lambda path: (path.stat().st_mtime_ns, str(path))).parent
    if not place.is_dir():
        raise UserError(f"There is no run directory {place}. Give run=DIR, run=latest or csv=FILE.")
    if not (place / TABLE).is_file():
        raise UserError(
            f"{place} holds no {TABLE}: the run has not looked yet, it ran with logger=none, or this is no "
            f"run directory."
        )
    return place


def _parts(run_dir: Path | None) -> set[str]:
    """Return the regularizers and stabilizers of a run, so that no remedy proposes what is there."""
    if run_dir is None or not (run_dir / "config.yaml").is_file():
        return set()
    try:
        config = yaml.safe_load((run_dir / "config.yaml").read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{run_dir / 'config.yaml'} cannot be read: {error}") from error
    known = config if isinstance(config, dict) else {}
    return {*(known.get("regularizer") or {}), *(known.get("stabilizer") or {})}
