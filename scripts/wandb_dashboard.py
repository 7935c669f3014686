"""Make the views of a W&B project: `python scripts/wandb_dashboard.py project=gan_zoo`; see `--help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from gan_zoo.cli.commands import run_program
from gan_zoo.dashboard.command import main

if __name__ == "__main__":
    sys.exit(run_program(lambda: main(sys.argv[1:], command="python scripts/wandb_dashboard.py")))
