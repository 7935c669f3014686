"""List runs with state, progress and findings: `python scripts/runs.py [DIR] [--watch]`; see `--help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # for an uninstalled checkout

from gan_zoo.cli.runs import main
from gan_zoo.errors import UserError

if __name__ == "__main__":
    try:
        main(sys.argv[1:], command="python scripts/runs.py")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
