"""Is a run ever lost? `python scripts/chaos.py` kills, damages, fills and poisons runs, and prints a table.

Every fault has a run of its own, which goes on with `resume=` and must end with the bits of the run that was
left alone. `--quick` tries a few faults of each kind. Runs in which something was wrong stay in OUT/runs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

import torch

import gan_zoo.assemble.train
import gan_zoo.cli.train  # noqa: F401  (with the line above: what each process would have to import)
from chaos_faults import report
from chaos_faults.faults import chosen
from chaos_faults.lab import Lab


def main(arguments: Sequence[str] | None = None) -> int:
    """Try all faults and print; return 1 if one was not survived."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--faults", type=int, default=30, help="SIGKILLs; a fifth as many of each other kind")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and places that are drawn")
    parser.add_argument("--out", type=Path, default=Path("outputs/chaos"), help="folder for runs and report")
    parser.add_argument("--quick", action="store_true", help="a few faults of each kind, under two minutes")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    lab, results = Lab(given.out, given.seed), []
    for number, fault in enumerate(chosen(given.faults, given.quick)):
        lab.begin(number)
        results.append(lab.done(fault(lab)))
        print(report.line(results[-1]), file=sys.stderr, flush=True)
    text = report.table(results)
    (given.out / "report.md").write_text(text + "\n", encoding="utf-8")
    details = {"seed": given.seed, "faults": report.plain(results)}
    (given.out / "report.json").write_text(json.dumps(details, indent=2) + "\n", encoding="utf-8")
    print(text)
    return 0 if all(result.survived for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
