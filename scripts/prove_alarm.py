"""Does the alarm ring when it must, and only then? `python scripts/prove_alarm.py report`; resumable.

Trains configurations that were chosen to fail and healthy ones (`alarm_cases.py`), three seeds each, judges
their metrics.csv as `scripts/diagnose.py` does, and prints a table: share caught, how early, false alarms.
What a run was chosen for does not decide what it counts as: its end does (`alarm_ends.py`), since a run may
recover or fail late. A run that stops because its steps are no longer finite has ended badly, and one with
fewer than 100 training images always has; any other error ends the proof. A run that is done is not trained
again; findings are made anew from its table, so that other thresholds need no training.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from alarm_cases import SETS, Case
from alarm_ends import end_of
from gan_zoo.diagnosis import History, diagnose

CALLBACKS = {
    "vitals": {"_target_": "gan_zoo.callbacks.Vitals"},
    "alarm": {"_target_": "gan_zoo.callbacks.Alarm"},
    "non_finite": {"_target_": "gan_zoo.callbacks.NonFinite"},
    "checkpoints": {"_target_": "gan_zoo.callbacks.Checkpoints"},
    "summary": {"_target_": "gan_zoo.callbacks.Summary"},
}
LOGGERS = {"csv": {"_target_": "gan_zoo.callbacks.CsvLogger"}}
STOPPED = {"modes": 0, "good": 0.0, "bad": True}


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is missing, judge everything, and print; return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("which", choices=SETS, help="set of configurations")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--cases", nargs="+", help="names, instead of all")
    parser.add_argument("--out", type=Path, default=Path("outputs/alarm"))
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args(arguments)
    cases = [case for case in SETS[given.which] if given.cases is None or case.name in given.cases]
    rows = []
    for case in cases:
        for seed in given.seeds:
            folder = given.out / given.which / f"{case.name}-{seed}"
            if not _is_done(folder):
                _train(case, seed, folder, given.threads)
            rows.append(judged(case, seed, folder))
            print(_line(rows[-1]), file=sys.stderr, flush=True)
    result = {"set": given.which, "seeds": given.seeds, "totals": totals(rows), "runs": rows}
    (given.out / f"{given.which}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    text = table(cases, rows)
    (given.out / f"{given.which}.md").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0 if result["totals"]["goal_met"] else 1


def _is_done(folder: Path) -> bool:
    """Say whether a run is there and can be judged: earlier versions kept no checkpoint."""
    done = folder / "done.json"
    return done.exists() and "stopped" in json.loads(done.read_text(encoding="utf-8"))


def _train(case: Case, seed: int, folder: Path, threads: int) -> None:
    """Train one run; what it says goes to `log.txt` in its folder."""
    import shutil

    from hydra import compose, initialize_config_dir

    from gan_zoo.assemble.train import train
    from gan_zoo.callbacks.non_finite import NotFiniteError
    from gan_zoo.cli.arguments import translate
    from gan_zoo.cli.catalog import configuration_folder
    from gan_zoo.config import RunConfig

    shutil.rmtree(folder, ignore_errors=True)  # of an interrupted run
    overrides = translate(["trainer=cpu", f"trainer.threads={threads}", *case.overrides, f"seed={seed}"])
    with initialize_config_dir(str(configuration_folder()), version_base="1.3"):
        composed = compose("train", [*overrides, f"run_dir='{folder}'"])
    config = RunConfig.from_hydra(composed, overrides, run_dir=str(folder))
    folder.mkdir(parents=True)
    started = time.perf_counter()
    stopped = ""
    with (
        (folder / "log.txt").open("w", encoding="utf-8") as log,
        contextlib.redirect_stdout(log),
        contextlib.redirect_stderr(log),
    ):
        try:
            train(config, CALLBACKS, LOGGERS, " ".join(["python train.py", *overrides]))
        except NotFiniteError as error:
            stopped = str(error)
    done = {"seconds": round(time.perf_counter() - started, 1), "stopped": stopped}
    (folder / "done.json").write_text(json.dumps(done), encoding="utf-8")


def judged(case: Case, seed: int, folder: Path) -> dict[str, Any]:
    """Return what a run's table says: findings with their share of the budget, and how the run ended."""
    history = History.from_csv(folder / "metrics.csv")
    done = json.loads((folder / "done.json").read_text(encoding="utf-8"))
    end = STOPPED if done["stopped"] else end_of(folder)
    last = len(history) - 1
    budget = history.kimg(last) / history.share(last)
    return {
        "case": case.name,
        "chosen_to_fail": case.fails,
        "fails": end["bad"] or case.few_images,
        "seed": seed,
        "findings": [
            {"kind": f.kind, "at": round(f.at_kimg / budget, 3), "since": round(f.since_kimg / budget, 3)}
            for f in diagnose(history)
        ],
        "end": end,
        **done,
    }


def totals(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what matters: failures caught, caught in the first half, healthy runs with an alarm."""
    failing, healthy = ([row for row in rows if row["fails"] == fails] for fails in (True, False))
    first = [row["findings"][0]["at"] for row in failing if row["findings"]]
    in_time = sum(at < 0.5 for at in first)
    false = sum(bool(row["findings"]) for row in healthy)
    return {
        "failing": len(failing),
        "caught": len(first),
        "caught_in_first_half": in_time,
        "median_share_of_budget": median(first) if first else None,
        "latest_share_of_budget": max(first) if first else None,
        "healthy": len(healthy),
        "false_alarms": false,
        "goal_met": in_time == len(failing) and not false,
    }


def table(cases: Sequence[Case], rows: Sequence[dict[str, Any]]) -> str:
    """Return the Markdown table of all cases, and the totals in words."""
    lines = [
        "| case | chosen | ended badly | found (seeds) | first found at | modes at the end | good |",
        "|---|---|---|---|---|---|---|",
    ]
    for case in sorted(cases, key=lambda case: not case.fails):
        own = [row for row in rows if row["case"] == case.name]
        kinds = [kind for row in own for kind in {finding["kind"]: 0 for finding in row["findings"]}]
        words = ", ".join(f"{kind.replace('_', ' ')} ({kinds.count(kind)})" for kind in dict.fromkeys(kinds))
        shares = ", ".join(f"{row['findings'][0]['at']:.0%}" if row["findings"] else "-" for row in own)
        modes = ", ".join("stopped" if row["stopped"] else str(row["end"]["modes"]) for row in own)
        good = ", ".join(f"{row['end']['good']:.2f}" for row in own)
        kind = "to fail" if case.fails else "as healthy"
        bad = f"{sum(row['fails'] for row in own)} of {len(own)}"
        cells = [case.name, f"{kind}: {case.why}", bad, words or "nothing", shares, modes, good]
        lines.append(f"| {' | '.join(cells)} |")
    found = totals(rows)
    caught = (
        f"Failing runs caught: {found['caught']} of {found['failing']}, {found['caught_in_first_half']} of "
        f"them in the first half of their budget"
    )
    if found["caught"]:
        middle, latest = found["median_share_of_budget"], found["latest_share_of_budget"]
        caught += f" (median at {middle:.0%}, latest at {latest:.0%})"
    return "\n".join(
        [*lines, "", f"{caught}. Healthy runs with an alarm: {found['false_alarms']} of {found['healthy']}."]
    )


def _line(row: dict[str, Any]) -> str:
    found = ", ".join(f"{finding['kind']} at {finding['at']:.0%}" for finding in row["findings"]) or "nothing"
    return f"{row['case']} seed {row['seed']} (ended {'badly' if row['fails'] else 'well'}): {found}"


if __name__ == "__main__":
    sys.exit(main())
