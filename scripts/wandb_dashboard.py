"""Make the views of a W&B project: `python scripts/wandb_dashboard.py project=gan_zoo`; see `--help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from gan_zoo.dashboard.command import main
from gan_zoo.errors import UserError

if __name__ == "__main__":
    try:
        main(sys.argv[1:], command="python scripts/wandb_dashboard.py")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
