"""Report a run, or compare many: `python scripts/report.py DIR...`; see `--help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from gan_zoo.cli.commands import run_program
from gan_zoo.cli.report import main

if __name__ == "__main__":
    sys.exit(run_program(lambda: main(sys.argv[1:], command="python scripts/report.py")))
